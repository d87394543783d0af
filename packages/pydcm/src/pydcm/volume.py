"""Series assembled to volumes, and NIfTI.

The public name of :mod:`pydcm_pixels.volume`, which ``pip install pydcm[pixels]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_pixels.volume import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
