"""Helpers under the names that pydicom 2 gave them; deprecated in favour of `pydcm.pixels`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pydcm_pixels.pixel_data_handlers import _PIXELS, moved

if TYPE_CHECKING:
    import numpy as np

_IN_UTILS = (
    "expand_ybr422",
    "get_expected_length",
    "get_image_pixel_ids",
    "get_j2k_parameters",
    "get_nr_frames",
    "pixel_dtype",
    "reshape_pixel_array",
)


def _corrected_for_endianness(is_little_endian: bool | None, numpy_dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return `numpy_dtype` with the byte order of the data set."""
    if is_little_endian is None:
        raise ValueError("Dataset attribute 'is_little_endian' has to be set before writing the dataset")
    return numpy_dtype if is_little_endian == (sys.byteorder == "little") else numpy_dtype.newbyteorder("S")


def __getattr__(name: str) -> Any:
    from pydcm import config

    if name == "dtype_corrected_for_endianness" and not config._use_future:
        from pydcm.misc import warn_and_log

        warn_and_log(f"'{name}' is deprecated and will be removed in v4.0", DeprecationWarning)
        return _corrected_for_endianness
    return moved(name, __name__, _PIXELS, _IN_UTILS)
