"""Structured reports, coded concepts and context groups.

The public name of :mod:`pydcm_sr`, which ``pip install pydcm[sr]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_sr import *
else:
    from .._facade import expose

    expose(__name__, __spec__)
