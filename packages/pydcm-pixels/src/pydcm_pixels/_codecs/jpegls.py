"""JPEG-LS, lossless and near-lossless (ITU-T T.87), with CharLS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.checks import check_header, check_precision, fit_output, not_a_stream
from pydcm_pixels._codestream.jpeg import frame_header

if TYPE_CHECKING:
    import numpy as np


def decode(frame: bytes, /, *, out: np.ndarray | None = None, **description: Any) -> np.ndarray:
    """Decode a JPEG-LS stream; parameters as for :func:`pydcm_pixels._codecs.jpeg.decode`."""
    import numpy as np
    from imagecodecs import jpegls_decode

    header = frame_header(frame)
    if header is None:
        raise not_a_stream("JPEG-LS", frame)
    _, precision, height, width, components = header
    check_header("JPEG-LS", description, height, width, components)
    check_precision("JPEG-LS", description, precision)
    arr = jpegls_decode(frame, out=fit_output(out, description, precision))
    if components == 3 and arr.shape != (height, width, 3):
        arr = np.ascontiguousarray(np.moveaxis(arr.reshape(3, height, width), 0, -1))
    return arr
