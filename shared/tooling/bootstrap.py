"""Make ``.venv`` with nox in it and run nox there. Written so that an old Python can still say what to do."""

import os
import shutil
import subprocess
import sys

MINIMUM = (3, 11)
NEWER = ["python3.%d" % minor for minor in (13, 12, 11, 14)]  # noqa: UP031
REQUIREMENT = "nox>=2024.4.15"


def run_nox(root, arguments):
    """Run nox with `arguments` in the repository's own environment and return its exit code."""
    interpreter = _interpreter()
    if interpreter is None:
        sys.stderr.write(
            "pydcm needs Python %d.%d or newer; this is %d.%d, and no newer one is on PATH.\n"  # noqa: UP031
            "Install one (Debian and Ubuntu: apt-get install python3 python3-venv; or pyenv, or python.org) and run\n"
            "    python3.11 noxfile.py %s\n" % (MINIMUM + sys.version_info[:2] + (" ".join(arguments),))
        )
        return 1
    environment = os.path.join(str(root), ".venv")
    python = os.path.join(environment, "Scripts" if os.name == "nt" else "bin", "python")
    try:
        _prepare(interpreter, environment, python)
    except (subprocess.CalledProcessError, OSError) as exc:
        sys.stderr.write(
            "The environment %s could not be made: %s\n"  # noqa: UP031
            "On Debian and Ubuntu the module venv is a package of its own: apt-get install python3-venv\n"
            "Behind a proxy, pip needs its settings (pip config list). Then delete .venv and try again.\n"
            % (environment, exc)
        )
        return 1
    command = [python, "-m", "nox", "--noxfile", os.path.join(str(root), "noxfile.py")]
    return subprocess.call(command + list(arguments), cwd=str(root))


def _interpreter():
    """Return a new enough Python: this one if it is."""
    if sys.version_info >= MINIMUM:
        return sys.executable
    for name in NEWER:
        path = shutil.which(name)
        # a pyenv shim exists for versions that are not active, too: ask it
        if (
            path
            and subprocess.call(
                [path, "-c", "import venv"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            == 0
        ):
            return path
    return None


def _prepare(interpreter, environment, python):
    """Make the environment and install nox into it, unless both are there."""
    if (
        subprocess.call([python, "-c", "import nox"], stderr=subprocess.DEVNULL) == 0
        if os.path.exists(python)
        else False
    ):
        return
    print("Preparing %s ..." % environment)  # noqa: UP031
    sys.stdout.flush()
    subprocess.check_call([interpreter, "-m", "venv", "--clear", environment])
    subprocess.check_call(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", REQUIREMENT]
    )
