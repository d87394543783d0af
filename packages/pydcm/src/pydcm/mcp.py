"""An agent server (Model Context Protocol); run it with ``python -m pydcm.mcp``.

The public name of :mod:`pydcm_ehr.mcp`, which ``pip install pydcm[ehr]`` brings.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm_ehr.mcp import *
else:
    from ._facade import expose

    expose(__name__, __spec__)
