"""Is a library installed, and new enough? Asked of its metadata or of itself."""

from __future__ import annotations

import logging
import re

LOGGER = logging.getLogger("pydicom.pixels")


def passes_version_check(package_name: str, minimum_version: tuple[int, ...]) -> bool:
    """Return whether the package can be imported and its ``__version__`` is at least `minimum_version`."""
    from importlib import import_module

    try:
        version = import_module(package_name).__version__
        return tuple(int(part) for part in version.split(".")) >= minimum_version
    except Exception as exc:
        LOGGER.debug(exc)
    return False


def has_distribution(name: str, minimum_version: tuple[int, ...]) -> bool:
    """Return whether a distribution of at least that version is installed; imports nothing of it."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version(name)
    except PackageNotFoundError:
        return False
    numbers = tuple(int(part) for part in re.findall(r"\d+", found.partition("+")[0])[:3])
    return numbers >= minimum_version
