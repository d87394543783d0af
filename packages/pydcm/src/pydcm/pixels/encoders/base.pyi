from pydcm_pixels.pixels.encoders.base import *
