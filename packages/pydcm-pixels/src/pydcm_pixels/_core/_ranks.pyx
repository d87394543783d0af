"""Voxels in the order of their values: the lowest and the highest, counts of equally wide ranges, those of some ranges."""
cimport cython
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

cdef extern from *:
    """
    #include <stdint.h>
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
    #define RANKS_CLONES __attribute__((target_clones("avx2", "default")))
    #else
    #define RANKS_CLONES
    #endif
    /* `flip` is turned in all numbers, `below` in those whose first bit is set; a key beyond the last range, which is there
       only if somebody changes voxels meanwhile, is in the last */
    #define RANKS_KEY(T, S, v) ((T)((v) ^ (((T)((S)(v) >> (8 * sizeof(T) - 1)) & below) | flip)))
    #define RANKS_RANGE(T, key) ((T)(key - low) >> shift < last ? (T)(key - low) >> shift : last)
    #define RANKS_KIND(T) \\
        const T flip = kind ? (T)((T)1 << (8 * sizeof(T) - 1)) : 0, below = kind == 2 ? (T)~(T)0 : 0;
    enum { RANKS_SOME = 512 }; /* ranges are worked out for so many at once, several in one instruction */
    #define RANKS_OF(T, S, name) \\
        static RANKS_CLONES void name##_ends(const T *src, int64_t n, int kind, uint64_t *ends) { \\
            RANKS_KIND(T) \\
            T low = RANKS_KEY(T, S, src[0]), high = low; \\
            for (int64_t i = 1; i < n; i++) { \\
                T key = RANKS_KEY(T, S, src[i]); \\
                low = key < low ? key : low; \\
                high = key > high ? key : high; \\
            } \\
            ends[0] = low; \\
            ends[1] = high; \\
        } \\
        static RANKS_CLONES void name##_ends_within(const T *src, int64_t n, int kind, T from, T to, uint64_t *ends) { \\
            RANKS_KIND(T) \\
            T low = to, high = from, width = (T)(to - from); \\
            for (int64_t i = 0; i < n; i++) { \\
                T key = RANKS_KEY(T, S, src[i]); \\
                T lower = (T)(key - from) <= width ? key : to, upper = (T)(key - from) <= width ? key : from; \\
                low = lower < low ? lower : low; \\
                high = upper > high ? upper : high; \\
            } \\
            ends[0] = low; \\
            ends[1] = high; \\
        } \\
        static RANKS_CLONES void name##_ranges(const T *restrict src, int n, int kind, T low, int shift, T last, \\
                                               uint32_t *restrict at, T *restrict keys) { \\
            RANKS_KIND(T) \\
            for (int i = 0; i < n; i++) { \\
                T key = RANKS_KEY(T, S, src[i]); \\
                keys[i] = key; \\
                at[i] = (uint32_t)RANKS_RANGE(T, key); \\
            } \\
        } \\
        /* two tables: equal voxels follow one another, and their counts must not wait */ \\
        static void name##_count(const T *src, int64_t n, int kind, T low, int shift, T last, uint32_t *even, \\
                                 uint32_t *odd) { \\
            uint32_t at[RANKS_SOME]; \\
            T keys[RANKS_SOME]; \\
            for (; n > 0; src += RANKS_SOME, n -= RANKS_SOME) { \\
                int i = 0, some = n < RANKS_SOME ? (int)n : RANKS_SOME; \\
                name##_ranges(src, some, kind, low, shift, last, at, keys); \\
                for (; i + 1 < some; i += 2) { \\
                    even[at[i]]++; \\
                    odd[at[i + 1]]++; \\
                } \\
                if (i < some) even[at[i]]++; \\
            } \\
        } \\
        static void name##_gather(const T *src, int64_t n, int kind, T low, int shift, T last, const uint8_t *slots, \\
                                  T *out, int64_t *places, const int64_t *stops) { \\
            uint32_t at[RANKS_SOME]; \\
            T keys[RANKS_SOME]; \\
            for (; n > 0; src += RANKS_SOME, n -= RANKS_SOME) { \\
                int some = n < RANKS_SOME ? (int)n : RANKS_SOME; \\
                name##_ranges(src, some, kind, low, shift, last, at, keys); \\
                for (int i = 0; i < some; i++) { \\
                    uint8_t slot = slots[at[i]]; \\
                    if (slot && places[slot] < stops[slot]) out[places[slot]++] = keys[i]; \\
                } \\
            } \\
        }
    RANKS_OF(uint8_t, int8_t, ranks_u1)
    RANKS_OF(uint16_t, int16_t, ranks_u2)
    RANKS_OF(uint32_t, int32_t, ranks_u4)
    RANKS_OF(uint64_t, int64_t, ranks_u8)
    """
    void ranks_u1_ends(const uint8_t* src, int64_t n, int kind, uint64_t* ends) noexcept nogil
    void ranks_u2_ends(const uint16_t* src, int64_t n, int kind, uint64_t* ends) noexcept nogil
    void ranks_u4_ends(const uint32_t* src, int64_t n, int kind, uint64_t* ends) noexcept nogil
    void ranks_u8_ends(const uint64_t* src, int64_t n, int kind, uint64_t* ends) noexcept nogil
    void ranks_u1_ends_within(const uint8_t* src, int64_t n, int kind, uint8_t first, uint8_t last,
                               uint64_t* ends) noexcept nogil
    void ranks_u2_ends_within(const uint16_t* src, int64_t n, int kind, uint16_t first, uint16_t last,
                               uint64_t* ends) noexcept nogil
    void ranks_u4_ends_within(const uint32_t* src, int64_t n, int kind, uint32_t first, uint32_t last,
                               uint64_t* ends) noexcept nogil
    void ranks_u8_ends_within(const uint64_t* src, int64_t n, int kind, uint64_t first, uint64_t last,
                               uint64_t* ends) noexcept nogil
    void ranks_u1_count(const uint8_t* src, int64_t n, int kind, uint8_t low, int shift, uint8_t last, uint32_t* even,
                        uint32_t* odd) noexcept nogil
    void ranks_u2_count(const uint16_t* src, int64_t n, int kind, uint16_t low, int shift, uint16_t last, uint32_t* even,
                        uint32_t* odd) noexcept nogil
    void ranks_u4_count(const uint32_t* src, int64_t n, int kind, uint32_t low, int shift, uint32_t last, uint32_t* even,
                        uint32_t* odd) noexcept nogil
    void ranks_u8_count(const uint64_t* src, int64_t n, int kind, uint64_t low, int shift, uint64_t last, uint32_t* even,
                        uint32_t* odd) noexcept nogil
    void ranks_u1_gather(const uint8_t* src, int64_t n, int kind, uint8_t low, int shift, uint8_t last,
                         const uint8_t* slots, uint8_t* out, int64_t* places, const int64_t* stops) noexcept nogil
    void ranks_u2_gather(const uint16_t* src, int64_t n, int kind, uint16_t low, int shift, uint16_t last,
                         const uint8_t* slots, uint16_t* out, int64_t* places, const int64_t* stops) noexcept nogil
    void ranks_u4_gather(const uint32_t* src, int64_t n, int kind, uint32_t low, int shift, uint32_t last,
                         const uint8_t* slots, uint32_t* out, int64_t* places, const int64_t* stops) noexcept nogil
    void ranks_u8_gather(const uint64_t* src, int64_t n, int kind, uint64_t low, int shift, uint64_t last,
                         const uint8_t* slots, uint64_t* out, int64_t* places, const int64_t* stops) noexcept nogil

