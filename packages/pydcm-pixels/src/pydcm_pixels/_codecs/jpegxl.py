"""JPEG XL (ISO/IEC 18181), with libjxl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.checks import (
    StreamMismatchError,
    check_header,
    check_nbytes,
    check_precision,
    not_a_stream,
)
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
    check_nbytes("JPEG XL", description, frame)
    arr = jpegxl_decode(frame, numthreads=1, keeporientation=True)
    samples = arr.shape[2] if arr.ndim == 3 else 1
    check_header("JPEG XL", description, arr.shape[0], arr.shape[1], samples)
    if arr.dtype.kind == "f":
        raise StreamMismatchError(
            "The JPEG XL stream holds floating point samples but (7FE0,0010) 'Pixel Data' has whole numbers of "
            f"{description['bits_allocated']} bits ((0028,0100) 'Bits Allocated')"
        )
    check_precision("JPEG XL", description, 8 * arr.dtype.itemsize)
    return arr


_LOSSLESS = "1.2.840.10008.1.2.4.110"


def encode(frame: bytes, /, **description: Any) -> bytes:
    """Encode little-endian, pixel-interleaved samples.

    *JPEG XL Lossless* is, and so is *JPEG XL* with a `distance` of 0; otherwise `distance` (up to 25, default 1.0) sets
    the loss. `effort` (1 to 9, default 5).
    """
    from imagecodecs import jpegxl_encode

    from pydcm_pixels._codecs.samples import as_frame, even

    lossless = description["transfer_syntax_uid"] == _LOSSLESS
    distance = description.get("distance")
    if lossless and distance:
        raise ValueError(
            f"A 'distance' of '{distance}' makes the stream lossy, which 'JPEG XL Lossless' does not allow"
        )
    lossless = lossless or distance == 0
    arr = as_frame(frame, description)
    return even(
        jpegxl_encode(
            arr,
            lossless=lossless,
            distance=None if lossless else float(1.0 if distance is None else distance),
            effort=int(description.get("effort", 5)),
            bitspersample=description["bits_stored"],
            photometric="RGB" if arr.ndim == 3 else "GRAY",
            usecontainer=False,
            numthreads=1,
        )
    )
