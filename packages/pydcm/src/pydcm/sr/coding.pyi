from pydcm_sr.coding import *
