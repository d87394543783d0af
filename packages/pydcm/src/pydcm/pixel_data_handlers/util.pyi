from pydcm_pixels.pixel_data_handlers.util import *
