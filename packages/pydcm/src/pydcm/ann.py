"""Microscopy bulk simple annotations.

The public name of :mod:`pydcm_wsi.ann`, which ``pip install pydcm[wsi]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_wsi.ann import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
