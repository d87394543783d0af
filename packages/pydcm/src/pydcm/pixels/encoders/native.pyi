from pydcm_pixels.pixels.encoders.native import *
