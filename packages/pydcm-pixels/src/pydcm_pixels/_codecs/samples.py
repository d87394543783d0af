"""Frames' bytes as the arrays that codec libraries take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def as_frame(
    frame: bytes, description: dict[str, Any], *, planar: bool = False, signed: bool = False
) -> np.ndarray:
    """Return little-endian samples as ``(rows, columns[, samples])``, unused high bits of unsigned samples cleared.

    Parameters
    ----------
    frame : bytes
        One, two, four or eight bytes per sample: what holds *Bits Stored*.
    description : dict[str, Any]
        The frame's description.
    planar : bool, optional
        Whether the samples come plane by plane.
    signed : bool, optional
        Whether the codec takes signed samples: those of *Pixel Representation* 1 stay signed, otherwise their bit
        pattern is taken as an unsigned number of *Bits Stored* bits.
    """
    import numpy as np

    rows, columns = description["rows"], description["columns"]
    samples, stored = description["samples_per_pixel"], description["bits_stored"]
    width = 1 if stored <= 8 else 2 if stored <= 16 else 4 if stored <= 32 else 8
    keep_sign = signed and description["pixel_representation"] == 1
    arr = np.frombuffer(frame, dtype=f"<{'i' if keep_sign else 'u'}{width}", count=rows * columns * samples)
    if not keep_sign and stored < 8 * width and int(arr.max()) >> stored:
        arr = arr & np.array((1 << stored) - 1, dtype=arr.dtype)
    if samples == 1:
        return arr.reshape(rows, columns)
    if planar:
        return np.ascontiguousarray(arr.reshape(samples, rows, columns).transpose(1, 2, 0))
    return arr.reshape(rows, columns, samples)


def even(data: bytes | bytearray) -> bytes:
    """Return an encoded frame padded to an even length (PS3.5 §A.4)."""
    return bytes(data) if len(data) % 2 == 0 else bytes(data) + b"\x00"
