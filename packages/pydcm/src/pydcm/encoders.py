"""The pixel data encoders under the name that pydicom 2 gave them.

The public name of :mod:`pydcm_pixels.encoders`, which ``pip install pydcm[pixels]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_pixels.encoders import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
