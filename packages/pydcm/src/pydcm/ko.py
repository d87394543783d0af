"""Key Object Selection documents.

The public name of :mod:`pydcm_sr.ko`, which ``pip install pydcm[sr]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_sr.ko import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
