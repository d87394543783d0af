"""Deterministic transforms of volumes.

The public name of :mod:`pydcm_pixels.transforms`, which ``pip install pydcm[pixels]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_pixels.transforms import *
else:
    from .._facade import expose

    expose(__name__, __spec__)
