from pydcm_pixels.pixels.decoders.pylibjpeg import *
