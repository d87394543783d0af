"""FHIR ImagingStudy.

The public name of :mod:`pydcm_ehr.fhir`, which ``pip install pydcm[ehr]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_ehr.fhir import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
