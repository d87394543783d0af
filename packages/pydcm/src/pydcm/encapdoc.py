"""Encapsulated documents (PDF, CDA, STL, OBJ, MTL).

The public name of :mod:`pydcm_sr.encapdoc`, which ``pip install pydcm[sr]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_sr.encapdoc import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
