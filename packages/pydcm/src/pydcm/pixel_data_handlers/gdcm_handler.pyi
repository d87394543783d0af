from pydcm_pixels.pixel_data_handlers.gdcm_handler import *
