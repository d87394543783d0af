from pydcm_pixels.pixel_data_handlers.jpeg_ls_handler import *
