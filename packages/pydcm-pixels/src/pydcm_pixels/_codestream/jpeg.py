"""Marker segments of JPEG and JPEG-LS streams (ITU-T T.81 Annex B, T.87 Annex C)."""

from __future__ import annotations

from typing import Any

from pydcm_pixels._core._streams import jpeg_header

# Start of frame: all SOFn but DHT (C4), JPG (C8) and DAC (CC); F7 is JPEG-LS.
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF, 0xF7})
_START_OF_SCAN = 0xDA
_JPEG_LS = 0xF7


def get_jpg_parameters(src: bytes) -> dict[str, Any]:
    """Return what the header of a JPEG or JPEG-LS stream says.

    Returns
    -------
    dict[str, Any]
        ``precision``, ``height``, ``width``, ``components``, ``component_ids``; ``app`` with the payload of each APPn
        segment by its marker, if there is any; for JPEG-LS ``lossy_error`` and ``interleave_mode``. Empty for
        anything that cannot be parsed.
    """
    try:
        return _parse(src)
    except (IndexError, ValueError):
        return {}


def _parse(src: bytes) -> dict[str, Any]:
    if src[:2] != b"\xff\xd8":
        return {}
    info: dict[str, Any] = {}
    apps: dict[bytes, bytes] = {}
    at = 2
    marker = _marker(src, at)
    while marker not in _FRAMES:
        length = src[at + 2] << 8 | src[at + 3]
        if 0xE0 <= marker <= 0xEF:
            apps[src[at : at + 2]] = src[at + 4 : at + 2 + length]
        at += length + 2
        marker = _marker(src, at)
    if apps:
        info["app"] = apps
    info["precision"] = src[at + 4]
    info["height"] = src[at + 5] << 8 | src[at + 6]
    info["width"] = src[at + 7] << 8 | src[at + 8]
    info["components"] = src[at + 9]
    at += 10
    ids = [src[at + 3 * i] for i in range(info["components"])]
    info["component_ids"] = ids
    if marker != _JPEG_LS:
        return info
    at += 3 * len(ids)
    while _marker(src, at) != _START_OF_SCAN:
        at += (src[at + 2] << 8 | src[at + 3]) + 2
    at += 5 + 2 * src[at + 4]
    info["lossy_error"] = src[at]
    info["interleave_mode"] = src[at + 1]
    return info


def _marker(src: bytes, at: int) -> int:
    if src[at] != 0xFF:
        raise ValueError("no marker")
    return src[at + 1]


def frame_header(src: bytes) -> tuple[int, int, int, int, int] | None:
    """Return ``(marker, precision, height, width, components)`` of a JPEG stream, or ``None``.

    Quicker than :func:`get_jpg_parameters` and forgiving about fill bytes between segments.
    """
    header = jpeg_header(src)
    return None if header is None else header[:5]


def adobe_transform(apps: dict[bytes, bytes]) -> int | None:
    """Return the colour transform of the Adobe APP14 segment (0: none, 1: YCbCr, 2: YCCK), ``None`` without one."""
    segment = apps.get(b"\xff\xee")
    if segment is None or not segment.startswith(b"Adobe") or len(segment) < 12:
        return None
    return segment[11]
