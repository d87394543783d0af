"""Directories that hold sample files."""

from __future__ import annotations

import functools
import os
from pathlib import Path

OWN_ROOT = Path(__file__).parent.resolve()


@functools.cache
def installed_pydicom_root() -> Path | None:
    """Return the ``data`` directory of an installed pydicom, or ``None``.

    pydicom is located, not imported: its name may be an alias of pydcm in this process, and that alias lives in
    ``sys.meta_path``, which the path finder used here does not consult.
    """
    from importlib.machinery import PathFinder

    try:
        spec = PathFinder.find_spec("pydicom")
    except (ImportError, ValueError):
        return None
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        root = Path(folder).resolve() / "data"
        if root != OWN_ROOT and (root / "test_files").is_dir():
            return root
    return None


def data_root() -> Path:
    """Return the main directory of sample files: an installed pydicom's, or pydcm's own."""
    return installed_pydicom_root() or OWN_ROOT


def local_roots() -> list[Path]:
    """Return every local root in the order of preference, without repetition."""
    first = data_root()
    return [first] if first == OWN_ROOT else [first, OWN_ROOT]


def cache_dir() -> Path:
    """Return the place where pydicom keeps what it downloaded; it need not exist."""
    return Path(os.path.expanduser("~")) / ".pydicom" / "data"
