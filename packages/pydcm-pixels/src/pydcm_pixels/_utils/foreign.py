"""Access to optional codec libraries, imported only when they are used."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any


@cache
def import_gdcm() -> Any:
    """Return the module ``gdcm``."""
    import gdcm

    return gdcm


@cache
def gdcm_version() -> tuple[int, ...]:
    """Return GDCM's version, ``(0,)`` if it cannot be used; asks the metadata before it asks the library."""
    if find_spec("gdcm") is None:
        return (0,)
    from importlib.metadata import PackageNotFoundError, version

    try:
        text = version("python-gdcm")
    except PackageNotFoundError:
        try:
            text = import_gdcm().Version.GetVersion()
        except ImportError:
            return (0,)
    return tuple(int(part) for part in text.split(".") if part.isdigit())
