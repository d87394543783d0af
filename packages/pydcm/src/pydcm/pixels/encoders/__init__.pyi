from pydcm_pixels.pixels.encoders import *
