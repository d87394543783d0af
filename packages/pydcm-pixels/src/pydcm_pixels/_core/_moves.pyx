"""Voxels moved to other places, unchanged: picked by index along each axis, or with their axes exchanged."""
cimport cython
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
    #define MOVES_CLONES __attribute__((target_clones("avx2", "default")))
    #else
    #define MOVES_CLONES
    #endif
    #if defined(__GNUC__)
    #define MOVES_FETCH(p) __builtin_prefetch(p)
    #else
    #define MOVES_FETCH(p) ((void)(p))
    #endif
    /* Have a row fetched that is to be read backwards soon: by itself the processor fetches what is read upwards. */
    static inline void moves_fetch(const void *row, int64_t bytes) {
        for (int64_t i = 0; i < bytes; i += 64) MOVES_FETCH((const char *)row + i);
    }

    /* Copy bytes in pieces: for more than 2 KiB the C library may leave it to one instruction, which some processors take
       five times as long for where both addresses are nearly alike in their lowest 12 bits. */
    enum { MOVES_PIECE = 1024 };
    static void moves_copy(void *out, const void *src, int64_t bytes) {
        char *to = (char *)out;
        const char *from = (const char *)src;
        for (; bytes > MOVES_PIECE; to += MOVES_PIECE, from += MOVES_PIECE, bytes -= MOVES_PIECE)
            memcpy(to, from, MOVES_PIECE);
        memcpy(to, from, (size_t)bytes);
    }

    /* Copy n items backwards; `src` is the last of them. */
    #define MOVES_REVERSE(type) { \\
        type *restrict to = (type *)out; const type *restrict from = (const type *)src; \\
        for (int64_t i = 0; i < n; i++) to[i] = from[-i]; }
    static MOVES_CLONES void moves_reverse(const void *src, void *out, int64_t n, int size) {
        if (size == 1)
            MOVES_REVERSE(uint8_t)
        else if (size == 2)
            MOVES_REVERSE(uint16_t)
        else if (size == 4)
            MOVES_REVERSE(uint32_t)
        else
            MOVES_REVERSE(uint64_t)
    }

    /* A tile of an image whose rows are columns of the other: n_a items, one step of `sa` (1 or -1) apart in `a`, of each
       of n_x rows. Lines of the cache are read whole, from places that may be all in one set of it, and written whole. */
    enum { MOVES_LINE = 64 };
    #define MOVES_TILE(type, name) \\
        static void name(const type *a, int64_t sa, int64_t n_a, int64_t sx, int64_t n_x, type *to, int64_t to_a) { \\
            enum { SIDE = MOVES_LINE / sizeof(type) }; \\
            type tile[SIDE][SIDE]; \\
            const type *first = sa > 0 ? a : a - (n_a - 1); \\
            for (int64_t x = 0; x < n_x; x++) { \\
                if (n_a == SIDE) memcpy(tile[x], first + x * sx, MOVES_LINE); \\
                else memcpy(tile[x], first + x * sx, (size_t)n_a * sizeof(type)); \\
            } \\
            for (int64_t i = 0; i < n_a; i++) { \\
                const type *column = &tile[0][sa > 0 ? i : n_a - 1 - i]; \\
                type *restrict o = to + i * to_a; \\
                if (n_x == SIDE) for (int x = 0; x < SIDE; x++) o[x] = column[x * SIDE]; \\
                else for (int64_t x = 0; x < n_x; x++) o[x] = column[x * SIDE]; \\
            } \\
        }
    MOVES_TILE(uint8_t, moves_tile_1)
    MOVES_TILE(uint16_t, moves_tile_2)
    MOVES_TILE(uint32_t, moves_tile_4)
    MOVES_TILE(uint64_t, moves_tile_8)

    /* What 16 bytes of a row are made of: bytes from `source` on, moved by up to MOVES_PARTS shuffles. */
    enum { MOVES_PARTS = 4 };
    typedef struct { int64_t source, target; uint8_t places[MOVES_PARTS][16]; } moves_block;
    #if defined(__GNUC__) && defined(__x86_64__)
    #include <tmmintrin.h>
    static int moves_can_shuffle(void) { return __builtin_cpu_supports("ssse3"); }
    #define MOVES_PART(k) _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(from + 16 * k)), \\
                                           _mm_loadu_si128((const __m128i *)block->places[k]))
    #define MOVES_SHUFFLE(parts) \\
        for (; block < end; block++) { \\
            const char *from = src + block->source; \\
            _mm_storeu_si128((__m128i *)(out + block->target), parts); }
    __attribute__((target("ssse3")))
    static void moves_shuffle(const moves_block *block, int64_t n, int parts, const char *src, char *out) {
        const moves_block *end = block + n;
        if (parts == 1)
            MOVES_SHUFFLE(MOVES_PART(0))
        else if (parts == 2)
            MOVES_SHUFFLE(_mm_or_si128(MOVES_PART(0), MOVES_PART(1)))
        else
            MOVES_SHUFFLE(_mm_or_si128(_mm_or_si128(MOVES_PART(0), MOVES_PART(1)),
                                       _mm_or_si128(MOVES_PART(2), MOVES_PART(3))))
    }
    #else
    static int moves_can_shuffle(void) { return 0; }
    static void moves_shuffle(const moves_block *block, int64_t n, int parts, const char *src, char *out) {}
    #endif
    """
    enum:
        MOVES_PARTS
        MOVES_LINE
    ctypedef struct moves_block:
        int64_t source
        int64_t target
        uint8_t[4][16] places
    bint moves_can_shuffle() noexcept nogil
    void moves_copy(void* out, const void* src, int64_t n_bytes) noexcept nogil
    void moves_tile_1(const uint8_t* a, int64_t sa, int64_t n_a, int64_t sx, int64_t n_x, uint8_t* to,
                      int64_t to_a) noexcept nogil
    void moves_tile_2(const uint16_t* a, int64_t sa, int64_t n_a, int64_t sx, int64_t n_x, uint16_t* to,
                      int64_t to_a) noexcept nogil
    void moves_tile_4(const uint32_t* a, int64_t sa, int64_t n_a, int64_t sx, int64_t n_x, uint32_t* to,
                      int64_t to_a) noexcept nogil
    void moves_tile_8(const uint64_t* a, int64_t sa, int64_t n_a, int64_t sx, int64_t n_x, uint64_t* to,
                      int64_t to_a) noexcept nogil
    void moves_shuffle(const moves_block* block, int64_t n, int parts, const char* src, char* out) noexcept nogil
    void moves_fetch(const void* row, int64_t bytes) noexcept nogil
    void moves_reverse(const void* src, void* out, int64_t n, int size) noexcept nogil

ctypedef fused Item:
    uint8_t
    uint16_t
    uint32_t
    uint64_t

cdef enum:
    AHEAD = 4                 # rows that are fetched before their turn
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
            moves_copy(out, src, run.length * sizeof(Item))
    elif run.kind == DOWN:
        moves_reverse(src, out, run.length, sizeof(Item))
    else:
        fill(out, run.length, value if run.kind == FILL else src[0])


cdef inline void pick(const Item* row, Item* out, const int64_t* index, int64_t n) noexcept nogil:
    cdef int64_t i
    for i in range(n):
        out[i] = row[index[i]]


@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cdivision(True)
cdef int blocks_of(const int64_t[::1] index, int64_t length, int64_t size, moves_block* blocks) noexcept nogil:
    """Set how each 16 bytes of a row are shuffled from few loads; return how many loads that takes, 0 if too many.

    The row has at least 16 bytes, and the one that is read `length` items; the last block may overlap the one before.
    """
    cdef int64_t n = index.shape[0], k = 16 // size, b, i, byte, start, low, high, most = 0
    cdef int parts
    for b in range((n + k - 1) // k):
        start = min(b * k, n - k)
        low = high = index[start]
        for i in range(start, start + k):
            low, high = min(low, index[i]), max(high, index[i])
        blocks[b].target, blocks[b].source = start * size, low
        most = max(most, high - low + 1)
    parts = 1 if most <= k else (2 if most <= 2 * k else MOVES_PARTS)
    if most > parts * k or length < parts * k:
        return 0
    for b in range((n + k - 1) // k):
        start = blocks[b].target // size
        low = min(blocks[b].source, length - parts * k)
        blocks[b].source = low * size
        for i in range(k):
            for byte in range(size):
                high = (index[start + i] - low) * size + byte
                for part in range(parts):           # 128: nothing
                    blocks[b].places[part][i * size + byte] = <uint8_t> (high % 16 if high // 16 == part else 128)
    return parts


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
    cdef int64_t z, y, n, row, before, k, columns = out.shape[2], rows = out.shape[1]
    cdef int64_t n_blocks = (columns * sizeof(Item) + 15) // 16
    cdef int parts = 0
    cdef Run* runs
    cdef moves_block* blocks
    cdef Item* to
    cdef bint whole, everywhere
    check_index(iz, src.shape[0], out.shape[0])
    check_index(iy, src.shape[1], out.shape[1])
    check_index(ix, src.shape[2], out.shape[2])
    if not 0 <= start <= stop <= out.shape[0]:
        raise ValueError("there are no such planes")
    if start == stop or not rows or not columns:
        return
    runs = <Run*> malloc(columns * sizeof(Run))
    blocks = <moves_block*> malloc(n_blocks * sizeof(moves_block))
    if runs == NULL or blocks == NULL:
        free(runs)
        free(blocks)
        raise MemoryError
    with nogil:
        n = runs_of(ix, runs)
        whole = n == 1 and runs[0].kind == UP
        everywhere = True
        for k in range(n):
            everywhere = everywhere and runs[k].kind != FILL
        if everywhere and n > columns // 16 and columns * sizeof(Item) >= 16 and moves_can_shuffle():
            parts = blocks_of(ix, src.shape[2], sizeof(Item), blocks)
        for z in range(start, stop):
            if z > start and iz[z] == iz[z - 1]:
                moves_copy(&out[z, 0, 0], &out[z - 1, 0, 0], rows * columns * sizeof(Item))
                continue
            before = -2                                  # which row of the image was the last one, -1 for the value alone
            for y in range(rows):
                row = -1 if iz[z] < 0 else iy[y]
                to = &out[z, y, 0]
                if row >= 0 and y + AHEAD < rows and iy[y + AHEAD] >= 0 and iy[y + AHEAD] > row + AHEAD:
                    moves_fetch(&src[iz[z], iy[y + AHEAD], 0], src.shape[2] * sizeof(Item))
                if row == before:
                    moves_copy(to, to - columns, columns * sizeof(Item))
                elif row < 0:
                    fill(to, columns, value)
                elif whole:
                    moves_copy(to, &src[iz[z], row, runs[0].source], columns * sizeof(Item))
                elif parts:
                    moves_shuffle(blocks, n_blocks, parts, <const char*> &src[iz[z], row, 0], <char*> to)
                elif n > columns // 8 and everywhere:
                    pick(&src[iz[z], row, 0], to, &ix[0], columns)
                else:
                    for k in range(n):
                        put_run(&src[iz[z], row, 0], to, &runs[k], value)
                before = row
    free(runs)
    free(blocks)


cdef inline void tile(const Item* a, int64_t sa, int64_t n_a, int64_t sx, int64_t n_x, Item* to,
                      int64_t to_a) noexcept nogil:
    """Write a tile of an image whose rows are columns of the other."""
    if Item is uint8_t:
        moves_tile_1(a, sa, n_a, sx, n_x, to, to_a)
    elif Item is uint16_t:
        moves_tile_2(a, sa, n_a, sx, n_x, to, to_a)
    elif Item is uint32_t:
        moves_tile_4(a, sa, n_a, sx, n_x, to, to_a)
    else:
        moves_tile_8(a, sa, n_a, sx, n_x, to, to_a)


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
    cdef int64_t rows = out.shape[1], columns = out.shape[2], z, y, x, k, y0, x0, x1, z0, z1
    cdef int64_t sz = src.strides[0] // <int64_t> sizeof(Item), sy = src.strides[1] // <int64_t> sizeof(Item)
    cdef int64_t sx = src.strides[2] // <int64_t> sizeof(Item)
    cdef int64_t side = MOVES_LINE // <int64_t> sizeof(Item)
    cdef const Item* origin
    cdef const Item* a
    cdef Item* to
    if src.shape[0] != out.shape[0] or src.shape[1] != rows or src.shape[2] != columns:
        raise ValueError("the arrays have different shapes")
    if not 0 <= start <= stop <= out.shape[0]:
        raise ValueError("there are no such planes")
    if start == stop or not rows or not columns:
        return
    origin = &src[0, 0, 0]
    to = &out[0, 0, 0]
    with nogil:
        if sx == 1 and sy == columns:
            for z in range(start, stop):
                moves_copy(to + z * rows * columns, origin + z * sz, rows * columns * sizeof(Item))
        elif sx == 1 or sx == -1:
            for z in range(start, stop):
                for k in range(rows):                    # upwards in `src`, which the processor fetches ahead
                    y = k if sy > 0 else rows - 1 - k
                    a = origin + z * sz + y * sy
                    if sx == 1:
                        moves_copy(to + (z * rows + y) * columns, a, columns * sizeof(Item))
                    else:
                        if k + AHEAD < rows:
                            moves_fetch(a - (columns - 1) + AHEAD * (sy if sy > 0 else -sy), columns * sizeof(Item))
                        moves_reverse(a, to + (z * rows + y) * columns, columns, sizeof(Item))
        elif sy == 1 or sy == -1:
            for z in range(start, stop):
                for y0 from 0 <= y0 < rows by side:
                    for x0 from 0 <= x0 < columns by side:
                        tile(origin + z * sz + y0 * sy + x0 * sx, sy, min(side, rows - y0), sx, min(side, columns - x0),
                             to + (z * rows + y0) * columns + x0, columns)
        elif sz == 1 or sz == -1:
            for z0 from start <= z0 < stop by side:
                for y in range(rows):
                    for x0 from 0 <= x0 < columns by side:
                        tile(origin + z0 * sz + y * sy + x0 * sx, sz, min(side, stop - z0), sx, min(side, columns - x0),
                             to + (z0 * rows + y) * columns + x0, rows * columns)
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
