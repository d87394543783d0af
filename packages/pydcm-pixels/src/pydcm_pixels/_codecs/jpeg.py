"""JPEG: baseline, extended and progressive DCT, and the lossless process (ITU-T T.81), with libjpeg-turbo 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.checks import check_header, check_precision, fit_output, not_a_stream
from pydcm_pixels._codestream.jpeg import frame_header

if TYPE_CHECKING:
    import numpy as np


def decode(frame: bytes, /, *, out: np.ndarray | None = None, **description: Any) -> np.ndarray:
    """Decode a JPEG stream; components come as they are stored, chroma at full size.

    Parameters
    ----------
    frame : bytes
        The stream.
    out : numpy.ndarray, optional
        Where to put the result, uint8 or uint16.
    **description
        The frame's description, see :class:`pydcm.plugins.FrameDecoder`.
    """
    from imagecodecs import jpeg8_decode

    header = frame_header(frame)
    if header is None:
        raise not_a_stream("JPEG", frame)
    _, precision, height, width, components = header
    check_header("JPEG", description, height, width, components)
    check_precision("JPEG", description, precision)
    out = fit_output(out, description, precision)
    if components == 1:
        return jpeg8_decode(frame, out=out)
    # The same colour space on both sides: libjpeg leaves the components alone.
    return jpeg8_decode(frame, colorspace="YCBCR", outcolorspace="YCBCR", out=out)
