from pydcm_pixels.pixel_data_handlers.pillow_handler import *
