"""JPEG XL (ISO/IEC 18181), with libjxl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.checks import check_header, not_a_stream
from pydcm_pixels._codestream.jpegxl import image_size

if TYPE_CHECKING:
    import numpy as np


def decode(frame: bytes, /, *, out: np.ndarray | None = None, **description: Any) -> np.ndarray:
    """Decode a JPEG XL stream; XYB and recompressed JPEG come as RGB.

    Parameters as for :func:`pydcm_pixels._codecs.jpeg.decode`; `out` is not used.
    """
    from imagecodecs import jpegxl_decode

    size = image_size(frame)
    if size is None:
        raise not_a_stream("JPEG XL", frame)
    check_header("JPEG XL", description, *size, description["samples_per_pixel"])
    arr = jpegxl_decode(frame, numthreads=1, keeporientation=True)
    samples = arr.shape[2] if arr.ndim == 3 else 1
    check_header("JPEG XL", description, arr.shape[0], arr.shape[1], samples)
    return arr
