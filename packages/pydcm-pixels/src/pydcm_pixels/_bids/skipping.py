"""What is left out on request: derived images, localizers, single images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._bids.image_type import is_derived
from pydcm_pixels._bids.sidecar import bids_sidecar
from pydcm_pixels._vendors.header import Header

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack

__all__ = ["why_skipped"]

_LOCALIZER = ("LOCALIZER", "SCOUT")
_SCOUTS = ("fl2d1", "*fl3d1_ns")


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
    return "localizer" if header.maker in ("Siemens", "GE") and _is_scout(stack, header) else ""


def _is_scout(stack: Stack, header: Header) -> bool:
    """Say whether a name or the guess at what is shown tells that an image is for planning others, as in dcm2niix."""
    name = header.text(0x00180024) or header.text(0x00189005)
    if header.maker == "Siemens" and any(mark in name for mark in _SCOUTS):
        return True
    kind, suffix = bids_sidecar(stack).get("BidsGuess", ("", ""))
    return bool(kind == "discard" and suffix.endswith("_localizer"))
