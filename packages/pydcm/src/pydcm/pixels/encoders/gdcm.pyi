from pydcm_pixels.pixels.encoders.gdcm import *
