"""pydcm in pydicom's place, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_same_modules_under_both_names() -> None:
    code = """
import pydcm.compat
pydcm.compat.install_as_pydicom()
pydcm.compat.install_as_pydicom()
import pydicom, pydicom.dataset, pydicom.util.codify, importlib.metadata
import pydcm.dataset
assert pydicom is pydcm
assert pydicom.dataset is pydcm.dataset
assert pydicom.dataset.Dataset is pydcm.Dataset
from pydicom.uid import UID
print(UID.__module__, importlib.metadata.version("pydicom"))
"""
    result = run("-c", code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split()[1] == "3.0.2"


def test_too_late() -> None:
    code = "import sys, types; sys.modules['pydicom'] = types.ModuleType('pydicom'); import pydcm.compat as c; c.install_as_pydicom()"
    result = run("-c", code)
    assert result.returncode == 1
    assert "pydicom is imported already" in result.stderr


def test_program_with_arguments(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("import pydicom\nNAME = pydicom.__name__\n")
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, helper\nif __name__ == '__main__':\n    print(helper.NAME, *sys.argv[1:])\n"
    )
    result = run("-m", "pydcm.compat", str(program), "--flag", "file")
    assert result.stdout == "pydcm --flag file\n", result.stderr


def test_usage() -> None:
    assert run("-m", "pydcm.compat").returncode == 2
    assert run("-m", "pydcm.compat", "--help").stdout.startswith("usage:")
    missing = run("-m", "pydcm.compat", "no_such_program.py")
    assert missing.returncode == 2
    assert "no_such_program.py" in missing.stderr
