"""Radiotherapy: structure sets, plans, dose and dose-volume histograms.

The public name of :mod:`pydcm_rt.rt`, which ``pip install pydcm[rt]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_rt.rt import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
