"""Colour: YBR_FULL and RGB, chroma expansion, sample interleaving; without the GIL (PS3.3 §C.7.6.3.1.2).

The transformation is the standard's equation with the result rounded half up. Exact halves are rare (red and blue have
none, green has two pairs of chroma values, luma 0.1 % of all RGB values); there the result is that of the same equation
in single precision with fused multiply-add, which is what NumPy computes for an image on common processors.
"""
cimport cython
from libc.math cimport floor
from libc.stdint cimport int16_t, int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <stddef.h>
    #include <stdint.h>
    #if defined(__GNUC__) && defined(__x86_64__)
    #define COLOR_VECTORS __attribute__((target("avx2")))
    #define color_has_vectors() __builtin_cpu_supports("avx2")
    #elif defined(__aarch64__)
    #define COLOR_VECTORS
    #define color_has_vectors() 1
    #else
    #define COLOR_VECTORS
    #define color_has_vectors() 0
    #endif

    enum { COLOR_BLOCK = 1024 };

    static inline int color_clip(int value) {
        return value < 0 ? 0 : value > 255 ? 255 : value;
    }

    /* Fixed point with 20 bits; these factors round as the equation itself does, for all 256 and all 65536 chroma
       values but two pairs, whose green is an exact half. Returns whether there is such a pair. */
    COLOR_VECTORS static int color_to_rgb(const uint8_t *__restrict src, uint8_t *__restrict out, ptrdiff_t n) {
        int halves = 0;
        for (ptrdiff_t i = 0; i < n; i++) {
            int y = src[3 * i], cb = src[3 * i + 1] - 128, cr = src[3 * i + 2] - 128;
            out[3 * i] = (uint8_t)color_clip(y + ((cr * 1470104 + 524288) >> 20));
            out[3 * i + 1] = (uint8_t)color_clip(y + ((524280 - cb * 360853 - cr * 748826) >> 20));
            out[3 * i + 2] = (uint8_t)color_clip(y + ((cb * 1858077 + 524352) >> 20));
            halves |= ((cb == -50) & (cr == 50)) | ((cb == 50) & (cr == -50));
        }
        return halves;
    }
    """
    enum:
        COLOR_BLOCK
    bint color_has_vectors() nogil
    int color_to_rgb(const uint8_t *src, uint8_t *out, Py_ssize_t n) nogil

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
        if color_has_vectors():
            _blocks_to_rgb(&src[0], &out[0], n)
        else:
            _pixels_to_rgb(&src[0], &out[0], n)


cdef void _blocks_to_rgb(const uint8_t *src, uint8_t *out, Py_ssize_t n) noexcept nogil:
    cdef uint8_t[3072] block
    cdef Py_ssize_t count, at = 0
    while at < n:
        count = min(n - at, <Py_ssize_t> COLOR_BLOCK)
        memcpy(block, src + 3 * at, 3 * count)
        if color_to_rgb(block, out + 3 * at, count):
            _pixels_to_rgb(block, out + 3 * at, count)
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
