"""b value and direction of one image, from the standard's elements or the maker's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._vendors.csa import floats

if TYPE_CHECKING:
    from pydcm_pixels._bids.header import Header

__all__ = ["Weighting", "weighting"]

#: b value (s/mm2) and direction in the patient (LPS), ``None`` for an image without one (b = 0, or a trace image).
Weighting = tuple[float, "tuple[float, float, float] | None"]

_GE_PACKED = 1_000_000_000  # GE adds this to the b values that it stores


def weighting(header: Header) -> Weighting | None:
    """Return the diffusion weighting of an image, ``None`` if it has none.

    GE's directions are in the frame of the image: see :func:`pydcm_pixels._diffusion.gradients.table`.
    """
    if header.maker == "UIH":
        value = header.private_number(0x0065, "Image Private Header", 0x09)
        if value is not None:
            return value, _direction(header.private_numbers(0x0065, "Image Private Header", 0x37))
    if header.maker == "GE":
        return _ge(header)
    value = header.number(0x00189087)
    direction = _direction(header.numbers(0x00189089))
    if header.maker == "Siemens":
        found = _siemens(header, value)
        if found is not None:
            return found
    if header.maker == "Philips" and value is None:
        value = header.private_number(0x2001, "Philips Imaging DD 001", 0x03)
        parts = [
            header.private_number(0x2005, "Philips MR Imaging DD 001", element)
            for element in (0xB0, 0xB1, 0xB2)
        ]
        direction = _direction([part or 0 for part in parts])
    if value is None:
        return None
    if header.text(0x00189075) in ("NONE", "ISOTROPIC"):
        direction = None
    return value, direction


def _direction(found: list[float]) -> tuple[float, float, float] | None:
    if len(found) != 3:
        return None
    length = sum(part * part for part in found) ** 0.5
    if not 1e-6 < length < 1e6:
        return None
    x, y, z = (part / length for part in found)
    return x, y, z


def _siemens(header: Header, value: float | None) -> Weighting | None:
    own = header.private_number(0x0019, "SIEMENS MR HEADER", 0x0C)
    direction = _direction(header.private_numbers(0x0019, "SIEMENS MR HEADER", 0x0E))
    if own is None:
        own = next(iter(floats(header.csa.get("B_value"))), None)
        direction = _direction(floats(header.csa.get("DiffusionGradientDirection"))) or direction
    if own is None:
        if value is None:
            return None
        return value, _direction(header.numbers(0x00189089))
    return own, direction


def _ge(header: Header) -> Weighting | None:
    packed = header.private_numbers(0x0043, "GEMS_PARM_01", 0x39)
    value = header.number(0x00189087)
    if packed:
        value = packed[0] % _GE_PACKED if packed[0] > 10_000 else packed[0]
    if value is None:
        return None
    parts = [header.private_number(0x0019, "GEMS_ACQU_01", element) for element in (0xBB, 0xBC, 0xBD)]
    direction = _direction([part or 0 for part in parts])
    if not value and direction is None:
        scanned = header.private_number(0x0019, "GEMS_ACQU_01", 0xE0)
        if not scanned and header.number(0x00189087) is None:
            return None
    return value, direction
