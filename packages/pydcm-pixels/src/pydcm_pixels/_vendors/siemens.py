"""Siemens' private elements that several parts of a sidecar depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_pixels._vendors.header import Header

__all__ = ["is_xa", "private_bandwidth", "shots"]


def is_xa(header: Header) -> bool:
    """Say whether an image is of a scanner with software XA."""
    return any(f"XA{digit}" in header.text(0x00181020)[1:] for digit in "123567")


def private_bandwidth(header: Header) -> float:
    """Return the bandwidth per pixel along phase encoding (Hz) of Siemens' echo-planar images, 0 if there is none."""
    found = header.private_number(0x0021, "SIEMENS MR SDI 02", 0x53)
    return found or header.private_number(0x0019, "SIEMENS MR HEADER", 0x28) or 0


def shots(header: Header) -> int:
    """Return in how many passes Siemens' scanner acquires a slab (concatenations), 1 if that is not known."""
    return max(header.protocol.integer("sSliceArray.lConc"), 1)
