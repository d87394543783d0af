"""Pixel data: decoding, encoding, look-up tables and colour.

The public name of :mod:`pydcm_pixels.pixels`, which ``pip install pydcm[pixels]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_pixels.pixels import *
else:
    from .._facade import expose

    expose(__name__, __spec__)
