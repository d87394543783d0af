from pydcm_pixels.pixels.decoders.rle import *
