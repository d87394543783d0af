"""Orientation of the image in the sidecar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._series import fields
from pydcm_pixels._vendors.header import once, rounded

if TYPE_CHECKING:
    from pydcm_pixels._vendors.header import Header

__all__ = ["orientation", "phase_axis"]


@once
def phase_axis(header: Header) -> str:
    """Return ``"C"`` or ``"R"`` for phase encoding along columns or rows, ``""`` if it is not known."""
    text = header.text(0x00181312).upper()
    return text[:1] if text[:1] in ("C", "R") else ""


def _of_detector(header: Header) -> bool:
    """Whether the orientation is told of the detector of an NM image."""
    detector = next(iter(header.items(0x00540022)), None)
    return detector is not None and len(fields.floats(detector, 0x00200037)) == 6


def orientation(result: dict[str, Any], header: Header) -> None:
    """Add the direction cosines and the axis of phase encoding."""
    cosines = header.frame.orientation or header.numbers(0x00200037)
    frame = header.frame
    stated = bool(header.numbers(0x00200037)) or _of_detector(header)
    known = frame.index is None or frame.groups is not None or stated
    if len(cosines) == 6 and known:
        result["ImageOrientationPatientDICOM"] = [rounded(value) for value in cosines]
    if header.maker == "Siemens":
        text = header.private_text(0x0051, "SIEMENS MR HEADER", 0x0E)
        if text:
            result["ImageOrientationText"] = text
    axis = phase_axis(header)
    if axis:
        result["InPlanePhaseEncodingDirectionDICOM"] = "COL" if axis == "C" else "ROW"
