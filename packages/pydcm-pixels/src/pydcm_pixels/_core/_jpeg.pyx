"""Baseline JPEG in colour, decoded to RGB or YCbCr in one go; without the GIL (ITU-T T.81).

libjpeg hands YCbCr out sample by sample, and its own RGB differs from the equation of PS3.3 §C.7.6.3.1.2 here and there.
Here chroma is interpolated and converted row by row while it is in the cache. Only streams as nearly all programs write
them are taken, on processors with AVX2; everything else is left to libjpeg, and so is every stream with an error.
"""
cimport cython
from libc.stdint cimport uint8_t
from libc.stdlib cimport calloc, free

cdef extern from "_jpeg_samples.h":
    void color_prepare() nogil

    ctypedef struct jpeg_image:
        int width
        int height

    int jpeg_can_decode() nogil
    int jpeg_read_header(jpeg_image *image, const uint8_t *src, Py_ssize_t size) nogil
    int jpeg_decode_scan(const jpeg_image *image, const uint8_t *end, uint8_t *out, int rgb) nogil

color_prepare()


def can_decode() -> bool:
    """Return whether this processor has what :func:`decode` needs."""
    return jpeg_can_decode() != 0


@cython.boundscheck(False)
@cython.wraparound(False)
def decode(const uint8_t[::1] src not None, uint8_t[::1] out not None, int rows, int columns, bint rgb) -> bool:
    """Decode a baseline stream of three components into `out`, pixel by pixel.

    Parameters
    ----------
    src : bytes-like
        The stream.
    out : buffer of uint8
        Where the samples go; undefined if the stream turns out to be damaged.
    rows, columns : int
        The size that the stream has to have.
    rgb : bool
        Whether its components are YCbCr, to be converted; otherwise they stay as they are.

    Returns
    -------
    bool
        Whether it was decoded; ``False`` for anything that another decoder has to look at.
    """
    cdef jpeg_image *image
    cdef Py_ssize_t size = src.shape[0]
    cdef int done = 0
    if not jpeg_can_decode() or rows < 1 or columns < 1 or size < 4:
        return False
    if out.shape[0] != 3 * <Py_ssize_t> rows * columns:
        raise ValueError(f"The output has {out.shape[0]} bytes, {3 * <Py_ssize_t> rows * columns} are needed")
    image = <jpeg_image *> calloc(1, sizeof(jpeg_image))
    if image == NULL:
        raise MemoryError()
    with nogil:
        if jpeg_read_header(image, &src[0], size) and image.width == columns and image.height == rows:
            done = jpeg_decode_scan(image, &src[0] + size, &out[0], rgb)
        free(image)
    return done != 0
