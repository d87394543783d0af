"""Diffusion-weighted imaging: b-values, gradients, FSL and NIfTI output.

The public name of :mod:`pydcm_pixels.diffusion`, which ``pip install pydcm[pixels]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_pixels.diffusion import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
