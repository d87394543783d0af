"""Parametric maps: reading and writing.

The public name of :mod:`pydcm_seg.paramap`, which ``pip install pydcm[seg]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_seg.paramap import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
