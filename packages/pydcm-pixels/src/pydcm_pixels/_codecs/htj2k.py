"""High-Throughput JPEG 2000 (ISO/IEC 15444-15): OpenJPH for reversible streams, OpenJPEG for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.checks import fit_output
from pydcm_pixels._codecs.jpeg2000 import checked_header

if TYPE_CHECKING:
    import numpy as np


def decode(frame: bytes, /, *, out: np.ndarray | None = None, **description: Any) -> np.ndarray:
    """Decode an HTJ2K (or JPEG 2000) stream; a component transformation in the stream is undone.

    Parameters as for :func:`pydcm_pixels._codecs.jpeg.decode`.
    """
    header = checked_header(frame, description)
    out = fit_output(out, description, header.precision, header.is_signed)
    if header.reversible and header.is_htj2k:
        from imagecodecs import htj2k_decode

        return htj2k_decode(frame, planar=False, out=out)
    # OpenJPH lets values of irreversible streams wrap around at the ends of their range; OpenJPEG clamps them.
    from imagecodecs import jpeg2k_decode

    return jpeg2k_decode(frame, planar=False, numthreads=1, out=out)