ctypedef fused Item:
    uint8_t
    uint16_t
    uint32_t
    uint64_t

cdef int64_t _MOST = 1 << 31    # voxels that are counted in 32 bits


def ends(const Item[::1] src not None, int kind) -> tuple[int, int]:
    """Return the lowest and the highest key of voxels.

    A key is an unsigned integer that orders as voxels do: for signed numbers the sign is turned, for floating-point ones below
    0 all other bits, too.

    Parameters
    ----------
    src : array of unsigned integers, one axis
        Bits of voxels; at least one.
    kind : {0, 1, 2}
        Unsigned, signed or floating-point.
    """
    cdef uint64_t[2] both
    cdef int64_t n = src.shape[0]
    cdef const Item* first = &src[0]
    with nogil:
        if Item is uint8_t:
            ranks_u1_ends(first, n, kind, both)
        elif Item is uint16_t:
            ranks_u2_ends(first, n, kind, both)
        elif Item is uint32_t:
            ranks_u4_ends(first, n, kind, both)
        else:
            ranks_u8_ends(first, n, kind, both)
    return both[0], both[1]


def ends_within(const Item[::1] src not None, int kind, Item low, Item high) -> tuple[int, int]:
    """Return the lowest and the highest of the keys from `low` to `high`; there has to be one."""
    cdef uint64_t[2] both
    cdef int64_t n = src.shape[0]
    cdef const Item* first = &src[0]
    with nogil:
        if Item is uint8_t:
            ranks_u1_ends_within(first, n, kind, low, high, both)
        elif Item is uint16_t:
            ranks_u2_ends_within(first, n, kind, low, high, both)
        elif Item is uint32_t:
            ranks_u4_ends_within(first, n, kind, low, high, both)
        else:
            ranks_u8_ends_within(first, n, kind, low, high, both)
    return both[0], both[1]


