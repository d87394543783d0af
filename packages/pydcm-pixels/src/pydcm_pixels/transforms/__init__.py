"""Deterministic transforms of volumes: geometry, intensities, labels, windows; the same numbers as the libraries named.

Every function takes a :class:`~pydcm_pixels.volume.Volume` and returns a new one whose affine says where its voxels
are. Sizes, places and axes are in the order (z, y, x) of the array, spacings and matrices in x, y, z. Where libraries
differ, :mod:`~pydcm_pixels.transforms.nnunet` and :mod:`~pydcm_pixels.transforms.monai` choose like the one they are
named after.
"""

from pydcm_pixels.transforms._affine import affine
from pydcm_pixels.transforms._boxes import center_crop, crop, crop_foreground
from pydcm_pixels.transforms._classes import argmax, as_discrete, one_hot
from pydcm_pixels.transforms._components import (
    connected_components,
    fill_holes,
    keep_largest_connected_component,
    remove_small_objects,
)
from pydcm_pixels.transforms._compose import Compose
from pydcm_pixels.transforms._intensity import (
    adjust_contrast,
    normalize_ct,
    normalize_zscore,
    scale_intensity_range,
    scale_intensity_range_percentiles,
)
from pydcm_pixels.transforms._maps import gaussian_importance_map, sliding_window_positions
from pydcm_pixels.transforms._pads import divisible_pad, pad, resize_with_pad_or_crop, spatial_pad
from pydcm_pixels.transforms._planes import resize_2d
from pydcm_pixels.transforms._resize import (
    resample_cubic,
    resample_grid_sample,
    resample_linear,
    resample_nearest,
    resize,
    zoom,
)
from pydcm_pixels.transforms._sampling import resample_to_reference
from pydcm_pixels.transforms._separate import resample_labels, resample_separate_z
from pydcm_pixels.transforms._smoothing import gaussian_smooth
from pydcm_pixels.transforms._spacing import resample_to_spacing
from pydcm_pixels.transforms._turns import flip, reorient, rotate90
from pydcm_pixels.transforms._windows import sliding_window_inference

__all__ = [
    "Compose",
    "adjust_contrast",
    "affine",
    "argmax",
    "as_discrete",
    "center_crop",
    "connected_components",
    "crop",
    "crop_foreground",
    "divisible_pad",
    "fill_holes",
    "flip",
    "gaussian_importance_map",
    "gaussian_smooth",
    "keep_largest_connected_component",
    "normalize_ct",
    "normalize_zscore",
    "one_hot",
    "pad",
    "remove_small_objects",
    "reorient",
    "resample_cubic",
    "resample_grid_sample",
    "resample_labels",
    "resample_linear",
    "resample_nearest",
    "resample_separate_z",
    "resample_to_reference",
    "resample_to_spacing",
    "resize",
    "resize_2d",
    "resize_with_pad_or_crop",
    "rotate90",
    "scale_intensity_range",
    "scale_intensity_range_percentiles",
    "sliding_window_inference",
    "sliding_window_positions",
    "spatial_pad",
    "zoom",
]
