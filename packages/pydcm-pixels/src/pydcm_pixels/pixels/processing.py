"""Look-up tables, windows, palettes, colour spaces and ICC profiles for decoded arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._processing.colour import convert_color_space
from pydcm_pixels._processing.icc import apply_icc_profile, create_icc_transform
from pydcm_pixels._processing.modality import apply_modality_lut
from pydcm_pixels._processing.palette import apply_color_lut
from pydcm_pixels._processing.palette import expand_segmented_lut as _expand_segmented_lut
from pydcm_pixels._processing.presentation import apply_presentation_lut
from pydcm_pixels._processing.voi import apply_voi, apply_voi_lut, apply_windowing

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "_expand_segmented_lut",
    "apply_color_lut",
    "apply_icc_profile",
    "apply_modality_lut",
    "apply_presentation_lut",
    "apply_rescale",
    "apply_voi",
    "apply_voi_lut",
    "apply_windowing",
    "convert_color_space",
    "create_icc_transform",
]

apply_rescale = apply_modality_lut


def _convert_YBR_FULL_to_RGB(arr: np.ndarray) -> np.ndarray:
    return convert_color_space(arr, "YBR_FULL", "RGB")


def _convert_RGB_to_YBR_FULL(arr: np.ndarray) -> np.ndarray:
    return convert_color_space(arr, "RGB", "YBR_FULL")
