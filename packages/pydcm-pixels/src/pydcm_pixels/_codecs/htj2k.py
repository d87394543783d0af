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


_LOSSY = "1.2.840.10008.1.2.4.203"


def encode(frame: bytes, /, **description: Any) -> bytes:
    """Encode little-endian, pixel-interleaved samples; RGB samples for YBR_RCT and YBR_ICT.

    Reversible, except for *HTJ2K* with `htj2k_step`, the quantisation step (0.0001 to 0.5) of an irreversible stream.
    """
    from imagecodecs import htj2k_encode

    from pydcm_pixels._codecs.jpeg2000 import uses_mct
    from pydcm_pixels._codecs.samples import as_frame, even

    uid = description["transfer_syntax_uid"]
    step = description.get("htj2k_step")
    if step is not None and uid != _LOSSY:
        raise ValueError(f"A 'htj2k_step' of '{step}' makes the stream lossy, which '{uid}' does not allow")
    arr = as_frame(frame, description, signed=True)
    smallest = min(arr.shape[:2])
    return even(
        htj2k_encode(
            arr,
            level=step,
            reversible=step is None,
            rgb=arr.ndim == 3 and uses_mct(description),
            planar=False,
            resolutions=max(0, min(5, smallest.bit_length() - 1)),
            tlm=uid.endswith(".202"),
        )
    )
