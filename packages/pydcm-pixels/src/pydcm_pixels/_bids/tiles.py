"""The order of a mosaic's tiles."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydcm_pixels._bids.header import Header
from pydcm_pixels._vendors.csa import floats

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack

__all__ = ["in_file_order"]


def in_file_order(stack: Stack) -> Stack:
    """Return a stack of mosaics with its slices in the order of the tiles, as dcm2niix stores them.

    Slices of a stack ascend along the normal of the image; where the scanner counts the other way, the file has a
    left-handed affine then. Tiles of Siemens' protocols with reversed image numbering are stored in reverse order. Stacks
    that are no mosaics are returned as they are.
    """
    volume = stack.frames[0]
    if stack.first.tile is None or len(volume) < 2:
        return stack
    last = volume[-1].tile
    if last is None or (last > (stack.first.tile or last)) != _is_numbered_backwards(stack):
        return stack
    affine = stack.affine.copy()
    affine[:3, 3] += affine[:3, 2] * (len(volume) - 1)
    affine[:3, 2] *= -1
    return replace(stack, frames=[one[::-1] for one in stack.frames], affine=affine)


def _is_numbered_backwards(stack: Stack) -> bool:
    """Say whether the first tile is not the first slice of Siemens' protocol."""
    number = floats(Header(stack.first).csa("ProtocolSliceNumber"))
    return bool(number) and number[0] > 1
