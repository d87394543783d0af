"""Intensities: clipped, shifted and scaled in single precision; counted for percentiles."""
cimport cython
from libc.math cimport powf
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef extern from *:
    """
    #include <stdint.h>
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
    #define INTENSITY_CLONES __attribute__((target_clones("avx2", "default")))
    #else
    #define INTENSITY_CLONES
    #endif
    typedef struct { double low, high, shift, divisor, factor, offset, bottom, top; } intensity_map;
    /* C is what is calculated with; a comparison with NaN is false, so NaN stays NaN */
    #define INTENSITY_REMAP(T, C, name) \\
        static INTENSITY_CLONES void name(const T *src, float *out, int64_t n, const intensity_map *m) { \\
            const C low = (C)m->low, high = (C)m->high, shift = (C)m->shift, divisor = (C)m->divisor; \\
            const C factor = (C)m->factor, offset = (C)m->offset, bottom = (C)m->bottom, top = (C)m->top; \\
            for (int64_t i = 0; i < n; i++) { \\
                C v = (C)src[i]; \\
                v = v < low ? low : v; \\
                v = v > high ? high : v; \\
                v = (v - shift) / divisor; \\
                v = v * factor; \\
                v = v + offset; \\
                v = v < bottom ? bottom : v; \\
                v = v > top ? top : v; \\
                out[i] = (float)v; \\
            } \\
        }
    INTENSITY_REMAP(int8_t, float, intensity_i1)
    INTENSITY_REMAP(int16_t, float, intensity_i2)
    INTENSITY_REMAP(int32_t, float, intensity_i4)
    INTENSITY_REMAP(uint8_t, float, intensity_u1)
    INTENSITY_REMAP(uint16_t, float, intensity_u2)
    INTENSITY_REMAP(float, float, intensity_f4)
    INTENSITY_REMAP(double, double, intensity_f8)
    """
    ctypedef struct intensity_map:
        double low
        double high
        double shift
        double divisor
        double factor
        double offset
        double bottom
        double top
    void intensity_i1(const int8_t* src, float* out, int64_t n, const intensity_map* m) noexcept nogil
    void intensity_i2(const int16_t* src, float* out, int64_t n, const intensity_map* m) noexcept nogil
    void intensity_i4(const int32_t* src, float* out, int64_t n, const intensity_map* m) noexcept nogil
    void intensity_u1(const uint8_t* src, float* out, int64_t n, const intensity_map* m) noexcept nogil
    void intensity_u2(const uint16_t* src, float* out, int64_t n, const intensity_map* m) noexcept nogil
    void intensity_f4(const float* src, float* out, int64_t n, const intensity_map* m) noexcept nogil
    void intensity_f8(const double* src, float* out, int64_t n, const intensity_map* m) noexcept nogil

ctypedef fused Voxel:
    int8_t
    int16_t
    int32_t
    uint8_t
    uint16_t
    float
    double

ctypedef fused Item:
    uint8_t
    uint16_t
    uint32_t
    uint64_t


@cython.boundscheck(False)
@cython.wraparound(False)
def remap(const Voxel[::1] src not None, float[::1] out not None, double low, double high, double shift,
          double divisor, double factor, double offset, double bottom, double top) -> None:
    """Write ``clip((clip(src, low, high) - shift) / divisor * factor + offset, bottom, top)``.

    All of it is done in single precision, unless `src` is in double precision.

    Parameters
    ----------
    src : array, one axis
        Voxels.
    out : array of float32, one axis
        Gets the result; may be `src`.
    low, high, shift, divisor, factor, offset, bottom, top : float
        The numbers; infinities, 0 and 1 where nothing is to be done.
    """
    cdef intensity_map m
    cdef int64_t n = src.shape[0]
    if out.shape[0] != n:
        raise ValueError("the arrays have different lengths")
    m.low, m.high, m.shift, m.divisor = low, high, shift, divisor
    m.factor, m.offset, m.bottom, m.top = factor, offset, bottom, top
    if not n:
        return
    with nogil:
        if Voxel is int8_t:
            intensity_i1(&src[0], &out[0], n, &m)
        elif Voxel is int16_t:
            intensity_i2(&src[0], &out[0], n, &m)
        elif Voxel is int32_t:
            intensity_i4(&src[0], &out[0], n, &m)
        elif Voxel is uint8_t:
            intensity_u1(&src[0], &out[0], n, &m)
        elif Voxel is uint16_t:
            intensity_u2(&src[0], &out[0], n, &m)
        elif Voxel is float:
            intensity_f4(&src[0], &out[0], n, &m)
        else:
            intensity_f8(&src[0], &out[0], n, &m)


@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cdivision(True)
def gamma(const float[::1] src not None, float[::1] out not None, float low, float divisor, float exponent,
          float factor) -> None:
    """Write ``((src - low) / divisor) ** exponent * factor + low``, in single precision."""
    cdef Py_ssize_t i, n = src.shape[0]
    cdef float v
    if out.shape[0] != n:
        raise ValueError("the arrays have different lengths")
    with nogil:
        for i in range(n):
            v = (src[i] - low) / divisor
            v = v * v if exponent == 2 else powf(v, exponent)
            v = v * factor
            out[i] = v + low


cdef inline uint32_t rank(Item bits, int kind) noexcept nogil:
    """Return the highest 16 bits of a number that orders as the voxel does; `kind` is 0 unsigned, 1 signed, 2 float."""
    cdef Item top = <Item> 1 << (8 * sizeof(Item) - 1)
    if kind:
        bits ^= (<Item> ~<Item> 0 if kind == 2 and bits & top else top)
    if Item is uint32_t or Item is uint64_t:
        return <uint32_t> (bits >> (8 * sizeof(Item) - 16))
    else:
        return <uint32_t> bits


@cython.boundscheck(False)
@cython.wraparound(False)
def count(const Item[::1] src not None, int kind, int64_t[::1] counts not None) -> None:
    """Add to `counts` how many voxels there are of each rank.

    Parameters
    ----------
    src : array of unsigned integers, one axis
        Voxels of any type, seen as their bits.
    kind : {0, 1, 2}
        Unsigned, signed or floating-point.
    counts : array of int64, (65536,)
        By the highest 16 bits of a number that orders as the voxels do; all bits for voxels of 8 and 16.
    """
    cdef Py_ssize_t i, n = src.shape[0], half = src.shape[0] // 2
    cdef int64_t[::1] odd
    if counts.shape[0] < 65536 or not 0 <= kind <= 2:
        raise ValueError("there have to be 65536 counts")
    if not n:
        return
    from array import array

    odd = array("q", bytes(8 * 65536))
    with nogil:
        for i in range(half):          # two tables: equal voxels follow one another, and their counts must not wait
            counts[rank(src[2 * i], kind)] += 1
            odd[rank(src[2 * i + 1], kind)] += 1
        if n & 1:
            counts[rank(src[n - 1], kind)] += 1
        for i in range(65536):
            counts[i] += odd[i]


@cython.boundscheck(False)
@cython.wraparound(False)
def select(const Item[::1] src not None, int kind, uint32_t wanted, Item[::1] out not None) -> int:
    """Copy the voxels of one rank; return how many there were.

    Parameters
    ----------
    src, kind
        As for :func:`count`.
    wanted : int
        The rank.
    out : array of the type of `src`
        Has room for one more than there are.
    """
    cdef Py_ssize_t i, n = src.shape[0], found = 0, room = out.shape[0]
    with nogil:
        for i in range(n):
            if found < room:
                out[found] = src[i]
                found += rank(src[i], kind) == wanted
    return found
