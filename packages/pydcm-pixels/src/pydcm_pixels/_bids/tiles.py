"""The order of a mosaic's tiles, and of the pictures of a film."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydcm_pixels._vendors.csa import floats
from pydcm_pixels._vendors.header import Header

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack

__all__ = ["in_file_order", "is_numbered_backwards", "side_by_side"]


def in_file_order(stack: Stack) -> Stack:
    """Return a stack of mosaics with its slices in the order of the tiles, as dcm2niix stores them.

    Slices of a stack ascend along the normal of the image; where the scanner counts the other way, the file has a
    left-handed affine then. Tiles of Siemens' protocols with reversed image numbering are stored in reverse order. UIH's
    mosaics, and stacks that are none, are returned as they are.
    """
    volume = stack.frames[0]
    if stack.first.tile is None or len(volume) < 2 or Header(stack.first).maker == "UIH":
        return stack
    last = volume[-1].tile
    if last is None or (last > (stack.first.tile or last)) != is_numbered_backwards(stack):
        return stack
    affine = stack.affine.copy()
    affine[:3, 3] += affine[:3, 2] * (len(volume) - 1)
    affine[:3, 2] *= -1
    return replace(stack, frames=[one[::-1] for one in stack.frames], affine=affine)


def side_by_side(stack: Stack) -> Stack:
    """Return pictures of one file that does not say where each of them is as slices, as dcm2niix stores them.

    Other stacks are returned as they are.
    """
    first = stack.first
    if first.index is None or first.groups is not None or len(stack.frames) < 2 or len(stack.frames[0]) > 1:
        return stack
    affine = stack.affine.copy()
    if 0x00200032 not in stack.ds and 0x00200037 not in stack.ds and 0x00540022 not in stack.ds:
        sizes = (first.columns - 1, first.rows - 1, len(stack.frames) - 1)
        affine[:3, 3] = affine[:3, :3] @ sizes / -2  # nobody knows where: around the origin
    return replace(stack, frames=[[volume[0] for volume in stack.frames]], affine=affine, varying={})


def is_numbered_backwards(stack: Stack) -> bool:
    """Say whether the first tile is not the first slice of Siemens' protocol."""
    number = floats(Header(stack.first).csa("ProtocolSliceNumber"))
    return bool(number) and number[0] > 1
