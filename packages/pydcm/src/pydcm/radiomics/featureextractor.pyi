from pydcm_pixels.radiomics.featureextractor import *
