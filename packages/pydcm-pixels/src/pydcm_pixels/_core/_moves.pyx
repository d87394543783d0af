"""Voxels moved to other places, unchanged: picked by index along each axis, or with their axes exchanged."""
cimport cython
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    /* Copy n items backwards, eight bytes at a time; `src` is the last of them. */
    #define MOVES_REVERSE(type, turn) { \
        type *to = (type *)out; const type *from = (const type *)src; \
        for (; i + (int64_t)(8 / sizeof(type)) <= n; i += 8 / sizeof(type)) { \
            memcpy(&v, from - i - (8 / sizeof(type) - 1), 8); turn; memcpy(to + i, &v, 8); } \
        for (; i < n; i++) to[i] = from[-i]; }
    static void moves_reverse(const void *src, void *out, int64_t n, int size) {
        const uint64_t low2 = 0x0000ffff0000ffffu, low1 = 0x00ff00ff00ff00ffu;
        int64_t i = 0;
        uint64_t v;
        if (size == 1)
            MOVES_REVERSE(uint8_t, (v = v >> 32 | v << 32, v = (v >> 16 & low2) | (v & low2) << 16,
                                    v = (v >> 8 & low1) | (v & low1) << 8))
        else if (size == 2)
            MOVES_REVERSE(uint16_t, (v = v >> 32 | v << 32, v = (v >> 16 & low2) | (v & low2) << 16))
        else if (size == 4)
            MOVES_REVERSE(uint32_t, v = v >> 32 | v << 32)
        else
            MOVES_REVERSE(uint64_t, v = v)
    }
    """
    void moves_reverse(const void* src, void* out, int64_t n, int size) noexcept nogil

ctypedef fused Item:
    uint8_t
    uint16_t
    uint32_t
    uint64_t

cdef enum:
    FILL = 0                  # kinds of runs along x
    UP = 1
    DOWN = 2
    ONE = 3

cdef struct Run:
    int64_t kind
    int64_t source
    int64_t target
    int64_t length


@cython.boundscheck(False)
@cython.wraparound(False)
cdef int64_t runs_of(const int64_t[::1] index, Run* runs) noexcept nogil:
    """Split indices into stretches that follow one another upwards or downwards, or that are nowhere (-1)."""
    cdef int64_t n = index.shape[0], i = 0, j, step, found = 0
    while i < n:
        j = i + 1
        if index[i] < 0:
            while j < n and index[j] < 0:
                j += 1
            runs[found].kind = FILL
        else:
            step = index[j] - index[i] if j < n else 0
            if j < n and index[j] >= 0 and -1 <= step <= 1:
                while j < n and index[j] >= 0 and index[j] - index[j - 1] == step:
                    j += 1
                runs[found].kind = UP if step > 0 else (DOWN if step < 0 else ONE)
            else:
                runs[found].kind = UP
        runs[found].source = index[i]
        runs[found].target = i
        runs[found].length = j - i
        found += 1
        i = j
    return found


cdef inline void fill(Item* out, int64_t n, Item value) noexcept nogil:
    cdef int64_t i
    for i in range(n):
        out[i] = value


cdef inline void put_run(const Item* row, Item* out, const Run* run, Item value) noexcept nogil:
    cdef int64_t i
    cdef const Item* src = row + run.source
    out += run.target
    if run.kind == UP:
        if run.length < 8:
            for i in range(run.length):
                out[i] = src[i]
        else:
            memcpy(out, src, run.length * sizeof(Item))
    elif run.kind == DOWN:
        moves_reverse(src, out, run.length, sizeof(Item))
    else:
        fill(out, run.length, value if run.kind == FILL else src[0])


cdef inline void pick(const Item* row, Item* out, const int64_t* index, int64_t n) noexcept nogil:
    cdef int64_t i
    for i in range(n):
        out[i] = row[index[i]]


cdef check_index(const int64_t[::1] index, int64_t length, int64_t n):
    cdef Py_ssize_t i
    if index.shape[0] != n:
        raise ValueError("each place of the result needs an index")
    for i in range(index.shape[0]):
        if not -1 <= index[i] < length:
            raise ValueError(f"index {index[i]} is outside of an axis of length {length}")


@cython.boundscheck(False)
@cython.wraparound(False)
def gather(const Item[:, :, ::1] src not None, Item[:, :, ::1] out not None, const int64_t[::1] iz not None,
           const int64_t[::1] iy not None, const int64_t[::1] ix not None, Item value, int64_t start,
           int64_t stop) -> None:
    """Write planes ``start:stop`` of ``out[z, y, x] = src[iz[z], iy[y], ix[x]]``.

    Parameters
    ----------
    src, out : arrays of unsigned integers, (z, y, x)
        Voxels of any type seen as bytes, two bytes, four or eight.
    iz, iy, ix : arrays of int64
        For each place of `out` along an axis the place in `src`; -1 for none.
    value : int
        What voxels get that come from nowhere.
    start, stop : int
        Which planes of `out`.
    """
    cdef int64_t z, y, n, row, k, columns = out.shape[2], rows = out.shape[1], before
    cdef Run* runs
    cdef Item* to
    cdef Item* line
    cdef bint whole, everywhere
    check_index(iz, src.shape[0], out.shape[0])
    check_index(iy, src.shape[1], out.shape[1])
    check_index(ix, src.shape[2], out.shape[2])
    if not 0 <= start <= stop <= out.shape[0]:
        raise ValueError("there are no such planes")
    if start == stop or not rows or not columns:
        return
    runs = <Run*> malloc(columns * sizeof(Run))
    line = <Item*> malloc(columns * sizeof(Item))
    if runs == NULL or line == NULL:
        free(runs)
        free(line)
        raise MemoryError
    with nogil:
        n = runs_of(ix, runs)
        whole = n == 1 and runs[0].kind == UP
        everywhere = True
        for k in range(n):
            everywhere = everywhere and runs[k].kind != FILL
        for z in range(start, stop):
            if z > start and iz[z] == iz[z - 1]:
                memcpy(&out[z, 0, 0], &out[z - 1, 0, 0], rows * columns * sizeof(Item))
                continue
            before = -2                                  # what is in `line`: a row of the image, -1 for the value alone
            for y in range(rows):
                row = -1 if iz[z] < 0 else iy[y]
                to = &out[z, y, 0]
                if row >= 0 and whole:
                    memcpy(to, &src[iz[z], row, runs[0].source], columns * sizeof(Item))
                    continue
                if row < 0 and before != -1:
                    fill(line, columns, value)
                elif row >= 0 and row != before:
                    if n > columns // 8 and everywhere:
                        pick(&src[iz[z], row, 0], line, &ix[0], columns)
                    else:
                        for k in range(n):
                            put_run(&src[iz[z], row, 0], line, &runs[k], value)
                before = row
                memcpy(to, line, columns * sizeof(Item))
    free(runs)
    free(line)


@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cdivision(True)
def permute(const Item[:, :, :] src not None, Item[:, :, ::1] out not None, int64_t start, int64_t stop) -> None:
    """Write planes ``start:stop`` of ``out = src`` for an `src` with any order of axes in memory, some maybe backwards.

    Parameters
    ----------
    src, out : arrays of unsigned integers, (z, y, x)
        Voxels of any type seen as bytes, two bytes, four or eight.
    start, stop : int
        Which planes of `out`.
    """
    cdef int64_t rows = out.shape[1], columns = out.shape[2], z, y, x, y0, x0, y1, x1, z0, z1
    cdef int64_t sz = src.strides[0] // <int64_t> sizeof(Item), sy = src.strides[1] // <int64_t> sizeof(Item)
    cdef int64_t sx = src.strides[2] // <int64_t> sizeof(Item)
    cdef const Item* origin
    cdef const Item* a
    cdef Item* to
    cdef Item* line
    if src.shape[0] != out.shape[0] or src.shape[1] != rows or src.shape[2] != columns:
        raise ValueError("the arrays have different shapes")
    if not 0 <= start <= stop <= out.shape[0]:
        raise ValueError("there are no such planes")
    if start == stop or not rows or not columns:
        return
    origin = &src[0, 0, 0]
    to = &out[0, 0, 0]
    # what is read upwards is fetched ahead of time, and turned while it is near
    line = <Item*> malloc(columns * sizeof(Item))
    if line == NULL:
        raise MemoryError
    with nogil:
        if sx == 1 and sy == columns:
            for z in range(start, stop):
                memcpy(to + z * rows * columns, origin + z * sz, rows * columns * sizeof(Item))
        elif sx == 1:
            for z in range(start, stop):
                for y in range(rows):
                    memcpy(to + (z * rows + y) * columns, origin + z * sz + y * sy, columns * sizeof(Item))
        elif sx == -1:
            for z in range(start, stop):
                for y in range(rows):
                    memcpy(line, origin + z * sz + y * sy - (columns - 1), columns * sizeof(Item))
                    moves_reverse(line + columns - 1, to + (z * rows + y) * columns, columns, sizeof(Item))
        elif sy == 1 or sy == -1:
            for z in range(start, stop):
                for y0 in range(0, rows, 32):
                    y1 = y0 + 32 if y0 + 32 < rows else rows
                    for x0 in range(0, columns, 32):
                        x1 = x0 + 32 if x0 + 32 < columns else columns
                        for y in range(y0, y1):
                            a = origin + z * sz + y * sy
                            for x in range(x0, x1):
                                to[(z * rows + y) * columns + x] = a[x * sx]
        else:
            for z0 in range(start, stop, 32):
                z1 = z0 + 32 if z0 + 32 < stop else stop
                for y in range(rows):
                    for x0 in range(0, columns, 32):
                        x1 = x0 + 32 if x0 + 32 < columns else columns
                        for z in range(z0, z1):
                            a = origin + z * sz + y * sy
                            for x in range(x0, x1):
                                to[(z * rows + y) * columns + x] = a[x * sx]
    free(line)
