"""Compile the Cython modules of ``pydcm_pixels._core``; everything else is declared in ``pyproject.toml``.

``PYDCM_DEBUG_BUILD=1`` builds for bug hunting: every ``boundscheck(False)``, ``wraparound(False)`` and
``cdivision(True)`` of the sources is ignored, line tracing is on, and the C code is compiled with ``-O1 -g``.
``PYDCM_CFLAGS`` and ``PYDCM_LDFLAGS`` are appended to the compiler's and the linker's options.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

HERE = Path(__file__).resolve().parent
DEBUG = os.environ.get("PYDCM_DEBUG_BUILD", "0") not in ("", "0")
SWITCHES = {"boundscheck(False)": "boundscheck(True)", "wraparound(False)": "wraparound(True)"}
SWITCHES["cdivision(True)"] = "cdivision(False)"


def source_folder() -> Path:
    """Return ``src``, or for a debug build a copy of it with every run-time check switched on."""
    if not DEBUG:
        return HERE / "src"
    copy = HERE / "build" / "debug-src"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(HERE / "src", copy, ignore=shutil.ignore_patterns("*.so", "*.c", "__pycache__"))
    pattern = re.compile("|".join(map(re.escape, SWITCHES)))
    for path in copy.rglob("*.pyx"):
        text = pattern.sub(lambda match: SWITCHES[match[0]], path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
    return copy


def compile_args() -> list[str]:
    """Return the C compiler's options for this platform."""
    windows = sys.platform == "win32"
    if DEBUG:
        args = ["/Od", "/Zi"] if windows else ["-O1", "-g", "-fno-omit-frame-pointer"]
    else:
        # products and sums are rounded one by one, as in the libraries whose results ours are equal to
        args = ["/O2"] if windows else ["-O3", "-g0", "-ffp-contract=off"]
    return args + shlex.split(os.environ.get("PYDCM_CFLAGS", ""))


SOURCE = source_folder()
EXTENSIONS = [
    Extension(
        f"pydcm_pixels._core.{path.stem}",
        [os.path.relpath(path, HERE).replace(os.sep, "/")],
        include_dirs=[str(SOURCE / "pydcm_pixels" / "_core")],
        define_macros=[("CYTHON_TRACE", "1")] if DEBUG else [],
        extra_compile_args=compile_args(),
        extra_link_args=shlex.split(os.environ.get("PYDCM_LDFLAGS", "")),
    )
    for path in sorted((SOURCE / "pydcm_pixels" / "_core").glob("*.pyx"))
]

setup(
    ext_modules=cythonize(
        EXTENSIONS,
        build_dir="build/cython",
        include_path=[str(SOURCE)],
        compiler_directives={
            "language_level": "3",
            "binding": True,
            "embedsignature": True,
            "linetrace": DEBUG,
        },
        quiet=True,
    )
)
