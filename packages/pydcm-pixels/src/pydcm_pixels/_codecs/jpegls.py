"""JPEG-LS, lossless and near-lossless (ITU-T T.87), with CharLS."""

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
from pydcm_pixels._core._streams import first_scan

if TYPE_CHECKING:
    import numpy as np


def decode(frame: bytes, /, *, out: np.ndarray | None = None, **description: Any) -> np.ndarray:
    """Decode a JPEG-LS stream; parameters as for :func:`pydcm_pixels._codecs.jpeg.decode`."""
    from imagecodecs import jpegls_decode

    header = frame_header(frame)
    if header is None:
        raise not_a_stream("JPEG-LS", frame)
    _, precision, height, width, components = header
    check_header("JPEG-LS", description, height, width, components)
    check_precision("JPEG-LS", description, precision)
    check_nbytes("JPEG-LS", description, frame)
    near, interleave_mode = first_scan(frame) or (0, 0)
    check_loss("JPEG-LS", description, near > 0)
    if b"\xff\xd9" not in bytes(frame[-16:]):
        if not has_end(frame):
            warn_no_end("JPEG-LS")
        # CharLS is busy for ten seconds with a scan that no marker ends: also one that may be in a segment before it.
        frame += b"\xff\xd9"
    out = fit_output(out, description, precision)
    if components == 1 or interleave_mode:
        return jpegls_decode(frame, out=out)
    # One scan per component: imagecodecs puts the planes together, but not into an array that it is given.
    pixels = jpegls_decode(frame)
    if out is None:
        import numpy as np

        return np.ascontiguousarray(pixels)
    out[...] = pixels
    return out


def allowed_error(description: dict[str, Any]) -> int:
    """Return the largest difference per sample that encoding may cause.

    Raises
    ------
    ValueError
        If the lossless syntax is asked for a difference.
    """
    error = int(description.get("jls_error") or 0)
    if error and description["transfer_syntax_uid"] == "1.2.840.10008.1.2.4.80":
        raise ValueError(
            f"A 'jls_error' value of '{error}' is being used with a transfer syntax of 'JPEG-LS Lossless' - did you mean "
            "to use 'JPEG-LS Near Lossless' instead?"
        )
    return error


def encode(frame: bytes, /, **description: Any) -> bytes:
    """Encode little-endian samples, planes if *Planar Configuration* is 1; `jls_error` bounds the difference."""
    from imagecodecs import jpegls_encode

    from pydcm_pixels._codecs.samples import as_frame, even

    error = allowed_error(description)
    planar = description.get("planar_configuration") == 1
    # CharLS takes the precision from the sample type here, 8 or 16 bits: samples keep their sign extension, so that a
    # decoder that trusts the stream's precision gets the same values.
    arr = as_frame(frame, description, planar=planar, signed=True)
    arr = arr.view(f"u{arr.dtype.itemsize}")
    try:
        return even(jpegls_encode(arr, level=error))
    except RuntimeError:
        # imagecodecs makes room for samples that shrink at least a little; noise needs up to 32 bits each (T.87 §A.2.1).
        return even(jpegls_encode(arr, level=error, out=4 * arr.size + arr.nbytes + 1024))
