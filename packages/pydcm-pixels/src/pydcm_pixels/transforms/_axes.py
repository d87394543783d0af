"""Which voxels of an axis a new axis takes, and with which weights: each library's own rule.

All of it is for one axis of `n` voxels that gets `m`; the calculations are those of the library named, operation for
operation, since the last bit of a coordinate can decide which voxel is the nearest.
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: How often SciPy repeats the first and last voxel before it calculates B-spline coefficients, mode "nearest".
SPLINE_PAD = 12
#: How many coefficients beyond the ends a value within half a voxel of the image needs.
SPLINE_MARGIN = 2


def half_pixel(n: int, m: int) -> np.ndarray:
    """Return coordinates of `m` voxels that cover the same extent as `n` (SciPy's ``grid_mode``, scikit-image)."""
    return (np.arange(m, dtype=np.float64) + 0.5) * (n / m) - 0.5


def corner_aligned(n: int, m: int) -> np.ndarray:
    """Return coordinates of `m` voxels whose first and last ones are those of `n` (SciPy's ``zoom``)."""
    return np.arange(m, dtype=np.float64) * ((n - 1) / (m - 1) if m > 1 else 1.0)


def spline_weights(fraction: np.ndarray, order: int) -> np.ndarray:
    """Return (m, order + 1) weights of B-splines of order 1 or 3 for places behind a knot, as SciPy calculates them."""
    x, z = fraction, 1.0 - fraction
    if order == 1:
        weights = [1.0 - x]
    else:
        weights = [
            z * z * z / 6.0,
            (x * x * (x - 2.0) * 3.0 + 4.0) / 6.0,
            (z * z * (z - 2.0) * 3.0 + 4.0) / 6.0,
        ]
    last = np.ones_like(x)
    for weight in weights:
        last = last - weight
    return np.ascontiguousarray(np.stack([*weights, last], axis=1))


def spline_axis(coordinates: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray]:
    """Return first voxels and weights for SciPy's interpolation, order 1 (of voxels) or 3 (of coefficients).

    The first of three is counted in the coefficients that have :data:`SPLINE_MARGIN` more at each end.
    """
    if order == 3:
        coordinates = coordinates + SPLINE_PAD
    whole = np.floor(coordinates)
    first = whole.astype(np.int64)
    if order == 3:
        first += SPLINE_MARGIN - SPLINE_PAD - 1
    return first, spline_weights(coordinates - whole, order)


def nearest_axis(coordinates: np.ndarray, n: int) -> np.ndarray:
    """Return the nearest voxels; halves go up, as in SciPy and ITK."""
    return np.clip(np.floor(coordinates + 0.5), 0, n - 1).astype(np.int64)


def even_axis(coordinates: np.ndarray, n: int) -> np.ndarray:
    """Return the nearest voxels; halves go to the even one, as in torch's ``grid_sample``."""
    return np.rint(np.clip(coordinates, 0, n - 1)).astype(np.int64)


def torch_coordinates(n: int, m: int) -> np.ndarray:
    """Return the coordinates of torch's ``interpolate(align_corners=False)``, single precision as they are there."""
    one = np.float32
    return np.maximum(one(n) / one(m) * (np.arange(m, dtype=one) + one(0.5)) - one(0.5), one(0))


def torch_grid(m: int, dtype: np.dtype) -> np.ndarray:
    """Return torch's normalized coordinates of `m` voxels, -1 and 1 at the outer faces (``affine_grid``)."""
    one = dtype.type
    if m == 1:
        return np.zeros(1, dtype)
    # torch rounds once after multiplying and adding; wider numbers do so as well
    wide: Any = np.float64 if dtype == np.float32 else np.longdouble
    places = np.arange(m).astype(wide)
    step = wide(one(2) / one(m - 1))
    line = np.where(places < m // 2, -1 + step * places, 1 - step * (m - 1 - places)).astype(dtype)
    return line * one(m - 1) / one(m)


def torch_unnormalized(grid: np.ndarray, n: int) -> np.ndarray:
    """Return coordinates among `n` voxels of normalized ones, in their precision."""
    one = grid.dtype.type
    return ((grid + one(1)) * one(n) - one(1)) / one(2)
