"""High-Throughput JPEG 2000 (ISO/IEC 15444-15): OpenJPH for reversible streams, OpenJPEG for the others."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.checks import fit_output
from pydcm_pixels._codecs.jpeg2000 import checked_header, with_end

if TYPE_CHECKING:
    import numpy as np


_lost = threading.local()


def _keep_error(unraisable: Any) -> None:
    """Keep an error that imagecodecs loses on its way out of the decoder; pass every other on."""
    if "_htj2k" in str(unraisable.object):
        _lost.error = unraisable.exc_value
    else:
        _keep_error.others(unraisable)  # type: ignore[attr-defined]


def _noticing_errors(decoder: Any, frame: bytes, **options: Any) -> Any:
    """Call imagecodecs' decoder, which returns whatever is in its buffer when OpenJPH finds a broken stream.

    The error itself goes to :func:`sys.unraisablehook`; taken from there it is raised, as it should have been.
    """
    if sys.unraisablehook is not _keep_error:
        _keep_error.others = sys.unraisablehook  # type: ignore[attr-defined]
        sys.unraisablehook = _keep_error
    _lost.error = None
    arr = decoder(frame, **options)
    error = _lost.error
    if error is not None:
        _lost.error = None
        raise ValueError(f"The HTJ2K stream is broken: {error}") from error
    return arr


def decode(frame: bytes, /, *, out: np.ndarray | None = None, **description: Any) -> np.ndarray:
    """Decode an HTJ2K (or JPEG 2000) stream; a component transformation in the stream is undone.

    Parameters as for :func:`pydcm_pixels._codecs.jpeg.decode`.
    """
    header = checked_header(frame, description)
    frame = with_end(frame)
    out = fit_output(out, description, header.precision, header.is_signed)
    if header.reversible and header.is_htj2k:
        from imagecodecs import htj2k_decode

        return _noticing_errors(htj2k_decode, frame, planar=False, out=out)
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
