"""The table of versions for bug reports."""

import subprocess
import sys
import types

from pydcm import __version__, env_info


def test_table(capsys):
    env_info.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "module       | version"
    rows = dict(line.split(" | ", 1) for line in lines[2:])
    names = [name.strip() for name in rows]
    assert names[:3] == ["platform", "Python", "pydicom"]
    assert rows["pydicom     "] == f"pydcm {__version__}"


def test_program():
    done = subprocess.run(
        [sys.executable, "-m", "pydcm.env_info"], capture_output=True, text=True, check=True
    )
    assert f"| pydcm {__version__}" in done.stdout


def test_versions():
    module = types.ModuleType("gdcm")
    assert env_info.extract_version(module) is None
    module.GDCM_VERSION = "3.0"
    assert env_info.extract_version(module) == "3.0"


def test_several_lines_become_one(capsys):
    env_info.print_table([("a", "1\n2")])
    assert capsys.readouterr().out.splitlines()[2] == f"{'a':12} | 1 2"
