"""Pixel data handlers under the names that pydicom 2 gave them.

The public name of :mod:`pydcm_pixels.pixel_data_handlers`, which ``pip install pydcm[pixels]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_pixels.pixel_data_handlers import *
else:
    from .._facade import expose

    expose(__name__, __spec__)
