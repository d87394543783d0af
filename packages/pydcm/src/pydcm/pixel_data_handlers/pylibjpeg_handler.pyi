from pydcm_pixels.pixel_data_handlers.pylibjpeg_handler import *
