"""Memory for volumes.

A volume is written once from end to end. NumPy asks for huge pages for large arrays, which costs up to a second for a
volume where the system has to find or to clear them first (virtual machines that give memory back); small pages asked
for at once always take about as long as reading the files does.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = ["LARGE", "new_array"]

#: Arrays from this size on are treated specially, bytes.
LARGE = 1 << 25


def new_array(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return a new C-contiguous array whose content does not matter; a large one has its pages to be asked for."""
    import numpy as np

    kind = np.dtype(dtype)
    nbytes = int(np.prod(shape, dtype=object)) * kind.itemsize
    if nbytes < LARGE or not sys.platform.startswith("linux") or kind.hasobject:
        return np.empty(shape, dtype=kind)
    import mmap

    try:
        memory = mmap.mmap(-1, nbytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except (OSError, OverflowError) as exc:
        raise MemoryError(f"there is no memory for {nbytes} bytes") from exc
    return np.frombuffer(memory, dtype=kind).reshape(shape)
