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

from pydcm_pixels import transforms as _transforms
from pydcm_pixels.transforms import *  # noqa: F403
from pydcm_pixels.transforms._nnunet import resample_to_spacing as resample_to_spacing
from pydcm_pixels.transforms._nnunet import resize as resize
from pydcm_pixels.transforms._nnunet_defaults import sliding_window_inference as sliding_window_inference
from pydcm_pixels.transforms._nnunet_defaults import sliding_window_positions as sliding_window_positions

__all__: list[str] = []
__all__ += _transforms.__all__
