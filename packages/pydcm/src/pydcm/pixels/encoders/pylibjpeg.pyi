from pydcm_pixels.pixels.encoders.pylibjpeg import *
