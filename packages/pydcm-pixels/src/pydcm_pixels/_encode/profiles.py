"""What each transfer syntax may hold (PS3.5 §8.2)."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

_J2K = "1.2.840.10008.1.2.4."
_GREY = ("MONOCHROME1", "MONOCHROME2")
_WORDS = frozenset({8, 16})


class Profile(NamedTuple):
    """One permitted combination of Image Pixel values."""

    photometric: str
    samples: int
    representations: Container[int]
    allocated: Container[int]
    stored: Container[int]


def _grey(allocated: Container[int], stored: Container[int], signed: bool = True) -> list[Profile]:
    return [Profile(name, 1, (0, 1) if signed else (0,), allocated, stored) for name in _GREY]


def _palette(stored: Container[int]) -> list[Profile]:
    return [Profile("PALETTE COLOR", 1, (0,), _WORDS, stored)]


def _colour(allocated: Container[int], stored: Container[int], *names: str) -> list[Profile]:
    return [Profile(name, 3, (0,), allocated, stored) for name in names]


def _wavelet(*colours: str, palette: bool) -> list[Profile]:
    wide = frozenset({8, 16, 24, 32, 40})
    return (
        _grey(wide, range(1, 39))
        + (_palette(range(1, 17)) if palette else [])
        + _colour(wide, range(1, 39), *colours)
    )


_LOSSLESS_JPEG = (
    _grey(_WORDS, range(1, 17)) + _palette(range(1, 17)) + _colour(_WORDS, range(1, 17), "YBR_FULL", "RGB")
)
_JPEG_LS = (
    _grey(_WORDS, range(2, 17))
    + _colour((8,), range(2, 9), "YBR_FULL")
    + _colour(_WORDS, range(2, 17), "RGB")
)
_REVERSIBLE = _wavelet("YBR_RCT", "RGB", "YBR_FULL", palette=True)
_IRREVERSIBLE = _wavelet("YBR_ICT", "YBR_RCT", "RGB", "YBR_FULL", palette=False)
_JPEG_XL = _grey(_WORDS, range(1, 17), signed=False) + _colour(_WORDS, range(1, 17), "RGB", "YBR_FULL", "XYB")

PROFILES: dict[str, list[Profile]] = {
    _J2K + "50": _grey((8,), (8,), signed=False) + _colour((8,), (8,), "YBR_FULL_422", "RGB"),
    _J2K + "51": _grey((8,), (8,), signed=False) + _grey((16,), (12,), signed=False),
    _J2K + "57": _LOSSLESS_JPEG,
    _J2K + "70": _LOSSLESS_JPEG,
    _J2K + "80": _JPEG_LS + _palette(range(2, 17)),
    _J2K + "81": _JPEG_LS,
    _J2K + "90": _REVERSIBLE,
    _J2K + "91": _IRREVERSIBLE,
    _J2K + "201": _REVERSIBLE,
    _J2K + "202": _REVERSIBLE,
    _J2K + "203": _IRREVERSIBLE,
    _J2K + "110": _JPEG_XL + _palette(range(1, 17)),
    _J2K + "112": _JPEG_XL,
    "1.2.840.10008.1.2.5": (
        _grey(_WORDS, range(1, 17))
        + _palette(range(1, 17))
        + _colour((8,), range(1, 9), "YBR_FULL")
        + _colour(_WORDS, range(1, 17), "RGB")
    ),
}
