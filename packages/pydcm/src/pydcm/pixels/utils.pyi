from pydcm_pixels.pixels.utils import *
