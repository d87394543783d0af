"""The values of *Photometric Interpretation* (PS3.3 §C.7.6.3.1.2)."""

from __future__ import annotations

from enum import Enum, unique


@unique
class PhotometricInterpretation(str, Enum):
    """Defined terms of (0028,0004) *Photometric Interpretation*; equal to the plain strings."""

    MONOCHROME1 = "MONOCHROME1"
    MONOCHROME2 = "MONOCHROME2"
    PALETTE_COLOR = "PALETTE COLOR"
    RGB = "RGB"
    YBR_FULL = "YBR_FULL"
    YBR_FULL_422 = "YBR_FULL_422"
    YBR_ICT = "YBR_ICT"
    YBR_RCT = "YBR_RCT"
    XYB = "XYB"
    # Retired, still met in old files.
    HSV = "HSV"
    ARGB = "ARGB"
    CMYK = "CMYK"
    YBR_PARTIAL_422 = "YBR_PARTIAL_422"
    YBR_PARTIAL_420 = "YBR_PARTIAL_420"

    def __str__(self) -> str:
        return str.__str__(self)


_BY_VALUE: dict[str, PhotometricInterpretation] = {}
for _member in PhotometricInterpretation:
    _BY_VALUE[_member.value] = _member
    _BY_VALUE[_member.name] = _member


def known_photometric(value: object) -> object:
    """Return the enumeration member for `value`, or `value` itself when the standard does not define it."""
    try:
        return _BY_VALUE.get(value, value)  # type: ignore[call-overload]
    except TypeError:
        return value


_ONE_SAMPLE = frozenset({"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"})


def fits_samples(photometric: object, samples: int) -> bool:
    """Return whether images of so many *Samples per Pixel* can have a *Photometric Interpretation*."""
    return (photometric in _ONE_SAMPLE) == (samples == 1)
