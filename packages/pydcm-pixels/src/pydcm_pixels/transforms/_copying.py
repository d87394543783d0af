"""Voxels put into an array of their own, from wherever they are in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pydcm_pixels._core import _moves
from pydcm_pixels.transforms._volumes import in_parts, spatial_shape

if TYPE_CHECKING:
    from pydcm_pixels._volume.model import Volume


def copied(volume: Volume, workers: int | None = None) -> np.ndarray:
    """Return the voxels of a volume, which may be a view of others in any order, in a new array in C order."""
    source = volume.pixels
    if source.dtype.itemsize not in (1, 2, 4, 8) or source.dtype.hasobject or volume.axes[-1] == "c":
        return source.copy("C")
    shape = spatial_shape(volume)
    result = np.empty(source.shape, source.dtype)
    unsigned = f"u{source.dtype.itemsize}"
    # a view as integers needs no certain order of axes when the size of the items stays the same
    sources = source.view(unsigned).reshape((-1, *shape)) if source.ndim > 3 else source.view(unsigned)[None]
    results = result.view(unsigned).reshape((-1, *shape))
    for one, to in zip(sources, results, strict=True):

        def part(start: int, stop: int, one: np.ndarray = one, to: np.ndarray = to) -> None:
            _moves.permute(one, to, start, stop)

        in_parts(part, shape[0], one.size, workers)
    return result
