"""FSL's files of b values and directions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pydcm.fileutil import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

__all__ = ["write_table"]


def write_table(
    prefix: str | os.PathLike[str], bvals: np.ndarray, bvecs: np.ndarray | None = None
) -> tuple[str, ...]:
    """Write ``<prefix>.bval`` and, if there are directions, ``<prefix>.bvec``; return their paths."""
    base = os.fspath(prefix)
    tables: dict[str, Iterable[np.ndarray]] = {f"{base}.bval": [bvals]}
    if bvecs is not None:
        tables[f"{base}.bvec"] = bvecs
    for name, rows in tables.items():
        lines = (" ".join(f"{value:.6g}" for value in row) + "\n" for row in rows)
        write_atomically(name, ["".join(lines).encode()])
    return tuple(tables)
