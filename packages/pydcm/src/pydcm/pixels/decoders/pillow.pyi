from pydcm_pixels.pixels.decoders.pillow import *
