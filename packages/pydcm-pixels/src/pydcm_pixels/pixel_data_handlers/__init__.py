"""Pixel data handlers under the names that pydicom 2 gave them; deprecated in favour of `pydcm.pixels`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MODULES = (
    "gdcm_handler",
    "jpeg_ls_handler",
    "numpy_handler",
    "pillow_handler",
    "pylibjpeg_handler",
    "rle_handler",
    "util",
)
_PIXELS = (
    "apply_color_lut",
    "apply_modality_lut",
    "apply_rescale",
    "apply_voi",
    "apply_voi_lut",
    "apply_windowing",
    "convert_color_space",
    "pack_bits",
    "unpack_bits",
)


def moved(name: str, old: str, pixels: tuple[str, ...], utils: tuple[str, ...]) -> Any:
    """Return what the module `old` had under `name`, with a warning that says where it is now."""
    from pydcm import config

    home = "pydicom.pixels" if name in pixels else "pydicom.pixels.utils" if name in utils else None
    if home is None or config._use_future:
        raise AttributeError(f"module {old!r} has no attribute {name!r}")
    from pydcm.misc import warn_and_log

    warn_and_log(
        "The 'pydicom.pixel_data_handlers' module will be removed in v4.0, please use "
        f"'from {home} import {name}' instead",
        DeprecationWarning,
        stacklevel=3,
    )
    return getattr(import_module(home.replace("pydicom", "pydcm_pixels")), name)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    return moved(name, __name__, _PIXELS, ("expand_ybr422",))
