"""``python -m pydcm.compat``: run a program with pydcm in the place of pydicom."""

from __future__ import annotations

import os
import runpy
import sys

from . import install_as_pydicom

USAGE = "usage: python -m pydcm.compat (program.py | -m module) [arguments ...]"


def main(arguments: list[str]) -> int:
    """Run the program named by `arguments` as ``__main__``; return 2 if there is none."""
    if arguments[:1] in ([], ["-h"], ["--help"]) or arguments == ["-m"]:
        print(USAGE, file=sys.stdout if arguments and arguments[0] != "-m" else sys.stderr)
        return 0 if arguments and arguments[0] != "-m" else 2
    install_as_pydicom()
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        return 0
    if not os.path.exists(arguments[0]):
        print(f"{USAGE}\nthere is no file {arguments[0]!r}", file=sys.stderr)
        return 2
    sys.argv = list(arguments)
    sys.path[0] = os.path.dirname(os.path.abspath(arguments[0]))  # as `python program.py` has it
    runpy.run_path(arguments[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
