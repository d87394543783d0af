"""Legacy Converted Enhanced CT, MR and PET objects.

The public name of :mod:`pydcm_seg.legacy_converted`, which ``pip install pydcm[seg]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_seg.legacy_converted import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
