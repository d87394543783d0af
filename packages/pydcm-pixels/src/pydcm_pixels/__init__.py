"""pydcm-pixels: decoding, encoding and display of DICOM pixel data.

What people type is ``pydcm.pixels``, ``pydcm.decode`` and so on; see :mod:`pydcm_pixels.pixels`.
"""

__version__ = "1.0.0"
