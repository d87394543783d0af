from pydcm_pixels.pixels.common import *
