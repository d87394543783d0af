"""Pixel data: decoding, encoding, look-up tables, colour (public as ``pydcm.pixels``)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydcm_pixels._decode.registry import get_decoder
    from pydcm_pixels._display.figure import show
    from pydcm_pixels._display.notebook import picture_html
    from pydcm_pixels._encode.registry import get_encoder
    from pydcm_pixels.decoding import decode, decode_uncompressed
    from pydcm_pixels.display import export, render
    from pydcm_pixels.pixels.processing import (
        apply_color_lut,
        apply_icc_profile,
        apply_modality_lut,
        apply_presentation_lut,
        apply_rescale,
        apply_voi,
        apply_voi_lut,
        apply_windowing,
        convert_color_space,
        create_icc_transform,
    )
    from pydcm_pixels.pixels.utils import (
        as_pixel_options,
        compress,
        decompress,
        iter_pixels,
        pack_bits,
        pixel_array,
        set_pixel_data,
        unpack_bits,
    )
    from pydcm_pixels.transcoding import transcode

__all__ = [
    "apply_color_lut",
    "apply_icc_profile",
    "apply_modality_lut",
    "apply_presentation_lut",
    "apply_rescale",
    "apply_voi",
    "apply_voi_lut",
    "apply_windowing",
    "as_pixel_options",
    "compress",
    "convert_color_space",
    "create_icc_transform",
    "decode",
    "decode_uncompressed",
    "decompress",
    "export",
    "get_decoder",
    "get_encoder",
    "iter_pixels",
    "pack_bits",
    "picture_html",
    "pixel_array",
    "render",
    "set_pixel_data",
    "show",
    "transcode",
    "unpack_bits",
]

_ROOT = "pydcm_pixels."
_HOMES = {
    "get_decoder": "_decode.registry",
    "get_encoder": "_encode.registry",
    "decode": "decoding",
    "decode_uncompressed": "decoding",
    "export": "display",
    "picture_html": "_display.notebook",
    "render": "display",
    "show": "_display.figure",
    "transcode": "transcoding",
    **dict.fromkeys(
        (
            "as_pixel_options",
            "compress",
            "decompress",
            "iter_pixels",
            "pack_bits",
            "pixel_array",
            "set_pixel_data",
            "unpack_bits",
        ),
        "pixels.utils",
    ),
}
_MODULES = frozenset({"common", "decoders", "encoders", "processing", "utils"})


def __getattr__(name: str) -> Any:
    """Import what is asked for, so that decoding a file does not load the encoders, and the reverse."""
    if name in _MODULES:
        return import_module(f"{_ROOT}pixels.{name}")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_ROOT + _HOMES.get(name, "pixels.processing")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
