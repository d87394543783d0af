from pydcm_sr.codedict import *
