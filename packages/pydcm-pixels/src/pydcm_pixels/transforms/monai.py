"""Transforms as MONAI has them: torch's interpolation, its grids of a spacing, its maps, windows and smoothing.

What is not listed here is the same as in :mod:`pydcm.transforms`.

Examples
--------
>>> import numpy as np
>>> from pydcm.transforms import monai as T
>>> from pydcm.volume import Volume
>>> image = Volume(np.zeros((10, 40, 40), np.float32), spacing=(0.7, 0.7, 5.0))
>>> T.resample_to_spacing(image, (1.0, 1.0, 5.0)).shape
(10, 28, 28)
"""

from pydcm_pixels import transforms as _transforms
from pydcm_pixels.transforms import *  # noqa: F403
from pydcm_pixels.transforms._monai import resample_to_spacing as resample_to_spacing
from pydcm_pixels.transforms._monai import resize as resize
from pydcm_pixels.transforms._monai_defaults import as_discrete as as_discrete
from pydcm_pixels.transforms._monai_defaults import crop_foreground as crop_foreground
from pydcm_pixels.transforms._monai_defaults import gaussian_importance_map as gaussian_importance_map
from pydcm_pixels.transforms._monai_defaults import gaussian_smooth as gaussian_smooth
from pydcm_pixels.transforms._monai_defaults import reorient as reorient
from pydcm_pixels.transforms._monai_defaults import sliding_window_inference as sliding_window_inference

__all__: list[str] = []
__all__ += _transforms.__all__