@cython.boundscheck(False)
@cython.wraparound(False)
def count(const Item[::1] src not None, int kind, Item low, int shift, int64_t[::1] counts not None) -> None:
    """Add to `counts` how many voxels there are in equal ranges of keys.

    Parameters
    ----------
    src, kind
        As for :func:`ends`.
    low : int
        The lowest key.
    shift : int
        The range of a key is ``(key - low) >> shift``.
    counts : array of int64, one axis
        One number for each range.
    """
    cdef int64_t n = src.shape[0], room = counts.shape[0], start = 0, some, i
    cdef Item last = <Item> (room - 1)
    cdef uint32_t* even
    cdef uint32_t* odd
    if not n:
        return
    if not room or not 0 <= shift < 8 * <int> sizeof(Item):
        raise ValueError("there are no ranges to count")
    even = <uint32_t*> calloc(2 * room, sizeof(uint32_t))
    if even == NULL:
        raise MemoryError
    odd = even + room
    with nogil:
        while start < n:
            some = min(n - start, _MOST)
            if Item is uint8_t:
                ranks_u1_count(&src[start], some, kind, low, shift, last, even, odd)
            elif Item is uint16_t:
                ranks_u2_count(&src[start], some, kind, low, shift, last, even, odd)
            elif Item is uint32_t:
                ranks_u4_count(&src[start], some, kind, low, shift, last, even, odd)
            else:
                ranks_u8_count(&src[start], some, kind, low, shift, last, even, odd)
            for i in range(room):
                counts[i] += <int64_t> even[i] + odd[i]
                even[i] = odd[i] = 0
            start += some
        free(even)


@cython.boundscheck(False)
@cython.wraparound(False)
def gather(const Item[::1] src not None, int kind, Item low, int shift, const uint8_t[::1] slots not None,
           Item[::1] out not None, int64_t[::1] bounds not None) -> None:
    """Copy the keys of some ranges, those of each next to each other.

    Parameters
    ----------
    src, kind, low, shift
        As for :func:`count`.
    slots : array of uint8, one axis
        For each range 0 if it is not wanted, else from 1 on which it is.
    out : array of the type of `src`
        Gets the keys.
    bounds : array of int64, one axis
        Keys of range k are from ``bounds[k - 1]`` to ``bounds[k]``.
    """
    cdef int64_t n = src.shape[0], room = slots.shape[0], i, before = 0
    cdef Item last = <Item> (room - 1)
    cdef int64_t[256] places
    cdef int64_t[256] stops
    cdef const Item* first
    cdef Item* to
    if not n or not out.shape[0]:
        return
    if not room or not 0 <= shift < 8 * <int> sizeof(Item) or not 2 <= bounds.shape[0] <= 256:
        raise ValueError("there are no ranges to copy, or too many")
    for i in range(bounds.shape[0]):
        if not before <= bounds[i] <= out.shape[0]:
            raise ValueError(f"there is no room for {bounds[i]} keys")
        before = bounds[i]
    for i in range(1, 256):
        places[i] = bounds[min(i, bounds.shape[0]) - 1]
        stops[i] = bounds[min(i, bounds.shape[0] - 1)]
    first, to = &src[0], &out[0]
    with nogil:
        if Item is uint8_t:
            ranks_u1_gather(first, n, kind, low, shift, last, &slots[0], to, places, stops)
        elif Item is uint16_t:
            ranks_u2_gather(first, n, kind, low, shift, last, &slots[0], to, places, stops)
        elif Item is uint32_t:
            ranks_u4_gather(first, n, kind, low, shift, last, &slots[0], to, places, stops)
        else:
            ranks_u8_gather(first, n, kind, low, shift, last, &slots[0], to, places, stops)
