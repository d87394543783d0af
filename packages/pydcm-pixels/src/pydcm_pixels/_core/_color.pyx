"""Colour: YBR_FULL and RGB, chroma expansion, sample interleaving; without the GIL (PS3.3 §C.7.6.3.1.2).

The transformation is the standard's equation with the result rounded half up. Exact halves are rare (red has none, blue
two chroma values, green two pairs of them, luma 0.1 % of all RGB values); those of green and luma come out as of the same
equation in single precision with fused multiply-add, which is what NumPy computes for an image on common processors.
"""
cimport cython
from libc.math cimport floor
from libc.stdint cimport int16_t, int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

cdef extern from *:
    """
    #include <stddef.h>
    #include <stdint.h>
    enum { COLOR_GROUP = 32 };
    #if defined(__GNUC__) && defined(__x86_64__)
    #include <immintrin.h>
    #define COLOR_AVX2 __attribute__((target("avx2")))
    #define COLOR_BYTES(...) _mm256_broadcastsi128_si256(_mm_setr_epi8(__VA_ARGS__))
    #define COLOR_PAIR(low, high) _mm256_set1_epi32((int)((uint32_t)(uint16_t)(low) | (uint32_t)(high) << 16))

    /* What chroma adds to green, for 8 pairs of 16 bits: factors of 20 bits, split in halves of 10 bits. */
    COLOR_AVX2 static inline __m256i color_green8(__m256i pairs) {
        __m256i high = _mm256_madd_epi16(pairs, COLOR_PAIR(-352, -731));
        __m256i low = _mm256_madd_epi16(pairs, COLOR_PAIR(-405, -282));
        low = _mm256_add_epi32(low, _mm256_set1_epi32(524280));
        return _mm256_srai_epi32(_mm256_add_epi32(_mm256_slli_epi32(high, 10), low), 20);
    }

    COLOR_AVX2 static inline __m256i color_green16(__m256i cb, __m256i cr) {
        return _mm256_packs_epi32(color_green8(_mm256_unpacklo_epi16(cb, cr)),
                                  color_green8(_mm256_unpackhi_epi16(cb, cr)));
    }

    COLOR_AVX2 static inline __m256i color_red16(__m256i cr) {
        return _mm256_add_epi16(cr, _mm256_mulhrs_epi16(cr, _mm256_set1_epi16(13173)));
    }

    /* 1.772 is 2 - 0.228, and 221.5 is rounded up on either side of nought. */
    COLOR_AVX2 static inline __m256i color_blue16(__m256i cb) {
        __m256i less = _mm256_mulhrs_epi16(cb, _mm256_set1_epi16(-7471));
        less = _mm256_sub_epi16(less, _mm256_cmpeq_epi16(cb, _mm256_set1_epi16(-125)));
        return _mm256_add_epi16(_mm256_add_epi16(cb, cb), less);
    }

    /* Bytes of 48, or of both halves of 96, that are together in one vector. */
    COLOR_AVX2 static inline __m256i color_load(const uint8_t *src) {
        __m256i low = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)src));
        return _mm256_inserti128_si256(low, _mm_loadu_si128((const __m128i *)(src + 48)), 1);
    }

    COLOR_AVX2 static inline void color_store(uint8_t *out, __m256i bytes) {
        _mm_storeu_si128((__m128i *)out, _mm256_castsi256_si128(bytes));
        _mm_storeu_si128((__m128i *)(out + 48), _mm256_extracti128_si256(bytes, 1));
    }

    /* Every third byte of three vectors is one component's: they are blended into one vector, whose bytes are then put
       in order; and the reverse. */
    COLOR_AVX2 static ptrdiff_t color_avx2(const uint8_t *src, uint8_t *out, ptrdiff_t n) {
        const __m256i at1 = COLOR_BYTES(0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0);
        const __m256i at2 = COLOR_BYTES(0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0);
        const __m256i from0 = COLOR_BYTES(0, 3, 6, 9, 12, 15, 2, 5, 8, 11, 14, 1, 4, 7, 10, 13);
        const __m256i from1 = COLOR_BYTES(1, 4, 7, 10, 13, 0, 3, 6, 9, 12, 15, 2, 5, 8, 11, 14);
        const __m256i from2 = COLOR_BYTES(2, 5, 8, 11, 14, 1, 4, 7, 10, 13, 0, 3, 6, 9, 12, 15);
        const __m256i to0 = COLOR_BYTES(0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10, 5);
        const __m256i to1 = COLOR_BYTES(5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10);
        const __m256i to2 = COLOR_BYTES(10, 5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15);
        const __m256i zero = _mm256_setzero_si256(), middle = _mm256_set1_epi16(128);
        const __m256i low = _mm256_set1_epi8(78), high = _mm256_set1_epi8((char)178);
        ptrdiff_t i = 0;
        for (; i + COLOR_GROUP <= n; i += COLOR_GROUP) {
            __m256i a = color_load(src + 3 * i), b = color_load(src + 3 * i + 16), c = color_load(src + 3 * i + 32);
            __m256i y = _mm256_blendv_epi8(_mm256_blendv_epi8(a, b, at2), c, at1);
            __m256i cb = _mm256_blendv_epi8(_mm256_blendv_epi8(b, a, at1), c, at2);
            __m256i cr = _mm256_blendv_epi8(_mm256_blendv_epi8(c, a, at2), b, at1);
            y = _mm256_shuffle_epi8(y, from0);
            cb = _mm256_shuffle_epi8(cb, from1);
            cr = _mm256_shuffle_epi8(cr, from2);
            __m256i half = _mm256_and_si256(_mm256_cmpeq_epi8(cb, low), _mm256_cmpeq_epi8(cr, high));
            half = _mm256_or_si256(half, _mm256_and_si256(_mm256_cmpeq_epi8(cb, high), _mm256_cmpeq_epi8(cr, low)));
            if (_mm256_movemask_epi8(half)) break;

            __m256i y0 = _mm256_unpacklo_epi8(y, zero), y1 = _mm256_unpackhi_epi8(y, zero);
            __m256i cb0 = _mm256_sub_epi16(_mm256_unpacklo_epi8(cb, zero), middle);
            __m256i cb1 = _mm256_sub_epi16(_mm256_unpackhi_epi8(cb, zero), middle);
            __m256i cr0 = _mm256_sub_epi16(_mm256_unpacklo_epi8(cr, zero), middle);
            __m256i cr1 = _mm256_sub_epi16(_mm256_unpackhi_epi8(cr, zero), middle);
            __m256i red = _mm256_packus_epi16(_mm256_add_epi16(y0, color_red16(cr0)),
                                              _mm256_add_epi16(y1, color_red16(cr1)));
            __m256i green = _mm256_packus_epi16(_mm256_add_epi16(y0, color_green16(cb0, cr0)),
                                                _mm256_add_epi16(y1, color_green16(cb1, cr1)));
            __m256i blue = _mm256_packus_epi16(_mm256_add_epi16(y0, color_blue16(cb0)),
                                               _mm256_add_epi16(y1, color_blue16(cb1)));
            red = _mm256_shuffle_epi8(red, to0);
            green = _mm256_shuffle_epi8(green, to1);
            blue = _mm256_shuffle_epi8(blue, to2);
            a = _mm256_blendv_epi8(_mm256_blendv_epi8(red, green, at1), blue, at2);
            b = _mm256_blendv_epi8(_mm256_blendv_epi8(green, red, at2), blue, at1);
            c = _mm256_blendv_epi8(_mm256_blendv_epi8(blue, red, at1), green, at2);
            color_store(out + 3 * i, a);
            color_store(out + 3 * i + 16, b);
            color_store(out + 3 * i + 32, c);
        }
        return i;
    }
    #elif defined(__aarch64__)
    static inline uint8_t color_clip(int value) {
        return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }

    /* The same as compilers make it with this processor's instructions for every third byte. */
    static ptrdiff_t color_neon(const uint8_t *src, uint8_t *out, ptrdiff_t n) {
        ptrdiff_t i = 0;
        for (; i + COLOR_GROUP <= n; i += COLOR_GROUP) {
            const uint8_t *from = src + 3 * i;
            uint8_t red[COLOR_GROUP], green[COLOR_GROUP], blue[COLOR_GROUP], halves = 0;
            for (int k = 0; k < COLOR_GROUP; k++) {
                int y = from[3 * k], cb = from[3 * k + 1] - 128, cr = from[3 * k + 2] - 128;
                red[k] = color_clip(y + ((cr * 1470104 + 524288) >> 20));
                green[k] = color_clip(y + ((524280 - cb * 360853 - cr * 748826) >> 20));
                blue[k] = color_clip(y + ((cb * 1858077 + 524352) >> 20));
                halves |= ((cb == -50) & (cr == 50)) | ((cb == 50) & (cr == -50));
            }
            if (halves) break;
            for (int k = 0; k < COLOR_GROUP; k++) {
                out[3 * (i + k)] = red[k];
                out[3 * (i + k) + 1] = green[k];
                out[3 * (i + k) + 2] = blue[k];
            }
        }
        return i;
    }
    #endif

    /* Convert groups of pixels in fixed point, whose factors round as the equation itself does for all 256 and all 65536
       chroma values but two pairs, whose green is an exact half: how many pixels were done before the first group with
       such a pair. */
    static ptrdiff_t color_groups(const uint8_t *src, uint8_t *out, ptrdiff_t n) {
    #if defined(__GNUC__) && defined(__x86_64__)
        if (__builtin_cpu_supports("avx2")) return color_avx2(src, out, n);
    #elif defined(__aarch64__)
        return color_neon(src, out, n);
    #endif
        return 0;
    }
    """
    enum:
        COLOR_GROUP
    Py_ssize_t color_groups(const uint8_t *src, uint8_t *out, Py_ssize_t n) nogil

