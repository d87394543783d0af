from pydcm_pixels.pixel_data_handlers.numpy_handler import *
