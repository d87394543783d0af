"""Names for samples that change when the files or the options behind them do."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

from pydcm_pixels import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["identity", "state"]


def identity(files: Iterable[str], options: Any) -> str:
    """Return 32 hexadecimal digits that stand for these files, by their names, read with these options.

    Another version of the package may read them in another way, so that it counts.
    """
    return _digest([__version__, *map(os.path.abspath, files), repr(options)])


def state(files: Iterable[str]) -> str:
    """Return 16 hexadecimal digits that change with the size or the time of change of any of the files."""
    parts = []
    for file in files:
        found = os.stat(file)
        parts.append(f"{found.st_size}:{found.st_mtime_ns}")
    return _digest(parts)[:16]


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]