ctypedef fused Unit:
    uint8_t
    uint16_t
    uint32_t
    uint64_t

cdef double GREEN_BLUE = -0.114 * 1.772 / 0.587
cdef double GREEN_RED = -0.299 * 1.402 / 0.587
cdef int16_t[256] _RED
cdef int16_t[256] _BLUE
cdef int32_t[256] _GREEN_CB
cdef int32_t[256] _GREEN_CR
cdef uint8_t[1024] _CLIP
cdef int _i
for _i in range(256):
    _RED[_i] = <int16_t> floor(1.402 * (_i - 128) + 0.5)
    _BLUE[_i] = <int16_t> floor(1.772 * (_i - 128) + 0.5)
    # Thousandths of 1/587: 114 * 1772 and 299 * 1402 over 587000 are exact integers here.
    _GREEN_CB[_i] = -114 * 1772 * (_i - 128)
    _GREEN_CR[_i] = -299 * 1402 * (_i - 128)
for _i in range(1024):
    _CLIP[_i] = 0 if _i < 384 else (255 if _i > 639 else _i - 384)

cdef int16_t *_GREEN = NULL


cdef inline float _fma(float a, float b, float c) noexcept nogil:
    return <float> (<double> a * <double> b + <double> c)


cdef uint8_t _green_tie(int y, int cb, int cr) noexcept nogil:
    cdef float total = _fma(<float> (cr - 128), <float> GREEN_RED, _fma(<float> (cb - 128), <float> GREEN_BLUE, y))
    cdef int value = <int> floor(<float> (total + <float> 0.5))
    return 0 if value < 0 else (255 if value > 255 else value)


