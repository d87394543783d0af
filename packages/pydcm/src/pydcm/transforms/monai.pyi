from pydcm_pixels.transforms.monai import *
