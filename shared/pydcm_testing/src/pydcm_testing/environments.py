"""Clean environments with chosen wheels of the family in them, made without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

__all__ = ["Environment", "wheel_of"]


def wheel_of(distribution: str, root: Path) -> Path:
    """Return the wheel that ``noxfile.py -s build`` made of a distribution.

    Raises
    ------
    FileNotFoundError
        If it has not been built.
    """
    # Sessions on another Python than nox's own have wheels of their own
    dist = Path(os.environ.get("PYDCM_DIST", root / "dist"))
    state = json.loads((dist / "build-state.json").read_text(encoding="utf-8"))
    if distribution not in state:
        raise FileNotFoundError(f"{distribution} has not been built: run  python3 noxfile.py -s build")
    return dist / str(state[distribution]["wheel"])


class Environment:
    """A virtual environment without pip; this process's pip installs into it.

    Parameters
    ----------
    path : pathlib.Path
        Where to make it.
    """

    def __init__(self, path: Path) -> None:
        venv.create(path, with_pip=False, symlinks=os.name != "nt")
        self.python = path / ("Scripts" if os.name == "nt" else "bin") / "python"

    def install(self, *wheels: Path) -> None:
        """Install wheels without their dependencies."""
        self._pip("install", "--no-deps", "--no-index", *map(str, wheels))

    def uninstall(self, *distributions: str) -> None:
        """Remove distributions."""
        self._pip("uninstall", "--yes", *distributions)

    def _pip(self, verb: str, *arguments: str) -> None:
        command = [sys.executable, "-m", "pip", "--python", str(self.python), verb, "--quiet", *arguments]
        subprocess.run(command, check=True, capture_output=True, text=True)

    def run(self, code: str) -> str:
        """Run Python code in isolation and return what it printed.

        Raises
        ------
        AssertionError
            If it fails; with its error output.
        """
        result = subprocess.run([self.python, "-I", "-c", code], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()
