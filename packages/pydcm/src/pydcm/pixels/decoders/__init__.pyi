from pydcm_pixels.pixels.decoders import *
