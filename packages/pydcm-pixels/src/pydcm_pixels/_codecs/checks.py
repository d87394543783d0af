"""Does the stream hold the frame that the data set describes?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm import limits

if TYPE_CHECKING:
    import numpy as np


_END = b"\xff\xd9"


class StreamMismatchError(ValueError):
    """A frame's stream contradicts the data set: trying another codec on it would not be safe."""


def check_header(codec: str, description: dict[str, Any], height: int, width: int, components: int) -> None:
    """Compare a stream's size with the data set's.

    Raises
    ------
    StreamMismatchError
        If they differ; the message gives both.
    """
    rows, columns = description["rows"], description["columns"]
    samples = description["samples_per_pixel"]
    if (height, width, components) != (rows, columns, samples):
        raise StreamMismatchError(
            f"The {codec} stream holds {height} rows, {width} columns and {components} samples per pixel but the "
            f"data set's (0028,0010) 'Rows' is {rows}, (0028,0011) 'Columns' {columns} and (0028,0002) 'Samples per "
            f"Pixel' {samples}"
        )


def check_nbytes(codec: str, description: dict[str, Any], frame: bytes) -> None:
    """Refuse a stream that is much too short for its size, before room is made for that.

    Raises
    ------
    StreamMismatchError
        If it has more samples than :data:`pydcm.limits.FRAME_ALLOWANCE` and too few bytes for them.
    """
    rows, columns, samples = description["rows"], description["columns"], description["samples_per_pixel"]
    count = rows * columns * samples
    if count > limits.FRAME_ALLOWANCE and count > limits.MAX_SAMPLES_PER_BYTE * len(frame):
        raise StreamMismatchError(
            f"The {codec} stream's {len(frame)} bytes cannot hold {rows} rows and {columns} columns of {samples} samples "
            "per pixel; if they do, raise pydcm.limits.MAX_SAMPLES_PER_BYTE"
        )


def check_precision(codec: str, description: dict[str, Any], precision: int) -> None:
    """Refuse a stream whose samples do not fit *Bits Allocated*: cutting them would be silent nonsense.

    Raises
    ------
    StreamMismatchError
        If the precision exceeds *Bits Allocated*.
    """
    allocated = description["bits_allocated"]
    if precision > allocated:
        raise StreamMismatchError(
            f"The {codec} stream holds {precision}-bit samples but the data set's (0028,0100) 'Bits Allocated' is "
            f"{allocated}"
        )


def has_end(frame: bytes) -> bool:
    """Return whether a JPEG, JPEG-LS or JPEG 2000 stream has its end marker; padding may follow it."""
    return _END in bytes(frame[-16:]) or _END in frame


def warn_no_end(codec: str) -> None:
    """Warn of a stream without end marker: whether all of the image was there only some decoders tell."""
    from pydcm.misc import warn_and_log

    warn_and_log(
        f"The {codec} stream has no end marker (FF D9), the frame may be truncated and its last rows may be missing"
    )


_LOSSLESS = frozenset("1.2.840.10008.1.2.4." + last for last in ("57", "70", "80", "90", "201", "202"))


def is_unexpected_loss(syntax: str, lossy: bool) -> bool:
    """Return whether a stream is by a lossy process in a transfer syntax that promises a lossless one."""
    return lossy and syntax in _LOSSLESS


def check_loss(codec: str, description: dict[str, Any], lossy: bool) -> None:
    """Warn of a stream by a lossy process in a transfer syntax that promises a lossless one."""
    syntax = description.get("transfer_syntax_uid", "")
    if is_unexpected_loss(syntax, lossy):
        from pydcm.misc import warn_and_log
        from pydcm.uid import UID

        warn_and_log(
            f"The {codec} stream is of a lossy kind but the (0002,0010) 'Transfer Syntax UID' is '{UID(syntax).name}': the "
            "values may not be the original ones"
        )


def not_a_stream(codec: str, frame: bytes) -> ValueError:
    """Return the error for a frame that does not start the way the codec's streams do."""
    return ValueError(
        f"The frame's {len(frame)} bytes, starting with {frame[:8].hex(' ')}, are no {codec} stream"
    )


def fit_output(
    out: np.ndarray | None, description: dict[str, Any], precision: int, signed: bool = False
) -> np.ndarray | None:
    """Return `out` in the shape and type that a codec delivers, or ``None`` if it has another sample width."""
    width = 1 if precision <= 8 else 2 if precision <= 16 else 4
    if out is None or out.dtype.itemsize != width:
        return None
    samples = description["samples_per_pixel"]
    shape = (description["rows"], description["columns"]) + ((samples,) if samples > 1 else ())
    return out.reshape(shape).view(f"{'i' if signed else 'u'}{width}")
