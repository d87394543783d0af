"""`Decoder`, `DecodeRunner` and the decoder of each transfer syntax."""

from __future__ import annotations

from pydcm_pixels._coding.coder import by_keyword as _by_keyword
from pydcm_pixels._decode.decoder import Decoder
from pydcm_pixels._decode.options import DecodeFunction, DecodeOptions, ProcessingFunction
from pydcm_pixels._decode.process import (
    PROCESSORS,
)
from pydcm_pixels._decode.process import (
    convert_colour as _process_color_space,
)
from pydcm_pixels._decode.process import (
    correct_sign as _apply_sign_correction,
)
from pydcm_pixels._decode.process import (
    correct_unused_bits as _correct_unused_bits,
)
from pydcm_pixels._decode.registry import DECODERS as _PIXEL_DATA_DECODERS
from pydcm_pixels._decode.registry import get_decoder
from pydcm_pixels._decode.runner import DecodeRunner

__all__ = [
    "PROCESSORS",
    "DecodeFunction",
    "DecodeOptions",
    "DecodeRunner",
    "Decoder",
    "ProcessingFunction",
    "_PIXEL_DATA_DECODERS",
    "_apply_sign_correction",
    "_correct_unused_bits",
    "_process_color_space",
    "get_decoder",
]


def __getattr__(name: str) -> Decoder:
    """Return ``<Keyword>Decoder``, the decoder of the transfer syntax with that keyword."""
    found = _by_keyword(_PIXEL_DATA_DECODERS, name, "Decoder")
    if found is not None:
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
