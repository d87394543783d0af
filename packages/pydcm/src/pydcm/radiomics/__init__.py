"""Radiomic features of a region of interest.

The public name of :mod:`pydcm_pixels.radiomics`, which ``pip install pydcm[pixels]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_pixels.radiomics import *
else:
    from .._facade import expose

    expose(__name__, __spec__)
