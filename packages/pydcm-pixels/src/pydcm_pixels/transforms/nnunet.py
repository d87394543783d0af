"""Transforms as nnU-Net has them: SciPy's splines, labels by class, thick slices, its maps and windows.

What is not listed here is the same as in :mod:`pydcm.transforms`.

Examples
--------
>>> import numpy as np
>>> from pydcm.transforms import nnunet as T
>>> from pydcm.volume import Volume
>>> image = Volume(np.zeros((10, 40, 40), np.float32), spacing=(0.7, 0.7, 5.0))
>>> T.resample_to_spacing(image, (1.0, 1.0, 5.0)).shape
(10, 28, 28)
"""

# The names stand here once more because type checkers have to see which are this preset's own, with their own options
from pydcm_pixels.transforms import (
    Compose,
    adjust_contrast,
    affine,
    argmax,
    as_discrete,
    center_crop,
    connected_components,
    crop,
    crop_foreground,
    divisible_pad,
    fill_holes,
    flip,
    gaussian_importance_map,
    gaussian_smooth,
    keep_largest_connected_component,
    normalize_ct,
    normalize_zscore,
    one_hot,
    pad,
    remove_small_objects,
    reorient,
    resample_cubic,
    resample_grid_sample,
    resample_labels,
    resample_linear,
    resample_nearest,
    resample_separate_z,
    resample_to_reference,
    resize_2d,
    resize_with_pad_or_crop,
    rotate90,
    scale_intensity_range,
    scale_intensity_range_percentiles,
    spatial_pad,
    zoom,
)
from pydcm_pixels.transforms._nnunet import (
    resample_to_spacing,
    resize,
)
from pydcm_pixels.transforms._nnunet_defaults import (
    sliding_window_inference,
    sliding_window_positions,
)

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
