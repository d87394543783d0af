from pydcm_sr.waveforms.numpy_handler import *
