"""Cached arrays as files in NumPy's format, with their notes as JSON beside them."""

from __future__ import annotations

import json
import math
import mmap
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import BinaryIO

    import numpy as np

__all__ = ["MAX_NOTES", "load", "store"]

#: Bytes of notes.
MAX_NOTES = 1 << 26
#: From this size on arrays are mapped: of a part of them only that part is read. Each map takes one of the files that a
#: process may have open, so that a thousand small samples must not be maps.
MAPPED = 1 << 24


def load(base: str) -> tuple[np.ndarray, dict[str, Any]] | None:
    """Return the array and the notes, None if they are not there or damaged."""
    try:
        with open(f"{base}.json", "rb") as stream:
            notes = json.loads(stream.read(MAX_NOTES))
        with open(f"{base}.npy", "rb") as stream:
            array = _array(stream)
    except (OSError, ValueError, RecursionError):
        return None
    return (array, notes) if isinstance(notes, dict) else None


def _array(stream: BinaryIO) -> np.ndarray:
    import numpy as np

    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("another version of the format than is written here")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.kind not in "biuf":
        raise ValueError(f"no array of numbers: {dtype}")
    start, count = stream.tell(), math.prod(shape)
    if min(shape, default=0) < 0 or start + count * dtype.itemsize != os.fstat(stream.fileno()).st_size:
        raise ValueError("another length than its header says")
    if count * dtype.itemsize < MAPPED:
        flat = np.fromfile(stream, dtype, count)
    else:
        # pages that are written to are copied, and change nothing on disk
        flat = np.frombuffer(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY), dtype, count, start)
    return flat.reshape(shape, order="F" if fortran else "C")


def store(base: str, part: str, array: np.ndarray, notes: bytes) -> None:
    """Write the array and its notes in the folder `part` and move them to their place."""
    import numpy as np

    for name, write in (
        ("json", lambda stream: stream.write(notes)),
        ("npy", lambda stream: np.lib.format.write_array(stream, array, (1, 0), allow_pickle=False)),
    ):
        path = os.path.join(part, name)
        with open(path, "wb") as stream:
            write(stream)
        os.replace(path, f"{base}.{name}")
