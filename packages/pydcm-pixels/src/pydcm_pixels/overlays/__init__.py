"""Overlay planes (PS3.3 §C.9.2)."""

from __future__ import annotations

from pydcm_pixels.overlays.numpy_handler import get_overlay_array

__all__ = ["get_overlay_array"]
