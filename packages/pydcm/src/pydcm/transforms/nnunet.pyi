from pydcm_pixels.transforms.nnunet import *
