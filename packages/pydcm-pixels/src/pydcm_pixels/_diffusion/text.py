"""FSL's files of b values and directions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

__all__ = ["write_table"]


def write_table(prefix: str | os.PathLike[str], bvals: np.ndarray, bvecs: np.ndarray) -> tuple[str, str]:
    """Write ``<prefix>.bval`` and ``<prefix>.bvec`` and return their paths."""
    base = os.fspath(prefix)
    names = f"{base}.bval", f"{base}.bvec"
    tables: tuple[Iterable[np.ndarray], ...] = ([bvals], bvecs)
    for name, rows in zip(names, tables, strict=True):
        with open(name, "w", encoding="ascii") as file:
            file.writelines(" ".join(f"{value:.6g}" for value in row) + "\n" for row in rows)
    return names
