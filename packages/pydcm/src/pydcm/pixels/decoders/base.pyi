from pydcm_pixels.pixels.decoders.base import *
