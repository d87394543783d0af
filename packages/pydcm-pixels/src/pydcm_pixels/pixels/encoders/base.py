"""`Encoder`, `EncodeRunner` and the encoder of each transfer syntax."""

from __future__ import annotations

from pydcm_pixels._coding.coder import by_keyword as _by_keyword
from pydcm_pixels._encode.encoder import Encoder
from pydcm_pixels._encode.profiles import PROFILES as ENCODING_PROFILES
from pydcm_pixels._encode.registry import ENCODERS as _PIXEL_DATA_ENCODERS
from pydcm_pixels._encode.registry import get_encoder
from pydcm_pixels._encode.runner import EncodeOptions, EncodeRunner

__all__ = [
    "ENCODING_PROFILES",
    "EncodeOptions",
    "EncodeRunner",
    "Encoder",
    "_PIXEL_DATA_ENCODERS",
    "get_encoder",
]


def __getattr__(name: str) -> Encoder:
    """Return ``<Keyword>Encoder``, the encoder of the transfer syntax with that keyword."""
    found = _by_keyword(_PIXEL_DATA_ENCODERS, name, "Encoder")
    if found is not None:
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
