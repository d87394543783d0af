"""Colour: YBR_FULL and RGB, chroma expansion, sample interleaving; without the GIL (PS3.3 §C.7.6.3.1.2).

The transformation is the standard's equation with the result rounded half up. Exact halves are rare (red has none, blue
two chroma values, green two pairs of them, luma 0.1 % of all RGB values); those of green and luma come out as of the same
equation in single precision with fused multiply-add, which is what NumPy computes for an image on common processors.
"""
cimport cython
from libc.math cimport floor
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

cdef extern from "_color_groups.h":
    void color_prepare() nogil
    void color_interleaved(const uint8_t *src, uint8_t *out, Py_ssize_t n) nogil

color_prepare()

ctypedef fused Unit:
    uint8_t
    uint16_t
    uint32_t
    uint64_t


cdef inline float _fma(float a, float b, float c) noexcept nogil:
    return <float> (<double> a * <double> b + <double> c)


@cython.boundscheck(False)
@cython.wraparound(False)
def ybr_full_to_rgb(const uint8_t[::1] src not None, uint8_t[::1] out not None) -> None:
    """Convert interleaved YBR_FULL pixels to RGB; `out` may be `src` itself."""
    cdef Py_ssize_t n = src.shape[0] // 3
    if out.shape[0] < 3 * n:
        raise ValueError(f"The output has {out.shape[0]} bytes, {3 * n} are needed")
    if n == 0:
        return
    with nogil:
        color_interleaved(&src[0], &out[0], n)


cdef uint8_t _luma_tie(int r, int g, int b) noexcept nogil:
    cdef float total = <float> (<float> r * <float> 0.299)
    total = _fma(<float> b, <float> 0.114, _fma(<float> g, <float> 0.587, total))
    return <uint8_t> floor(<float> (total + <float> 0.5))


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
