from pydcm_pixels.pixels.decoders.pyjpegls import *
