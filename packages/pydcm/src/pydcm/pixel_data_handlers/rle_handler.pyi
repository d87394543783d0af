from pydcm_pixels.pixel_data_handlers.rle_handler import *
