"""DIMSE: associations and services.

The public name of :mod:`pydcm_net.dimse`, which ``pip install pydcm[net]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_net.dimse import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
