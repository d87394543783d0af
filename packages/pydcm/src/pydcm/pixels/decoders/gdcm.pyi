from pydcm_pixels.pixels.decoders.gdcm import *
