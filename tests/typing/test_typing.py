"""Type checkers see in the installed packages what a user relies on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CASES = sorted((Path(__file__).parent / "cases").glob("*.py"))
each_case = pytest.mark.parametrize("case", CASES, ids=[path.stem for path in CASES])


@each_case
def test_mypy(case: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--config-file=", "--cache-dir", str(tmp_path), str(case)]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@each_case
def test_pyright(case: Path, tmp_path: Path) -> None:
    copy = tmp_path / case.name  # away from this repository's settings
    copy.write_text(case.read_text(encoding="utf-8"), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, str(copy)]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = json.loads(result.stdout)["generalDiagnostics"]
    assert [f"{each['range']['start']['line'] + 1}: {each['message']}" for each in found] == []
