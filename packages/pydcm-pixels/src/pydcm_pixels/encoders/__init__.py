"""The encoders under the name that pydicom 2 gave them; deprecated in favour of `pydcm.pixels`."""

from __future__ import annotations

from typing import Any

_NAMES = ("RLELosslessEncoder", "get_encoder")


def __getattr__(name: str) -> Any:
    from pydcm import config

    if name not in _NAMES or config._use_future:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pydcm.misc import warn_and_log

    warn_and_log(
        f"The 'pydicom.encoders' module will be removed in v4.0, please use 'from pydicom.pixels import {name}' instead",
        DeprecationWarning,
    )
    from pydcm_pixels.pixels.encoders import base

    return getattr(base, name)
