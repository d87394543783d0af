"""Reading frames from files and data sets, putting them back, and what describes them."""

from __future__ import annotations

from pydcm_pixels._codestream.jpeg import get_jpg_parameters as _get_jpg_parameters
from pydcm_pixels._codestream.jpeg2000 import get_j2k_parameters
from pydcm_pixels._utils.bits import expand_ybr422, pack_bits, unpack_bits
from pydcm_pixels._utils.compress import compress, decompress
from pydcm_pixels._utils.options import as_pixel_options
from pydcm_pixels._utils.read import iter_pixels, pixel_array
from pydcm_pixels._utils.shapes import (
    get_expected_length,
    get_image_pixel_ids,
    get_nr_frames,
    pixel_dtype,
    reshape_pixel_array,
)
from pydcm_pixels._utils.store import set_pixel_data
from pydcm_pixels._utils.versions import passes_version_check as _passes_version_check

__all__ = [
    "_get_jpg_parameters",
    "_passes_version_check",
    "as_pixel_options",
    "compress",
    "decompress",
    "expand_ybr422",
    "get_expected_length",
    "get_image_pixel_ids",
    "get_j2k_parameters",
    "get_nr_frames",
    "iter_pixels",
    "pack_bits",
    "pixel_array",
    "pixel_dtype",
    "reshape_pixel_array",
    "set_pixel_data",
    "unpack_bits",
]
