"""JPEG: baseline, extended and progressive DCT, and the lossless process (ITU-T T.81), with libjpeg-turbo 3.

Plain baseline streams in colour are decoded by our own code where the processor has AVX2: the samples are the same, the
colours are converted on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.checks import (
    check_header,
    check_loss,
    check_nbytes,
    check_precision,
    fit_output,
    has_end,
    not_a_stream,
    warn_no_end,
)
from pydcm_pixels._codestream.jpeg import frame_header
from pydcm_pixels._core import _jpeg

if TYPE_CHECKING:
    import numpy as np


def decode(
    frame: bytes, /, *, out: np.ndarray | None = None, to_rgb: bool = False, **description: Any
) -> np.ndarray:
    """Decode a JPEG stream; components come as they are stored, chroma at full size.

    Parameters
    ----------
    frame : bytes
        The stream.
    out : numpy.ndarray, optional
        Where to put the result, uint8 or uint16.
    to_rgb : bool, optional
        Whether to convert the three components of 8 bits, which are YBR_FULL, to RGB.
    **description
        The frame's description, see :class:`pydcm.plugins.FrameDecoder`.
    """
    header = frame_header(frame)
    if header is None:
        raise not_a_stream("JPEG", frame)
    marker, precision, height, width, components = header
    check_header("JPEG", description, height, width, components)
    check_precision("JPEG", description, precision)
    check_nbytes("JPEG", description, frame)
    check_loss("JPEG", description, marker & 3 != 3)
    is_whole = has_end(frame)
    if not is_whole:
        warn_no_end("JPEG")
    out = fit_output(out, description, precision)
    if is_whole and components == 3 and precision == 8 and marker in _BASELINE_PROCESSES:
        arr = _plain_colour(frame, out, height, width, to_rgb)
        if arr is not None:
            return arr
    from imagecodecs import jpeg8_decode

    if components == 1:
        return jpeg8_decode(frame, out=out)
    # The same colour space on both sides: libjpeg leaves the components alone.
    arr = jpeg8_decode(frame, colorspace="YCBCR", outcolorspace="YCBCR", out=out)
    if to_rgb:
        from pydcm_pixels._core._color import ybr_full_to_rgb

        flat = arr.reshape(-1)
        ybr_full_to_rgb(flat, flat)
    return arr


def _plain_colour(
    frame: bytes, out: np.ndarray | None, height: int, width: int, to_rgb: bool
) -> np.ndarray | None:
    """Decode three components by our own code; ``None`` if libjpeg has to look at the stream."""
    if not _jpeg.can_decode() or not (out is None or out.flags.c_contiguous):
        return None
    import numpy as np

    arr = np.empty((height, width, 3), np.uint8) if out is None else out
    return arr if _jpeg.decode(frame, arr.reshape(-1), height, width, to_rgb) else None


_BASELINE_PROCESSES = (0xC0, 0xC1)  # of 8 bits; the second may have more tables
_BASELINE = "1.2.840.10008.1.2.4.50"
_EXTENDED = "1.2.840.10008.1.2.4.51"
_FIRST_ORDER = "1.2.840.10008.1.2.4.70"


def encode(frame: bytes, /, **description: Any) -> bytes:
    """Encode little-endian, pixel-interleaved samples by the process of the transfer syntax.

    `quality` (1 to 100, default 90) is for the lossy processes, `predictor` (1 to 7, default 1) for *JPEG Lossless*;
    *First-Order Prediction* has predictor 1 by definition. YBR_FULL_422 frames come with full-size chroma, which the
    encoder halves.
    """
    from imagecodecs import jpeg8_encode

    from pydcm_pixels._codecs.samples import as_frame, even

    uid = description["transfer_syntax_uid"]
    stored = description["bits_stored"]
    arr = as_frame(frame, description)
    options: dict[str, Any] = {}
    if description["samples_per_pixel"] == 3:
        # Lossless YCbCr comes out wrong from libjpeg-turbo, so that those components go without a name.
        space = "YCBCR" if uid in (_BASELINE, _EXTENDED) else "UNKNOWN"
        rgb = description["photometric_interpretation"] == "RGB"
        options["colorspace"] = options["outcolorspace"] = "RGB" if rgb else space
    if uid in (_BASELINE, _EXTENDED):
        options["level"] = int(description.get("quality", 90))
        options["bitspersample"] = 12 if stored > 8 else 8
        if description["samples_per_pixel"] == 3:
            half = description["photometric_interpretation"] == "YBR_FULL_422"
            options["subsampling"] = "422" if half else "444"
        return even(jpeg8_encode(arr, **options))
    if stored == 1:
        stored = 2
    predictor = 1 if uid == _FIRST_ORDER else int(description.get("predictor", 1))
    return even(jpeg8_encode(arr, lossless=True, predictor=predictor, bitspersample=stored, **options))
