"""DICOMweb: QIDO-RS, WADO-RS, STOW-RS.

The public name of :mod:`pydcm_net.dicomweb`, which ``pip install pydcm[net]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_net.dicomweb import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
