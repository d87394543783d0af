"""Other people's programs that tests compare with."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

__all__ = ["dcm2niix"]

_LOWEST = 20260724  # what ours is compared with; older ones name and group series by other rules


@cache
def dcm2niix() -> str | None:
    """Return the path of dcm2niix, from this environment or the system; ``None`` if there is none or it is too old."""
    beside = str(Path(sys.executable).parent)
    for found in (shutil.which("dcm2niix", path=beside), shutil.which("dcm2niix")):
        if found:
            told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
            version = re.search(r"v1\.0\.(\d{8})", told)
            if version and int(version[1]) >= _LOWEST:
                return found
    return None
