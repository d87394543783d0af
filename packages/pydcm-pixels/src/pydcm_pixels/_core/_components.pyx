"""Connected components: runs of voxels along x, joined to those of neighbouring rows."""
cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <stdint.h>
    #include <stdlib.h>
    #include <string.h>
    #if defined(__GNUC__)
    #define components_lowest(x) __builtin_ctzll(x)
    #else
    static int components_lowest(uint64_t x) { int n = 0; while (!(x & 1)) { x >>= 1; n++; } return n; }
    #endif
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
    #define COMPONENTS_CLONES __attribute__((target_clones("avx2", "default")))
    #else
    #define COMPONENTS_CLONES
    #endif
    /* edges[x] says whether voxel x differs from the one before (0 for the first) */
    #define COMPONENTS_EDGES(T, name) \\
        static COMPONENTS_CLONES void name(const T *row, int64_t n, int by_value, T other, uint8_t *edges) { \\
            if (by_value) { \\
                edges[0] = row[0] != 0; \\
                for (int64_t x = 1; x < n; x++) edges[x] = row[x] != row[x - 1]; \\
            } else { \\
                edges[0] = row[0] != other; \\
                for (int64_t x = 1; x < n; x++) edges[x] = (row[x] != other) ^ (row[x - 1] != other); \\
            } \\
        }
    COMPONENTS_EDGES(uint8_t, components_edges_u1)
    COMPONENTS_EDGES(uint16_t, components_edges_u2)
    COMPONENTS_EDGES(uint32_t, components_edges_u4)
    COMPONENTS_EDGES(uint64_t, components_edges_u8)
    """
    int components_lowest(uint64_t x) nogil
    void components_edges_u1(const uint8_t* row, int64_t n, int by_value, uint8_t other, uint8_t* edges) noexcept nogil
    void components_edges_u2(const uint16_t* row, int64_t n, int by_value, uint16_t other,
                             uint8_t* edges) noexcept nogil
    void components_edges_u4(const uint32_t* row, int64_t n, int by_value, uint32_t other,
                             uint8_t* edges) noexcept nogil
    void components_edges_u8(const uint64_t* row, int64_t n, int by_value, uint64_t other,
                             uint8_t* edges) noexcept nogil

ctypedef fused Item:
    uint8_t
    uint16_t
    uint32_t
    uint64_t

cdef struct Run:
    int32_t start
    int32_t stop


cdef class Part:
    """The runs of some planes of a volume; see :class:`Components`."""

    cdef Run* runs
    cdef uint64_t* values
    cdef int64_t* rows              # number of the first run of each row, and one more
    cdef int64_t n, room, first, last, base
    cdef bint by_value

    def __dealloc__(self):
        free(self.runs)
        free(self.values)
        free(self.rows)

    cdef bint reserve(self, int64_t more) noexcept nogil:
        """Make room for `more` runs."""
        cdef int64_t room = self.room
        cdef void* moved
        if self.n + more <= room:
            return True
        while room < self.n + more:
            room = 2 * room + 4096
        moved = realloc(self.runs, room * sizeof(Run))
        if moved == NULL:
            return False
        self.runs = <Run*> moved
        if self.by_value:
            moved = realloc(self.values, room * sizeof(uint64_t))
            if moved == NULL:
                return False
            self.values = <uint64_t*> moved
        self.room = room
        return True


cdef inline void edges_of(const Item* row, int64_t n, bint by_value, Item other, uint8_t* edges) noexcept nogil:
    if Item is uint8_t:
        components_edges_u1(row, n, by_value, other, edges)
    elif Item is uint16_t:
        components_edges_u2(row, n, by_value, other, edges)
    elif Item is uint32_t:
        components_edges_u4(row, n, by_value, other, edges)
    else:
        components_edges_u8(row, n, by_value, other, edges)


cdef inline int32_t root(int32_t* parents, int32_t i) noexcept nogil:
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i


cdef inline void join(int32_t* parents, int32_t a, int32_t b) noexcept nogil:
    """Join two components; the run that comes first stands for both."""
    a = root(parents, a)
    b = root(parents, b)
    if a < b:
        parents[b] = a
    else:
        parents[a] = b


cdef void join_rows(int32_t* parents, const Run* a, int64_t a_first, int64_t a_last, int64_t a_base, const uint64_t* av,
                    const Run* b, int64_t b_first, int64_t b_last, int64_t b_base, const uint64_t* bv,
                    int reach) noexcept nogil:
    """Join the runs of two rows that touch, or that come as near as `reach`."""
    cdef int64_t i = a_first, j = b_first
    cdef bint ahead
    if av == NULL:
        while i < a_last and j < b_last:
            if (a[i].start < b[j].stop + reach) & (b[j].start < a[i].stop + reach):
                join(parents, <int32_t> (a_base + i), <int32_t> (b_base + j))
            ahead = a[i].stop < b[j].stop        # an addition instead of a branch that nobody can foresee
            i += ahead
            j += 1 - ahead
        return
    while i < a_last and j < b_last:
        if (a[i].start < b[j].stop + reach) & (b[j].start < a[i].stop + reach) and av[i] == bv[j]:
            join(parents, <int32_t> (a_base + i), <int32_t> (b_base + j))
        if a[i].stop < b[j].stop:
            i += 1
        else:
            # where other values follow at once, the next of `a` may still come near this one of `b`
            if reach and a[i].stop == b[j].stop and i + 1 < a_last:
                if a[i + 1].start == a[i].stop and av[i + 1] == bv[j]:
                    join(parents, <int32_t> (a_base + i + 1), <int32_t> (b_base + j))
            j += 1


cdef class Components:
    """Connected components of a volume.

    First :meth:`find` is called for all parts, in any order and thread; then :meth:`prepare`; :meth:`connect` for all
    parts; :meth:`finish`. Then :meth:`describe` and :meth:`write` may be called.

    Parameters
    ----------
    depth, height, width : int
        Shape (z, y, x).
    bounds : list of int
        Where the parts begin along z, and where the last ends.
    connectivity : {6, 18, 26}
        Which neighbours of a voxel are connected to it.
    by_value : bool
        Whether connected voxels have the same value; 0 is no component then. Else those are of interest that are not
        equal to `other` of :meth:`find`.
    """

    cdef list parts
    cdef int64_t depth, height, width, total
    cdef int connectivity
    cdef bint by_value
    cdef int32_t* parents           # of a run the one it belongs to; in the end the number of its component
    cdef readonly int64_t n, n_parts
    cdef bint done

    def __dealloc__(self):
        free(self.parents)

    def __init__(self, int64_t depth, int64_t height, int64_t width, bounds, int connectivity, bint by_value):
        cdef Part part
        if connectivity not in (6, 18, 26):
            raise ValueError(f"connectivity is 6, 18 or 26, not {connectivity}")
        if min(depth, height, width) < 1 or width >= 1 << 30 or depth * height >= 1 << 40:
            raise ValueError("there are no such volumes")
        if bounds[0] != 0 or bounds[-1] != depth or sorted(set(bounds)) != list(bounds) or self.parts is not None:
            raise ValueError("the parts have to follow one another")
        self.depth, self.height, self.width = depth, height, width
        self.connectivity, self.by_value = connectivity, by_value
        self.parts = []
        self.n_parts = len(bounds) - 1
        for first, last in zip(bounds, bounds[1:]):
            part = Part()
            part.first, part.last, part.by_value = first, last, by_value
            part.rows = <int64_t*> calloc((part.last - part.first) * height + 1, sizeof(int64_t))
            if part.rows == NULL:
                raise MemoryError
            self.parts.append(part)

    @cython.boundscheck(False)
    @cython.wraparound(False)
    @cython.cdivision(True)
    def find(self, const Item[:, :, ::1] src not None, int64_t number, Item other=0) -> None:
        """Find the runs of one part; `other` is the value of voxels that are in no component."""
        cdef Part part = self.parts[number]
        cdef int64_t z, y, x, at, n, row = 0, width = self.width
        cdef uint64_t word
        cdef uint8_t* edges
        cdef const Item* line
        cdef bint inside, fine = True, by_value = self.by_value
        cdef Run* runs
        if src.shape[0] != self.depth or src.shape[1] != self.height or src.shape[2] != width:
            raise ValueError("the volume has another shape")
        if part.n or part.rows[0]:
            raise ValueError("this part has been searched")
        edges = <uint8_t*> calloc(width + 16, 1)
        if edges == NULL:
            raise MemoryError
        with nogil:
            for z in range(part.first, part.last):
                if not fine:
                    break
                for y in range(self.height):
                    line = &src[z, y, 0]
                    part.rows[row] = part.n
                    row += 1
                    if not part.reserve(width + 2):
                        fine = False
                        break
                    edges_of(line, width, by_value, other, edges)
                    runs = part.runs
                    n = part.n
                    inside = False
                    for x in range(0, width, 8):
                        memcpy(&word, edges + x, 8)
                        while word:
                            at = x + (components_lowest(word) >> 3)
                            word &= word - 1
                            if inside:
                                runs[n].stop = <int32_t> at
                                n += 1
                            inside = line[at] != 0 if by_value else not inside
                            if inside:
                                runs[n].start = <int32_t> at
                                if by_value:
                                    part.values[n] = <uint64_t> line[at]
                    if inside:
                        runs[n].stop = <int32_t> width
                        n += 1
                    part.n = n
            part.rows[row] = part.n
        free(edges)
        if not fine:
            raise MemoryError

    def prepare(self) -> None:
        """Number the runs of all parts."""
        cdef Part part
        cdef int64_t i
        if self.parents != NULL:
            raise ValueError("the runs have been numbered")
        for part in self.parts:
            part.base = self.total
            self.total += part.n
        if self.total >= 1 << 31:
            raise MemoryError("there are more than 2**31 runs of voxels")
        self.parents = <int32_t*> malloc((self.total + 1) * sizeof(int32_t))
        if self.parents == NULL:
            raise MemoryError
        for i in range(self.total):
            self.parents[i] = <int32_t> i

    cdef void join_planes(self, Part part, int64_t z, Part before) noexcept nogil:
        """Join the runs of plane `z` of `part` to those of the plane before, which may be of another part."""
        cdef int64_t y, row, other, up, offset = z - part.first, height = self.height
        cdef int64_t below = z - 1 - before.first
        cdef int reach = 0 if self.connectivity == 6 else 1
        for y in range(height):
            row = offset * height + y
            if part.rows[row] == part.rows[row + 1]:
                continue
            for up in range(-1, 2):
                if (up and self.connectivity == 6) or not 0 <= y + up < height:
                    continue
                other = below * height + y + up
                join_rows(self.parents, part.runs, part.rows[row], part.rows[row + 1], part.base,
                          part.values if self.by_value else NULL, before.runs, before.rows[other],
                          before.rows[other + 1], before.base, before.values,
                          reach if not up or self.connectivity == 26 else 0)

    def connect(self, int64_t number) -> None:
        """Join the runs of one part."""
        cdef Part part = self.parts[number]
        cdef int64_t z, y, row
        cdef int reach = 0 if self.connectivity == 6 else 1
        if self.parents == NULL or self.done:
            raise ValueError("the runs are not numbered, or joined already")
        with nogil:
            for z in range(part.first, part.last):
                if z > part.first:
                    self.join_planes(part, z, part)
                for y in range(1, self.height):
                    row = (z - part.first) * self.height + y
                    join_rows(self.parents, part.runs, part.rows[row], part.rows[row + 1], part.base,
                              part.values if self.by_value else NULL, part.runs, part.rows[row - 1], part.rows[row],
                              part.base, part.values, reach)

    def finish(self) -> None:
        """Join the parts, and number the components by their first voxels."""
        cdef Part part, before = None
        cdef int64_t i
        cdef int32_t n = 0
        cdef int32_t* parents = self.parents
        if parents == NULL or self.done:
            raise ValueError("the runs are not numbered, or joined already")
        for part in self.parts:
            if before is not None:
                with nogil:
                    self.join_planes(part, part.first, before)
            before = part
        with nogil:
            for i in range(self.total):
                # a run comes after the one that stands for it, whose number has taken its place already
                if parents[i] == i:
                    parents[i] = n
                    n += 1
                else:
                    parents[i] = parents[parents[i]]
        self.n = n
        self.done = True

    @cython.boundscheck(False)
    @cython.wraparound(False)
    def describe(self, int64_t[::1] sizes not None, uint64_t[::1] values not None, int32_t[:, ::1] boxes not None) -> None:
        """Write for each component its number of voxels, its value (if found by value) and its bounding box.

        The arrays have room for one more than there are components. A box is (z, y, x) of its first voxels and, behind
        them, of the first that are no more in it.
        """
        cdef Part part
        cdef int64_t i, z, y, row
        cdef int32_t number
        cdef int32_t* box
        cdef Run run
        if not self.done or min(sizes.shape[0], values.shape[0], boxes.shape[0]) <= self.n or boxes.shape[1] != 6:
            raise ValueError("the components are not known, or there is no room for them")
        if self.depth >= 1 << 31 or self.height >= 1 << 31:
            raise ValueError("an axis is too long")
        for i in range(self.n + 1):
            sizes[i] = values[i] = 0
            boxes[i, 0] = boxes[i, 1] = boxes[i, 2] = 0x7FFFFFFF
            boxes[i, 3] = boxes[i, 4] = boxes[i, 5] = 0
        for part in self.parts:
            with nogil:
                for z in range(part.first, part.last):
                    for y in range(self.height):
                        row = (z - part.first) * self.height + y
                        for i in range(part.rows[row], part.rows[row + 1]):
                            number = self.parents[part.base + i]
                            run = part.runs[i]
                            box = &boxes[number, 0]
                            sizes[number] += run.stop - run.start
                            if self.by_value:
                                values[number] = part.values[i]
                            box[0] = box[0] if box[0] < z else <int32_t> z
                            box[1] = box[1] if box[1] < y else <int32_t> y
                            box[2] = box[2] if box[2] < run.start else run.start
                            box[3] = <int32_t> z + 1
                            box[4] = box[4] if box[4] > y else <int32_t> y + 1
                            box[5] = box[5] if box[5] > run.stop else run.stop

    @cython.boundscheck(False)
    @cython.wraparound(False)
    def write(self, Item[:, :, ::1] out not None, int64_t number, const Item[::1] table not None,
              const uint8_t[::1] chosen not None) -> None:
        """Write ``table[c]`` to all voxels of components `c` of one part for which ``chosen[c]`` is not 0."""
        cdef Part part = self.parts[number]
        cdef int64_t z, y, x, i, row, component
        cdef Item value
        cdef Item* line
        if out.shape[0] != self.depth or out.shape[1] != self.height or out.shape[2] != self.width:
            raise ValueError("the volume has another shape")
        if not self.done or min(table.shape[0], chosen.shape[0]) < self.n:
            raise ValueError("the components are not known, or have no values")
        with nogil:
            for z in range(part.first, part.last):
                for y in range(self.height):
                    line = &out[z, y, 0]
                    row = (z - part.first) * self.height + y
                    for i in range(part.rows[row], part.rows[row + 1]):
                        component = self.parents[part.base + i]
                        if chosen[component]:
                            value = table[component]
                            for x in range(part.runs[i].start, part.runs[i].stop):
                                line[x] = value
