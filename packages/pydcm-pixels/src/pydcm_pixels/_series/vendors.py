"""Vendors' own elements that tell images apart or scale them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._series import fields
from pydcm_pixels._series.private import find_private

if TYPE_CHECKING:
    from collections.abc import Hashable

    from pydcm.dataset import Dataset
    from pydcm_pixels._series.frame import Frame

__all__ = [
    "LARGEST",
    "diffusion_key",
    "ge_is_map",
    "ge_polarity",
    "is_philips",
    "philips_item",
    "philips_precise",
    "philips_real_world",
    "philips_scale",
    "series_uid",
]

# (group, creator, element of the b-value, element of the direction)
_B_VALUES = (
    (0x0019, "SIEMENS MR HEADER", 0x0C, 0x0E),
    (0x0043, "GEMS_PARM_01", 0x39, None),
    (0x2001, "Philips Imaging DD 001", 0x03, None),
    (0x0065, "Image Private Header", 0x09, 0x37),
)
_GE_DIRECTION = (0xBB, 0xBC, 0xBD)
_PHILIPS_DIRECTION = (0xB0, 0xB1, 0xB2)
_PHILIPS_CREATORS = (0x20010010, 0x20010011, 0x20050010, 0x20050011, 0x20050014)
_ACQUISITION = "GEMS_ACQU_01"
_REAL_WORLD = 0x00409096
#: What Philips writes where there is no slope is larger.
LARGEST = 1e38
_BOTH_POLARITIES = {2: 1, 3: 0}  # mode of the sequence: remainder of the volumes' numbers that are reversed


def _rounded(numbers: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(round(one, 5) for one in numbers)


def diffusion_key(frame: Frame) -> Hashable:
    """Return the b-value and direction of a frame, by the standard's elements or its vendor's; ``None`` without."""
    if frame.groups is None:
        b_value = fields.number(frame.ds, 0x00189087)
        direction = fields.floats(frame.ds, 0x00189089)
    else:
        holder = frame.find(0x00189087)
        b_value = fields.number(holder, 0x00189087) if holder is not None else None
        holder = frame.find(0x00189089)
        direction = fields.floats(holder, 0x00189089) if holder is not None else ()
    if b_value is not None:
        return (b_value, *_rounded(direction))
    ds = frame.ds
    for group, creator, b_element, direction_element in _B_VALUES:
        tag = find_private(ds, group, creator, b_element)
        if tag is None:
            continue
        b_values = fields.floats(ds, tag)
        if not b_values:
            continue
        if direction_element is not None:
            tag = find_private(ds, group, creator, direction_element)
            direction = fields.floats(ds, tag) if tag else ()
        elif group == 0x0043:
            direction = _three(ds, 0x0019, "GEMS_ACQU_01", _GE_DIRECTION)
        else:
            direction = _three(ds, 0x2005, "Philips MR Imaging DD 001", _PHILIPS_DIRECTION)
        return (b_values[0] % 1e9, *_rounded(direction))
    return None


def _three(ds: Dataset, group: int, creator: str, elements: tuple[int, ...]) -> tuple[float, ...]:
    found = [find_private(ds, group, creator, element) for element in elements]
    return tuple(fields.number(ds, tag) or 0.0 for tag in found if tag is not None)


def ge_polarity(ds: Dataset) -> tuple[bool, bool]:
    """Return whether phase encoding of an image is reversed, and whether its series has both polarities.

    GE's research sequence ``epi_pepolar`` stores the rows of reversed images in reverse order without saying so. User
    variable 12 (0019,10B3) is its mode: 0 forward, 1 reversed, 2 and 3 both in turn, the reversed one first or second.
    """
    tag = find_private(ds, 0x0019, _ACQUISITION, 0x9C)
    if tag is None or "epi_pepolar" not in fields.text(ds, tag):
        return False, False
    tag = find_private(ds, 0x0019, _ACQUISITION, 0xB3)
    mode = round((fields.number(ds, tag) if tag is not None else None) or 0.0)
    if mode not in _BOTH_POLARITIES:
        return mode == 1, False
    volume = fields.integer(ds, 0x00200100) or 0
    return volume > 0 and volume % 2 == _BOTH_POLARITIES[mode], True


def ge_is_map(ds: Dataset) -> bool | None:
    """Return whether an image of GE's field mapping is the map, Hz, not the magnitude; ``None`` of other series.

    The images that are numbered first are the map, as many as there are places, if the series has more of them. What
    (0043,102F) says of these series (real, or nothing) is not reliable.
    """
    names = [find_private(ds, 0x0019, _ACQUISITION, element) for element in (0x9C, 0x9E)]
    name, internal = (fields.text(ds, tag) if tag is not None else "" for tag in names)
    if "b0map" not in name and "B0map" not in internal:
        return None
    tag = find_private(ds, 0x0021, "GEMS_RELA_01", 0x4F)
    places = fields.integer(ds, tag) or 0 if tag is not None else 0
    images = fields.integer(ds, 0x00201002) or 0
    if not (places and images) or places == images:
        return None
    return (fields.integer(ds, 0x00200013) or 0) <= places


def series_uid(frame: Frame) -> str:
    """Return what files of one series share: *Series Instance UID*; of Siemens XA's single-frame files *Series Time*.

    XA gives several UIDs to one series when it takes multi-frame images apart.
    """
    ds = frame.ds
    if frame.groups is None and 0x00080031 in ds and "XA" in fields.text(ds, 0x00181020)[1:]:
        maker, time = fields.text(ds, 0x00080070), fields.text(ds, 0x00080031)
        if time and maker.upper().startswith("SIEMENS"):
            return time
    return fields.text(ds, 0x0020000E)


def is_philips(ds: Dataset) -> bool:
    """Say whether a file is of Philips: by its maker, or by private elements if that was removed."""
    maker = fields.text(ds, 0x00080070).upper()
    return maker.startswith("PHILIPS") or (
        not maker and any(fields.text(ds, tag).startswith("Philips ") for tag in _PHILIPS_CREATORS)
    )


def philips_item(ds: Dataset) -> Dataset | None:
    """Return the item (2005,140F) in which Philips repeats elements of an image, ``None`` if there is none."""
    tag = find_private(ds, 0x2005, "Philips MR Imaging DD 005", 0x0F)
    found = fields.items(ds, tag) if tag is not None else ()
    return found[0] if found else None


def philips_scale(frame: Frame) -> float:
    """Return Philips' scale slope (2005,100E), 0 if there is none."""
    holder = (philips_item(frame.groups) if frame.groups is not None else None) or frame.ds
    tag = find_private(holder, 0x2005, "Philips MR Imaging DD 001", 0x0E)
    return (fields.number(holder, tag) if tag is not None else None) or 0.0


