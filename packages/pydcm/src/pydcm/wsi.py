"""Whole-slide images.

The public name of :mod:`pydcm_wsi.wsi`, which ``pip install pydcm[wsi]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_wsi.wsi import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
