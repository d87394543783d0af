"""b value and direction of one image, from the standard's elements or the maker's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pydcm_pixels._vendors.csa import floats

if TYPE_CHECKING:
    from pydcm_pixels._vendors.header import Header

__all__ = ["Weighting", "weighting"]

_GE_PACKED = 1_000_000_000  # GE adds this to some of the b values that it stores
_IMPOSSIBLE = -1.0  # syngo 2004A marks images of b = 0 by directions with parts below this
_CANON_COMMENT = re.compile(r"b=(\d+)\(([^)]*)\)?")
Vector = tuple[float, float, float]


class Weighting(NamedTuple):
    """Diffusion weighting of an image.

    Attributes
    ----------
    value : float
        b, s/mm2.
    direction : tuple of float or None
        As stored: ``None`` for an image without one (b = 0, or a trace image).
    world : bool
        Whether the direction is in the patient (LPS), else in the frame of the image.
    isotropic : bool
        Whether the header calls the image isotropic: the mean of several directions.
    """

    value: float
    direction: Vector | None
    world: bool = True
    isotropic: bool = False


def weighting(header: Header) -> Weighting | None:
    """Return the diffusion weighting of an image, ``None`` if it has none."""
    own = _OWN.get(header.maker)
    found = own(header) if own is not None else None
    return found or _standard(header)


def _vector(found: list[float]) -> Vector | None:
    if len(found) != 3 or not 1e-6 < sum(part * part for part in found) < 1e12:
        return None
    return found[0], found[1], found[2]


def _standard(header: Header) -> Weighting | None:
    value = header.number(0x00189087)
    if value is None:
        return None
    kind = header.text(0x00189075)
    direction = None if kind in ("NONE", "ISOTROPIC") else _vector(header.numbers(0x00189089))
    return Weighting(value, direction, True, kind == "ISOTROPIC")


def _siemens(header: Header) -> Weighting | None:
    value = next(iter(floats(header.csa("B_value"))), None)
    direction = _vector(floats(header.csa("DiffusionGradientDirection")))
    if value is None:
        value = header.private_number(0x0019, "SIEMENS MR HEADER", 0x0C)
        direction = _vector(header.private_numbers(0x0019, "SIEMENS MR HEADER", 0x0E))
    if value is None:
        return None
    if direction is not None and max(direction) < _IMPOSSIBLE:
        return Weighting(0.0, None)
    return Weighting(max(value, 0.0), direction)


def _ge(header: Header) -> Weighting | None:
    packed = header.private_numbers(0x0043, "GEMS_PARM_01", 0x39) or header.numbers(0x00189087)
    if not packed:
        return None
    parts = [header.private_number(0x0019, "GEMS_ACQU_01", element) or 0.0 for element in (0xBB, 0xBC, 0xBD)]
    stated = header.numbers(0x00189089)
    return Weighting(packed[0] % _GE_PACKED, _vector(parts) or _vector(stated), len(stated) == 3)


def _philips(header: Header) -> Weighting | None:
    value = header.number(0x00189087)
    if value is None:
        value = header.private_number(0x2001, "Philips Imaging DD 001", 0x03)
    if value is None:
        return None
    kind = header.text(0x00189075)
    direction = _vector(header.numbers(0x00189089))
    if direction is None:
        creator = "Philips MR Imaging DD 001"
        parts = [header.private_number(0x2005, creator, element) or 0.0 for element in (0xB0, 0xB1, 0xB2)]
        direction = _vector(parts)
    planned = not value and header.frame.groups is None  # single images of b = 0 keep what they were given
    if (not value and not planned) or (value and kind in ("NONE", "ISOTROPIC")):
        direction = None
    return Weighting(value, direction, True, kind == "ISOTROPIC")


def _uih(header: Header) -> Weighting | None:
    value = header.private_number(0x0065, "Image Private Header", 0x09)
    if value is None:
        return None
    return Weighting(value, _vector(header.private_numbers(0x0065, "Image Private Header", 0x37)), False)


def _canon(header: Header) -> Weighting | None:
    """Canon's single-frame images have the direction in their comment, in the frame of the image."""
    value = header.number(0x00189087)
    if not value or header.numbers(0x00189089):
        return None
    match = _CANON_COMMENT.match(header.text(0x00204000))
    if match is None or int(match[1]) != round(value):
        return None
    try:
        column, row, through = (float(part) for part in match[2].split(","))
    except ValueError:
        return None
    return Weighting(value, _vector([row, column, through]), False)


_OWN = {
    "Siemens": _siemens,
    "GE": _ge,
    "Philips": _philips,
    "UIH": _uih,
    "Canon": _canon,
    "Toshiba": _canon,
}
