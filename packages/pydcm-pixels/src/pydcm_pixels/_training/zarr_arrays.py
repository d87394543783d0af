"""Cached arrays as Zarr arrays (version 3 of the format), with their notes as attributes."""

from __future__ import annotations

import json
import math
import os
from itertools import product
from typing import TYPE_CHECKING, Any

from pydcm_pixels._training.npy_files import MAX_NOTES

if TYPE_CHECKING:
    import numpy as np

__all__ = ["load", "store"]

_TYPES = frozenset(
    ["bool", "float16", "float32", "float64"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)
#: What is used here, and what somebody who repacks a cache may choose. Zarr has codecs that unpickle; they are not here.
_CODECS = frozenset({"bytes", "zstd", "gzip", "blosc", "crc32c"})


def load(base: str) -> tuple[np.ndarray, dict[str, Any]] | None:
    """Return the array and the notes, None if they are not there or damaged."""
    path = f"{base}.zarr"
    before = _whole(path)
    if before is None:
        return None
    import numpy as np
    import zarr

    try:
        array = np.asarray(zarr.open_array(path, mode="r", zarr_format=3)[...])
    except Exception:  # of codecs that are given other bytes than they wrote
        return None
    # Zarr gives zeros for what another process took away meanwhile
    after = _whole(path)
    return (array, before[1]) if after is not None and before[0] == after[0] else None


def _whole(path: str) -> tuple[tuple[int, ...], dict[str, Any]] | None:
    """Return which folder an array is in, and its notes, if it is all there and can be read."""
    try:
        found = os.stat(path)
        with open(os.path.join(path, "zarr.json"), "rb") as stream:
            notes = _checked(json.loads(stream.read(MAX_NOTES)), path)
    except (OSError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError):
        return None
    return (found.st_dev, found.st_ino, found.st_mtime_ns), notes


def _checked(described: Any, path: str) -> dict[str, Any]:
    """Return the notes of an array that is all there and can be read without running anything."""
    from pydcm import limits

    shape, codecs = described["shape"], {codec["name"] for codec in described["codecs"]}
    chunks = described["chunk_grid"]["configuration"]["chunk_shape"]
    if described["data_type"] not in _TYPES or not codecs <= _CODECS:
        raise ValueError("other types or codecs than are written here")
    if described.get("storage_transformers") or math.prod(shape) > limits.MAX_VOXELS:
        raise ValueError("stored in a way unknown here, or of an impossible size")
    counts = [-(-size // chunk) for size, chunk in zip(shape, chunks, strict=True)]
    for chunk in product(*map(range, counts)):  # Zarr gives zeros for those that are not there
        os.stat(os.path.join(path, "c", *map(str, chunk)))
    notes = described["attributes"]
    if not isinstance(notes, dict):
        raise TypeError("attributes are a dict")
    return notes


def store(base: str, part: str, array: np.ndarray, notes: bytes) -> None:
    """Write the array and its notes in the folder `part` and move them to their place."""
    import zarr

    inside, target = os.path.join(part, "array"), f"{base}.zarr"
    # one chunk per slice or volume of the first axis: what a reader takes at once
    chunks = (1, *array.shape[1:]) if array.ndim > 2 else array.shape
    made = zarr.create_array(
        inside,
        shape=array.shape,
        dtype=array.dtype,
        chunks=tuple(max(size, 1) for size in chunks),
        attributes=json.loads(notes),
        config={"write_empty_chunks": True},
        zarr_format=3,
    )
    made[...] = array
    if os.path.isdir(target):
        if load(base) is not None:  # another process was first, and others may be reading it
            return
        os.rename(target, os.path.join(part, "old"))
    try:
        os.rename(inside, target)
    except OSError:
        if not os.path.isdir(target):  # unless another process was first
            raise
