"""Data sets for PyTorch's loaders.

The public name of :mod:`pydcm_pixels.torchdata`, which ``pip install pydcm[pixels]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_pixels.torchdata import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
