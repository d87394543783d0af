from pydcm_pixels.pixels.processing import *
