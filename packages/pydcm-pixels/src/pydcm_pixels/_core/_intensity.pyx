"""Intensities: clipped, shifted and scaled in single precision."""
cimport cython
from libc.math cimport powf
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
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

    /* Sums in the order of NumPy's: halves of halves, and eight numbers side by side in the last of them. */
    #define INTENSITY_SUM(name, what) \\
        static INTENSITY_CLONES float name##_few(const float *a, int64_t n, float shift) { \\
            float r[8], s; \\
            int64_t i = 0; \\
            (void)shift; \\
            if (n < 8) \\
                for (s = 0; i < n; i++) { float v = a[i]; s += what; } \\
            else { \\
                for (int k = 0; k < 8; k++) { float v = a[k]; r[k] = what; } \\
                for (i = 8; i < n - n % 8; i += 8) \\
                    for (int k = 0; k < 8; k++) { float v = a[i + k]; r[k] += what; } \\
                s = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7])); \\
                for (; i < n; i++) { float v = a[i]; s += what; } \\
            } \\
            return s; \\
        } \\
        static float name(const float *a, int64_t n, float shift) { \\
            int64_t half = n / 2; \\
            if (n <= 128) return name##_few(a, n, shift); \\
            half -= half % 8; \\
            float first = name(a, half, shift); \\
            return first + name(a + half, n - half, shift); \\
        }
    INTENSITY_SUM(intensity_sum, v)
    INTENSITY_SUM(intensity_squares, (v - shift) * (v - shift))

    static inline uint64_t intensity_bits(double v) { uint64_t b; memcpy(&b, &v, 8); return b; }
    static inline double intensity_value(uint64_t b) { double v; memcpy(&v, &b, 8); return v; }
    /* 2 to the power of (`exponent` times the logarithm), in double precision, good for all bits of single precision:
       the logarithm of a number from sqrt(1/2) to sqrt(2) is a series of (m - 1) / (m + 1). `nothing` is for 0. */
    static INTENSITY_CLONES void intensity_gamma(const float *src, float *out, int64_t n, float low, float divisor,
                                                 double exponent, float factor, float nothing) {
        const double whole = 6755399441055744.0, magic = 4503599627370496.0;
        float x[64], v[64];
        double t[64];
        for (; n > 0; src += 64, out += 64, n -= 64) { /* in loops without branches, which are done several at a time */
            int i, some = n < 64 ? (int)n : 64;
            for (i = 0; i < some; i++) x[i] = (src[i] - low) / divisor;
            for (; i < 64; i++) x[i] = 1;
            for (i = 0; i < 64; i++) {
                uint64_t b = intensity_bits((double)x[i]);
                uint64_t fraction = b & 0xFFFFFFFFFFFFFULL, up = (fraction + 0x95F619980C433ULL) >> 52;
                double e = intensity_value(((b >> 52) + up) | 0x4330000000000000ULL) - (magic + 1023.0);
                double m = intensity_value(fraction | (1023 - up) << 52);
                double s = (m - 1.0) / (m + 1.0), z = s * s;
                double sum = 1 / 9.0 + z * (1 / 11.0 + z * (1 / 13.0));
                sum = 1.0 + z * (1 / 3.0 + z * (1 / 5.0 + z * (1 / 7.0 + z * sum)));
                t[i] = exponent * (e + 2.8853900817779268 * s * sum);
            }
            for (i = 0; i < 64; i++) t[i] = t[i] < -1000.0 ? -1000.0 : t[i];
            for (i = 0; i < 64; i++) t[i] = t[i] > 1000.0 ? 1000.0 : t[i];
            for (i = 0; i < 64; i++) {
                double k = t[i] + whole, f = (t[i] - (k - whole)) * 0.6931471805599453;
                double r = 1 / 120.0 + f * (1 / 720.0 + f * (1 / 5040.0 + f * (1 / 40320.0)));
                r = 1.0 + f * (1.0 + f * (1 / 2.0 + f * (1 / 6.0 + f * (1 / 24.0 + f * r))));
                v[i] = (float)(r * intensity_value((intensity_bits(k) + 1023) << 52));
            }
            for (i = 0; i < 64; i++) v[i] = x[i] > 0.0f ? v[i] : nothing;
            for (i = 0; i < some; i++) out[i] = (v[i] + (x[i] - x[i])) * factor + low; /* NaN stays it */
        }
    }
    static INTENSITY_CLONES void intensity_square(const float *src, float *out, int64_t n, float low, float divisor,
                                                  float factor) {
        for (int64_t i = 0; i < n; i++) {
            float v = (src[i] - low) / divisor;
            v = v * v;
            v = v * factor;
            out[i] = v + low;
        }
    }
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
    float intensity_sum(const float* a, int64_t n, float shift) noexcept nogil
    float intensity_squares(const float* a, int64_t n, float shift) noexcept nogil
    void intensity_gamma(const float* src, float* out, int64_t n, float low, float divisor, double exponent,
                         float factor, float nothing) noexcept nogil
    void intensity_square(const float* src, float* out, int64_t n, float low, float divisor,
                          float factor) noexcept nogil

ctypedef fused Voxel:
    int8_t
    int16_t
    int32_t
    uint8_t
    uint16_t
    float
    double


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


def total(const float[::1] src not None, float shift=0, bint squares=False) -> float:
    """Return the sum, or the sum of squares of differences from `shift`, with the rounding of NumPy's sum.

    Parameters
    ----------
    src : array of float32, one axis
        Voxels; at least one.
    shift : float
        What is subtracted first for `squares`.
    squares : bool
        Whether squares are added up.
    """
    cdef int64_t n = src.shape[0]
    cdef const float* first = &src[0]
    cdef float result
    with nogil:
        result = intensity_squares(first, n, shift) if squares else intensity_sum(first, n, shift)
    return result


def gamma(const float[::1] src not None, float[::1] out not None, float low, float divisor, double exponent,
          float factor) -> None:
    """Write ``((src - low) / divisor) ** exponent * factor + low``, in single precision.

    Parameters
    ----------
    src : array of float32, one axis
        Voxels, none below `low`; at least one.
    out : array of float32, one axis
        Gets the result; may be `src`.
    low, divisor, exponent, factor : float
        The numbers.
    """
    cdef int64_t n = src.shape[0]
    cdef const float* first = &src[0]
    cdef float* to = &out[0]
    cdef float nothing = powf(0, <float> exponent)
    if out.shape[0] != n:
        raise ValueError("the arrays have different lengths")
    with nogil:
        if exponent == 2:
            intensity_square(first, to, n, low, divisor, factor)
        else:
            intensity_gamma(first, to, n, low, divisor, exponent, factor, nothing)
