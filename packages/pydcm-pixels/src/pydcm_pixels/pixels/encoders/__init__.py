"""The encoder of each transfer syntax, named ``<Keyword>Encoder``."""

from __future__ import annotations

from typing import Any

from pydcm_pixels.pixels.encoders import base as base

_NAMES = tuple(f"{uid.keyword}Encoder" for uid in base._PIXEL_DATA_ENCODERS)
__all__ = list(_NAMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(base, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_NAMES]
