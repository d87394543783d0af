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
        static COMPONENTS_CLONES void name(const T *row, int64_t n, uint8_t *edges) { \\
            edges[0] = row[0] != 0; \\
            for (int64_t x = 1; x < n; x++) edges[x] = row[x] != row[x - 1]; \\
        }
    COMPONENTS_EDGES(uint8_t, components_edges_u1)
    COMPONENTS_EDGES(uint16_t, components_edges_u2)
    COMPONENTS_EDGES(uint32_t, components_edges_u4)
    COMPONENTS_EDGES(uint64_t, components_edges_u8)
    /* One bit per voxel: whether it is not `other`. */
    #define COMPONENTS_BITS(T, name) \\
        static COMPONENTS_CLONES void name(const T *row, int64_t n, T other, uint64_t *bits) { \\
            uint8_t bytes[64]; \\
            for (int64_t x = 0; x < n; x += 64) { \\
                uint64_t word = 0, eight; \\
                if (n - x >= 64) \\
                    for (int i = 0; i < 64; i++) bytes[i] = row[x + i] != other; \\
                else \\
                    for (int i = 0; i < 64; i++) bytes[i] = x + i < n && row[x + i] != other; \\
                for (int i = 0; i < 8; i++) { \\
                    memcpy(&eight, bytes + 8 * i, 8); \\
                    word |= ((eight * 0x0102040810204080ULL) >> 56) << (8 * i); \\
                } \\
                bits[x >> 6] = word; \\
            } \\
        }
    COMPONENTS_BITS(uint8_t, components_bits_u1)
    COMPONENTS_BITS(uint16_t, components_bits_u2)
    COMPONENTS_BITS(uint32_t, components_bits_u4)
    COMPONENTS_BITS(uint64_t, components_bits_u8)

    #if defined(__GNUC__)
    #define components_count(x) __builtin_popcountll(x)
    #define COMPONENTS_INLINE static inline __attribute__((always_inline))
    #else
    static int components_count(uint64_t x) { int n = 0; while (x) { x &= x - 1; n++; } return n; }
    #define COMPONENTS_INLINE static inline
    #endif
    /* A row: its bits (the words before and behind are 0), and how many runs begin before each word. */
    typedef struct { const uint64_t *bits; const int32_t *ranks; int64_t base; } components_row;

    COMPONENTS_INLINE int32_t components_run(const components_row *row, int64_t x) {
        int64_t w = x >> 6;
        uint64_t word = row->bits[w], starts = word & ~(word << 1 | row->bits[w - 1] >> 63);
        return (int32_t)(row->base + row->ranks[w]) + components_count(starts << (63 - (x & 63))) - 1;
    }
    COMPONENTS_INLINE void components_unite(int32_t *parents, int32_t a, int32_t b) {
        int32_t i = a, j = b;
        while (parents[i] != i) i = parents[i];
        while (parents[j] != j) j = parents[j];
        if (j < i) {
            parents[i] = j;
            i = j;
        } else parents[j] = i;
        parents[parents[a]] = i;
        parents[a] = i;
        parents[parents[b]] = i;
        parents[b] = i;
    }
    /* Unite the runs of `a` at all voxels of a word with those of `b`, `off` voxels aside; one of a stretch will do. */
    COMPONENTS_INLINE void components_touch(int32_t *parents, const components_row *a, const components_row *b,
                                            int64_t x, uint64_t word, int off) {
        for (word &= ~(word << 1); word; word &= word - 1) {
            int64_t at = x + components_lowest(word);
            components_unite(parents, components_run(a, at), components_run(b, at + off));
        }
    }
    /* Unite the runs of row `a` with those of the row before in the plane, `p`, and of rows in the plane before: `b`
       above, `c` beside and `d` below. What touches another voxel that is known to touch both is left out: those of
       one plane are all united, and each of the others is by way of rows that come before. */
    static COMPONENTS_CLONES void components_link(int32_t *parents, components_row a, components_row p, components_row b,
                                                  components_row c, components_row d, int64_t words, int connectivity,
                                                  int in_plane) {
        for (int64_t w = 0; w < words; w++) {
            uint64_t A = a.bits[w], P = p.bits[w], B = b.bits[w], C = c.bits[w], D = d.bits[w];
            uint64_t first, last, Pl, Pr, Cl, Cr, near;
            int64_t x = w << 6;
            if (!A) continue;
            if (connectivity == 6) {
                if (in_plane) components_touch(parents, &a, &p, x, A & P, 0);
                components_touch(parents, &a, &c, x, A & C & ~(P & B), 0);
                continue;
            }
            #define COMPONENTS_LEFT(r) (r.bits[w] << 1 | r.bits[w - 1] >> 63)
            #define COMPONENTS_RIGHT(r) (r.bits[w] >> 1 | r.bits[w + 1] << 63)
            first = A & ~COMPONENTS_LEFT(a);
            last = A & ~COMPONENTS_RIGHT(a);
            Pl = COMPONENTS_LEFT(p);
            Pr = COMPONENTS_RIGHT(p);
            Cl = COMPONENTS_LEFT(c);
            Cr = COMPONENTS_RIGHT(c);
            if (in_plane) {
                components_touch(parents, &a, &p, x, A & P, 0);
                components_touch(parents, &a, &p, x, first & Pl & ~P, -1);
                components_touch(parents, &a, &p, x, last & Pr & ~P, 1);
            }
            if (connectivity == 18) {
                components_touch(parents, &a, &c, x, A & C & ~P, 0);
                components_touch(parents, &a, &c, x, first & Cl & ~(C | Pl), -1);
                components_touch(parents, &a, &c, x, last & Cr & ~(C | Pr), 1);
                components_touch(parents, &a, &b, x, A & B & ~(P | C), 0);
                components_touch(parents, &a, &d, x, A & D & ~C, 0);
                continue;
            }
            components_touch(parents, &a, &c, x, A & C & ~(P | Pl | Pr), 0);
            components_touch(parents, &a, &c, x, first & Cl & ~(C | P | Pl), -1);
            components_touch(parents, &a, &c, x, last & Cr & ~(C | P | Pr), 1);
            near = C | Cl | Cr;
            components_touch(parents, &a, &d, x, A & D & ~near, 0);
            components_touch(parents, &a, &d, x, first & COMPONENTS_LEFT(d) & ~(D | C | Cl), -1);
            components_touch(parents, &a, &d, x, last & COMPONENTS_RIGHT(d) & ~(D | C | Cr), 1);
            near |= P | Pl | Pr;
            components_touch(parents, &a, &b, x, A & B & ~near, 0);
            components_touch(parents, &a, &b, x, first & COMPONENTS_LEFT(b) & ~(B | C | Cl | P | Pl), -1);
            components_touch(parents, &a, &b, x, last & COMPONENTS_RIGHT(b) & ~(B | C | Cr | P | Pr), 1);
        }
    }
    """
    int components_lowest(uint64_t x) nogil
    void components_edges_u1(const uint8_t* row, int64_t n, uint8_t* edges) noexcept nogil
    void components_edges_u2(const uint16_t* row, int64_t n, uint8_t* edges) noexcept nogil
    void components_edges_u4(const uint32_t* row, int64_t n, uint8_t* edges) noexcept nogil
    void components_edges_u8(const uint64_t* row, int64_t n, uint8_t* edges) noexcept nogil
    void components_bits_u1(const uint8_t* row, int64_t n, uint8_t other, uint64_t* bits) noexcept nogil
    void components_bits_u2(const uint16_t* row, int64_t n, uint16_t other, uint64_t* bits) noexcept nogil
    void components_bits_u4(const uint32_t* row, int64_t n, uint32_t other, uint64_t* bits) noexcept nogil
    void components_bits_u8(const uint64_t* row, int64_t n, uint64_t other, uint64_t* bits) noexcept nogil
    ctypedef struct components_row:
        const uint64_t* bits
        const int32_t* ranks
        int64_t base
    void components_link(int32_t* parents, components_row a, components_row p, components_row b, components_row c,
                         components_row d, int64_t words, int connectivity, int in_plane) noexcept nogil

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
    cdef uint64_t* bits             # unless by value: a bit for each voxel, each row followed by a word of 0
    cdef int32_t* ranks             # and how many runs begin before each word
    cdef int64_t n, room, first, last, base
    cdef bint by_value

    def __dealloc__(self):
        free(self.runs)
        free(self.values)
        free(self.rows)
        free(self.bits)
        free(self.ranks)

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


cdef inline void edges_of(const Item* row, int64_t n, uint8_t* edges) noexcept nogil:
    if Item is uint8_t:
        components_edges_u1(row, n, edges)
    elif Item is uint16_t:
        components_edges_u2(row, n, edges)
    elif Item is uint32_t:
        components_edges_u4(row, n, edges)
    else:
        components_edges_u8(row, n, edges)


cdef inline void bits_of(const Item* row, int64_t n, Item other, uint64_t* bits) noexcept nogil:
    if Item is uint8_t:
        components_bits_u1(row, n, other, bits)
    elif Item is uint16_t:
        components_bits_u2(row, n, other, bits)
    elif Item is uint32_t:
        components_bits_u4(row, n, other, bits)
    else:
        components_bits_u8(row, n, other, bits)


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
    """Join the runs of two rows that have the same value and touch, or come as near as `reach`."""
    cdef int64_t i = a_first, j = b_first
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
    cdef int64_t depth, height, width, words, total
    cdef int connectivity
    cdef bint by_value
    cdef uint64_t* nothing          # the bits of a row that is not there
    cdef int32_t* parents           # of a run the one it belongs to; in the end the number of its component
    cdef readonly int64_t n, n_parts
    cdef bint done

    def __dealloc__(self):
        free(self.nothing)
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
        self.words = (width + 63) // 64
        self.parts = []
        self.n_parts = len(bounds) - 1
        for first, last in zip(bounds, bounds[1:]):
            part = Part()
            part.first, part.last, part.by_value = first, last, by_value
            part.rows = <int64_t*> calloc((part.last - part.first) * height + 1, sizeof(int64_t))
            if not by_value:
                part.bits = <uint64_t*> calloc((part.last - part.first) * height * (self.words + 1) + 1, sizeof(uint64_t))
                part.ranks = <int32_t*> malloc((part.last - part.first) * height * (self.words + 1) * sizeof(int32_t))
            if part.rows == NULL or not by_value and (part.bits == NULL or part.ranks == NULL):
                raise MemoryError
            self.parts.append(part)
        self.nothing = <uint64_t*> calloc(self.words + 2, sizeof(uint64_t))
        if self.nothing == NULL:
            raise MemoryError

    @cython.boundscheck(False)
    @cython.wraparound(False)
    @cython.cdivision(True)
    def find(self, const Item[:, :, ::1] src not None, int64_t number, Item other=0) -> None:
        """Find the runs of one part; `other` is the value of voxels that are in no component."""
        cdef Part part = self.parts[number]
        cdef int64_t z, y, x, at, n, row = 0, width = self.width
        cdef uint64_t word, carry
        cdef uint64_t* bits
        cdef int32_t* ranks
        cdef uint8_t* edges
        cdef const Item* line
        cdef bint inside, fine = True
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
                    runs = part.runs
                    n = part.n
                    inside = False
                    if self.by_value:
                        edges_of(line, width, edges)
                        for x in range(0, width, 8):
                            memcpy(&word, edges + x, 8)
                            while word:
                                at = x + (components_lowest(word) >> 3)
                                word &= word - 1
                                if inside:
                                    runs[n].stop = <int32_t> at
                                    n += 1
                                inside = line[at] != 0
                                if inside:
                                    runs[n].start = <int32_t> at
                                    part.values[n] = <uint64_t> line[at]
                    else:
                        bits = part.bits + (row - 1) * (self.words + 1) + 1
                        ranks = part.ranks + (row - 1) * (self.words + 1)
                        bits_of(line, width, other, bits)
                        carry = 0
                        for x in range(self.words):
                            ranks[x] = <int32_t> (n + inside)
                            word = bits[x] ^ (bits[x] << 1 | carry)
                            carry = bits[x] >> 63
                            while word:
                                at = 64 * x + components_lowest(word)
                                word &= word - 1
                                if inside:
                                    runs[n].stop = <int32_t> at
                                    n += 1
                                else:
                                    runs[n].start = <int32_t> at
                                inside = not inside
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

    cdef components_row row_of(self, Part part, int64_t z, int64_t y) noexcept nogil:
        """Return the bits of a row of a part, or of one that has none."""
        cdef components_row row
        cdef int64_t at
        row.bits, row.ranks, row.base = self.nothing + 1, NULL, 0
        if part is not None and part.first <= z < part.last and 0 <= y < self.height:
            at = ((z - part.first) * self.height + y) * (self.words + 1)
            row.bits, row.ranks, row.base = part.bits + at + 1, part.ranks + at, part.base
        return row

    cdef void link_plane(self, Part part, int64_t z, Part before, bint in_plane) noexcept nogil:
        """Join the runs of plane `z` to one another, if `in_plane`, and to those of the plane before, if `before` has it."""
        cdef int64_t y
        cdef components_row a, p = self.row_of(part, z, -1), b = p, c = self.row_of(before, z - 1, 0), d
        for y in range(self.height):
            a = self.row_of(part, z, y)
            d = self.row_of(before, z - 1, y + 1)
            components_link(self.parents, a, p, b, c, d, self.words, self.connectivity, in_plane)
            p, b, c = a, c, d

    cdef void join_planes(self, Part part, int64_t z, Part before) noexcept nogil:
        """Join the runs of plane `z` of `part` to those of the plane before, which may be of another part, by value."""
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
                join_rows(self.parents, part.runs, part.rows[row], part.rows[row + 1], part.base, part.values,
                          before.runs, before.rows[other], before.rows[other + 1], before.base, before.values,
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
                if not self.by_value:
                    self.link_plane(part, z, part, True)
                    continue
                if z > part.first:
                    self.join_planes(part, z, part)
                for y in range(1, self.height):
                    row = (z - part.first) * self.height + y
                    join_rows(self.parents, part.runs, part.rows[row], part.rows[row + 1], part.base, part.values,
                              part.runs, part.rows[row - 1], part.rows[row], part.base, part.values, reach)

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
                    if self.by_value:
                        self.join_planes(part, part.first, before)
                    else:
                        self.link_plane(part, part.first, before, False)
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
