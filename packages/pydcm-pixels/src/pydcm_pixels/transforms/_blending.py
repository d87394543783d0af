"""Linear interpolation between two voxels along each axis, in the precision and order of torch or faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pydcm_pixels._core import _linear
from pydcm_pixels.transforms._volumes import in_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

_KERNEL_TYPES = frozenset("hBHfd")


def between(coordinates: np.ndarray, n: int, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the voxels before and after each place of an axis of `n`, and their weights (m, 2); no place is outside."""
    inside = coordinates.clip(0, n - 1)
    first = np.floor(inside).astype(np.int64)
    fraction = (inside - first).astype(dtype)
    weights = np.stack([dtype.type(1) - fraction, fraction], axis=1)
    return first, np.minimum(first + 1, n - 1), weights


def blended(
    source: np.ndarray, result: np.ndarray, coordinates: Sequence[np.ndarray], workers: int | None
) -> None:
    """Set an array (z, y, x) to linearly interpolated voxels, in the precision of the result."""
    if source.dtype.char not in _KERNEL_TYPES:
        source = source.astype(result.dtype)
    (iz, jz, wz), (iy, jy, wy), (ix, jx, wx) = (
        between(at, n, result.dtype) for at, n in zip(coordinates, source.shape, strict=True)
    )
    in_parts(
        lambda a, b: _linear.blend(source, result, iz, jz, wz, iy, jy, wy, ix, jx, wx, a, b),
        result.shape[0],
        result.size,
        workers,
    )


def grid_sampled(
    source: np.ndarray,
    result: np.ndarray,
    coordinates: Sequence[np.ndarray],
    workers: int | None,
    *,
    reverse: bool = False,
) -> None:
    """Set an array (z, y, x) to what torch's ``grid_sample`` makes of the same coordinates, to the last bit.

    Parameters
    ----------
    source, result : numpy.ndarray
        `source` is converted to the type of the other.
    coordinates : sequence of numpy.ndarray
        Of z, y, x, in the type of the result.
    workers : int or None
        Threads to use.
    reverse : bool
        Whether to round as if the arrays were [x, y, z].
    """
    real = source.astype(result.dtype, copy=False)
    axes = []
    for at, n in zip(coordinates, source.shape, strict=True):
        first, second, weights = between(at, n, result.dtype)
        weights[:, 0] = (first + 1).astype(result.dtype) - at.clip(0, n - 1)
        axes.append((first, second, weights))
    (iz, jz, wz), (iy, jy, wy), (ix, jx, wx) = axes
    in_parts(
        lambda a, b: _linear.blend_corners(real, result, iz, jz, wz, iy, jy, wy, ix, jx, wx, reverse, a, b),
        result.shape[0],
        result.size,
        workers,
    )
