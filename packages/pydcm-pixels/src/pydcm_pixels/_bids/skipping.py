"""What is left out on request: derived images, localizers, single images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._bids.header import Header
from pydcm_pixels._bids.image_type import is_derived

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack

__all__ = ["why_skipped"]

_LOCALIZER = ("LOCALIZER", "SCOUT")


def why_skipped(stack: Stack) -> str:
    """Return why a stack is no image that was acquired as a volume, ``""`` if it is one."""
    header = Header(stack.first)
    if is_derived(header):
        return "derived image"
    words = f"{header.own_text(0x00080008)} {header.text(0x00180024)}".upper()
    if any(mark in words for mark in _LOCALIZER):
        return "localizer"
    if stack.n_frames < 2:
        return "single image"
    return ""
