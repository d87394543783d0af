from pydcm_pixels.overlays.numpy_handler import *