cdef int _prepare_green() except -1:
    """Build the 65536 green offsets once: they depend on both chroma values."""
    global _GREEN
    cdef int cb, cr
    cdef double exact
    cdef int16_t *table
    if _GREEN != NULL:
        return 0
    table = <int16_t *> malloc(65536 * sizeof(int16_t))
    if table == NULL:
        raise MemoryError()
    for cb in range(256):
        for cr in range(256):
            exact = _GREEN_CB[cb] + <double> _GREEN_CR[cr]
            if (2 * <long long> exact) % 587000 == 0 and (<long long> exact) % 587000 != 0:
                table[cb << 8 | cr] = 32767     # an exact half: decided per pixel
            else:
                table[cb << 8 | cr] = <int16_t> floor(exact / 587000.0 + 0.5)
    _GREEN = table
    return 0


@cython.boundscheck(False)
@cython.wraparound(False)
def ybr_full_to_rgb(const uint8_t[::1] src not None, uint8_t[::1] out not None) -> None:
    """Convert interleaved YBR_FULL pixels to RGB; `out` may be `src` itself."""
    cdef Py_ssize_t n = src.shape[0] // 3
    if out.shape[0] < 3 * n:
        raise ValueError(f"The output has {out.shape[0]} bytes, {3 * n} are needed")
    if n == 0:
        return
    _prepare_green()
    with nogil:
        _to_rgb(&src[0], &out[0], n)


