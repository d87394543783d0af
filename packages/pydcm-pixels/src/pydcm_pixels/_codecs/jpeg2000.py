"""JPEG 2000 Part 1, and Part 2 where the stream allows (ISO/IEC 15444-1, -2), with OpenJPEG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.checks import check_header, check_precision, fit_output, not_a_stream
from pydcm_pixels._codestream.jpeg2000 import codestream_header

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._codestream.jpeg2000 import CodestreamHeader


def checked_header(frame: bytes, description: dict[str, Any]) -> CodestreamHeader:
    """Return the stream's header after comparing it with the description."""
    header = codestream_header(frame)
    if header is None:
        raise not_a_stream("JPEG 2000", frame)
    check_header("JPEG 2000", description, header.height, header.width, header.components)
    check_precision("JPEG 2000", description, header.precision)
    return header


def decode(frame: bytes, /, *, out: np.ndarray | None = None, **description: Any) -> np.ndarray:
    """Decode a JPEG 2000 stream; a component transformation in the stream is undone.

    Parameters as for :func:`pydcm_pixels._codecs.jpeg.decode`.
    """
    from imagecodecs import jpeg2k_decode

    header = checked_header(frame, description)
    out = fit_output(out, description, header.precision, header.is_signed)
    return jpeg2k_decode(frame, planar=False, numthreads=1, out=out)
