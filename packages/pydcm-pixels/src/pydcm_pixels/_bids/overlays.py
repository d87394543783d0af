"""Overlays of the images: regions that were drawn on them (PS3.3 §C.9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pydcm_pixels._series import fields
from pydcm_pixels._volume.model import Volume

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydcm_pixels._series.frame import Frame
    from pydcm_pixels._series.stack import Stack

__all__ = ["overlays"]

_MOST = 16


def overlays(stack: Stack) -> Iterator[tuple[int, Volume]]:
    """Yield the number (from 1) and the mask of each overlay that any slice of a volume has.

    Only overlays that cover the images of single-frame files pixel by pixel are masks of them.
    """
    if stack.axes != "zyx" or stack.first.index is not None or stack.first.tile is not None:
        return
    for number in range(_MOST):
        planes = [_plane(frame, 0x6000 + 2 * number) for frame in stack.frames[0]]
        if all(plane is None for plane in planes):
            continue
        mask = np.zeros(stack.shape, np.uint8)
        for at, plane in enumerate(planes):
            if plane is not None:
                mask[at] = plane
        yield number + 1, Volume(mask, stack.affine, axes="zyx", meta={})


def _plane(frame: Frame, group: int) -> np.ndarray | None:
    """Return an overlay plane, ``None`` if the image has none of its own size."""
    ds = frame.ds
    data = group << 16 | 0x3000
    if data not in ds:
        return None
    size = fields.integer(ds, group << 16 | 0x10), fields.integer(ds, group << 16 | 0x11)
    origin = fields.floats(ds, group << 16 | 0x50)
    stored = fields.integer(ds, group << 16 | 0x100) or 1, fields.integer(ds, group << 16 | 0x102) or 0
    if size != (frame.rows, frame.columns) or tuple(origin or (1, 1)) != (1, 1) or stored != (1, 0):
        return None
    value = ds[data].value
    count = frame.rows * frame.columns
    if not isinstance(value, bytes) or len(value) < -(-count // 8):
        return None
    bits = np.unpackbits(np.frombuffer(value, np.uint8), count=count, bitorder="little")
    return bits.reshape(frame.rows, frame.columns)
