from pydcm_pixels.pixels.encoders.pyjpegls import *
