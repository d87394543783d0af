"""Compile the Cython modules of ``pydcm_pixels._core``; everything else is declared in ``pyproject.toml``.

``PYDCM_DEBUG_BUILD=1`` builds for bug hunting: every ``boundscheck(False)`` and ``wraparound(False)`` of the sources
is ignored, line tracing is on, and the C code is compiled with ``-O1 -g``. ``PYDCM_CFLAGS`` and ``PYDCM_LDFLAGS`` are
appended to the compiler's and the linker's options (``-fsanitize=address``, say).
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

DEBUG = os.environ.get("PYDCM_DEBUG_BUILD", "0") not in ("", "0")
HERE = Path(__file__).resolve().parent
UNCHECKED = re.compile(
    r"\b(boundscheck|wraparound|initializedcheck)\s*\(\s*False\s*\)|\b(cdivision)\s*\(\s*True\s*\)"
)


def _checked(match: re.Match[str]) -> str:
    return f"{match[1]}(True)" if match[1] else f"{match[2]}(False)"


def _debug_sources() -> Path:
    """Copy ``src`` to ``build/debug-src`` with every switched-off run-time check switched on; return that path."""
    target = HERE / "build" / "debug-src"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(HERE / "src", target, ignore=shutil.ignore_patterns("*.so", "*.c", "__pycache__"))
    for path in [*target.rglob("*.pyx"), *target.rglob("*.pxd"), *target.rglob("*.pxi")]:
        path.write_text(UNCHECKED.sub(_checked, path.read_text(encoding="utf-8")), encoding="utf-8")
    return target


def _compile_args() -> list[str]:
    if sys.platform == "win32":
        args = ["/Od", "/Zi"] if DEBUG else ["/O2"]
    else:
        args = ["-O1", "-g", "-fno-omit-frame-pointer"] if DEBUG else ["-O3", "-g0"]
    return args + shlex.split(os.environ.get("PYDCM_CFLAGS", ""))


def extensions() -> list[Extension]:
    """Return one extension per ``_core/*.pyx``, translated to C under ``build/``."""
    source = _debug_sources() if DEBUG else HERE / "src"
    core = source / "pydcm_pixels" / "_core"
    modules = [
        Extension(
            f"pydcm_pixels._core.{path.stem}",
            # setuptools wants paths relative to this file
            [os.path.relpath(path, HERE).replace(os.sep, "/")],
            include_dirs=[str(core)],
            define_macros=[("CYTHON_TRACE", "1")] if DEBUG else [],
            extra_compile_args=_compile_args(),
            extra_link_args=shlex.split(os.environ.get("PYDCM_LDFLAGS", "")),
        )
        for path in sorted(core.glob("*.pyx"))
    ]
    return cythonize(
        modules,
        build_dir="build/cython",
        include_path=[str(source)],
        compiler_directives={
            "language_level": "3",
            "binding": True,
            "embedsignature": True,
            "linetrace": DEBUG,
        },
        quiet=True,
    )


setup(ext_modules=extensions())
