"""HL7 v2 messages.

The public name of :mod:`pydcm_ehr.hl7`, which ``pip install pydcm[ehr]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_ehr.hl7 import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