def philips_real_world(frame: Frame) -> None:
    """Set slope and intercept of a Philips frame that has none from the real-world mapping (PS3.3 §C.7.6.16.2.11)."""
    holder = frame.find(_REAL_WORLD)
    if holder is None or not is_philips(frame.ds):
        return
    for item in fields.items(holder, _REAL_WORLD)[-1:]:
        slope, intercept = fields.number(item, 0x00409225), fields.number(item, 0x00409224)
        if slope and slope < LARGEST and frame.slope == 1.0:
            frame.slope = slope
        if intercept and frame.intercept == 0.0:
            frame.intercept = intercept


def philips_precise(slope: float, intercept: float, scale: float) -> tuple[float, float] | None:
    """Return slope and intercept to Philips' floating-point values, which can be compared between series.

    The stored value R means the displayed value D = R RS + RI and the floating-point value P = D / (RS SS), with the
    scale slope SS (doi:10.1593/tlo.13811). Both ends are computed in single precision as dcm2niix does, so that its
    values come out to the last bit.

    Returns
    -------
    tuple of float or None
        ``None`` without a scale slope, or if both scalings are the same.
    """
    import numpy as np

    first, second, third = np.float32(slope), np.float32(intercept), np.float32(scale)
    with np.errstate(all="ignore"):
        low, high = second / (first * third), (first + second) / (first * third)
        precise = high - low
    if not np.isfinite((low, high)).all() or precise == 0:
        return None
    if np.allclose((precise, low), (first, second), rtol=1e-7, atol=1e-7):
        return None
    return float(precise), float(low)