cdef void _to_rgb(const uint8_t *src, uint8_t *out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t count, at = 0
    while at < n:
        at += color_groups(src + 3 * at, out + 3 * at, n - at)
        count = min(n - at, <Py_ssize_t> COLOR_GROUP)
        _pixels_to_rgb(src + 3 * at, out + 3 * at, count)
        at += count


cdef void _pixels_to_rgb(const uint8_t *src, uint8_t *out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef int y, cb, cr, green
    for i in range(0, 3 * n, 3):
        y = src[i]
        cb = src[i + 1]
        cr = src[i + 2]
        green = _GREEN[cb << 8 | cr]
        out[i] = _CLIP[384 + y + _RED[cr]]
        out[i + 2] = _CLIP[384 + y + _BLUE[cb]]
        if green != 32767:
            out[i + 1] = _CLIP[384 + y + green]
        else:
            out[i + 1] = _green_tie(y, cb, cr)


cdef uint8_t _luma_tie(int r, int g, int b) noexcept nogil:
    cdef float total = <float> (<float> r * <float> 0.299)
    total = _fma(<float> b, <float> 0.114, _fma(<float> g, <float> 0.587, total))
    return <uint8_t> floor(<float> (total + <float> 0.5))


cdef inline int _floor_div(int value, int divisor) noexcept nogil:
    return value // divisor if value >= 0 else -((-value + divisor - 1) // divisor)


@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cdivision(True)
def rgb_to_ybr_full(const uint8_t[::1] src not None, uint8_t[::1] out not None) -> None:
    """Convert interleaved RGB pixels to YBR_FULL; `out` may be `src` itself."""
    cdef Py_ssize_t i, n = src.shape[0] // 3 * 3
    cdef int r, g, b, luma, rest, value
    if out.shape[0] < n:
        raise ValueError(f"The output has {out.shape[0]} bytes, {n} are needed")
    with nogil:
        for i in range(0, n, 3):
            r = src[i]
            g = src[i + 1]
            b = src[i + 2]
            luma = 299 * r + 587 * g + 114 * b
            rest = luma % 1000
            if rest == 500:
                out[i] = _luma_tie(r, g, b)
            else:
                out[i] = <uint8_t> ((luma + 500) // 1000)
            # (b - y) / 1.772 + 128.5 and (r - y) / 1.402 + 128.5 over a common denominator, both never negative.
            value = (2 * (1000 * b - luma) + 257 * 1772) // (2 * 1772)
            out[i + 1] = 255 if value > 255 else <uint8_t> value
            value = (2 * (1000 * r - luma) + 257 * 1402) // (2 * 1402)
            out[i + 2] = 255 if value > 255 else <uint8_t> value


@cython.boundscheck(False)
@cython.wraparound(False)
def expand_422(const Unit[::1] src not None, Unit[::1] out not None) -> None:
    """Repeat the chroma of uncompressed YBR_FULL_422 (Y1 Y2 Cb Cr) for both pixels of each pair."""
    cdef Py_ssize_t i, n = src.shape[0] // 4
    if out.shape[0] < 6 * n:
        raise ValueError(f"The output has room for {out.shape[0]} samples, {6 * n} are needed")
    with nogil:
        for i in range(n):
            out[6 * i] = src[4 * i]
            out[6 * i + 1] = src[4 * i + 2]
            out[6 * i + 2] = src[4 * i + 3]
            out[6 * i + 3] = src[4 * i + 1]
            out[6 * i + 4] = src[4 * i + 2]
            out[6 * i + 5] = src[4 * i + 3]


@cython.boundscheck(False)
@cython.wraparound(False)
def interleave3(const Unit[::1] src not None, Unit[::1] out not None, Py_ssize_t n_pixels) -> None:
    """Turn planes (RRR… GGG… BBB…) of one or more frames into pixels (RGB RGB …)."""
    cdef Py_ssize_t i, frame, base, n_frames
    if n_pixels < 1 or src.shape[0] % (3 * n_pixels):
        raise ValueError(f"{src.shape[0]} samples are no whole number of frames of 3 x {n_pixels} samples")
    if out.shape[0] < src.shape[0]:
        raise ValueError(f"The output has room for {out.shape[0]} samples, {src.shape[0]} are needed")
    n_frames = src.shape[0] // (3 * n_pixels)
    with nogil:
        for frame in range(n_frames):
            base = 3 * n_pixels * frame
            for i in range(n_pixels):
                out[base + 3 * i] = src[base + i]
                out[base + 3 * i + 1] = src[base + n_pixels + i]
                out[base + 3 * i + 2] = src[base + 2 * n_pixels + i]
