"""Programs and libraries that import pydicom do their work on pydcm.

They run in an environment without pydicom, by ``python -m pydcm.compat``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"


@pytest.mark.parametrize(
    ("program", "output"),
    [
        ("store_with_pynetdicom.py", "stored 1, found P1, with pydcm"),
        ("segment_with_highdicom.py", "1 segment, 16 voxels, 1 measurement, with pydcm"),
        ("dose_with_dicompyler.py", "box: 4.0 cm3, mean 2.0 Gy, with pydcm"),
    ],
)
def test_program(program: str, output: str) -> None:
    command = [sys.executable, "-m", "pydcm.compat", str(PROGRAMS / program)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip().endswith(output)


def test_pydicom_is_not_here() -> None:
    """Otherwise the programs above might have found it."""
    code = "import importlib.util as u; print(u.find_spec('pydicom'))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "None"


def test_module_run() -> None:
    """``-m`` runs a module, and version checks see the version that pydcm stands in for."""
    code = "import importlib.metadata as m; import pydicom; print(m.version('pydicom'), pydicom.__name__)"
    command = [sys.executable, "-c", f"import pydcm.compat; pydcm.compat.install_as_pydicom(); {code}"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["3.0.2", "pydcm"]
    version = [sys.executable, "-m", "pydcm.compat", "-m", "pynetdicom", "--version"]
    result = subprocess.run(version, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
