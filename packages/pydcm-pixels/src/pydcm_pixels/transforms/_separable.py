"""New grids whose axes are parallel to the old ones: B-splines of order 0, 1 and 3 as SciPy calculates them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pydcm_pixels._core import _moves, _spline
from pydcm_pixels.transforms._axes import SPLINE_MARGIN, SPLINE_PAD, nearest_axis, spline_axis
from pydcm_pixels.transforms._volumes import bits, in_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

_KERNEL_TYPES = frozenset("hiHBfd")  # of the filters; all else is converted to float64 first
_INFINITE = float("inf")


def picked(
    source: np.ndarray, result: np.ndarray, coordinates: Sequence[np.ndarray], workers: int | None
) -> None:
    """Set an array (z, y, x) to the nearest voxels of another one of the same type."""
    iz, iy, ix = (nearest_axis(at, n) for at, n in zip(coordinates, source.shape, strict=True))
    src, out = bits(source), bits(result)
    in_parts(lambda a, b: _moves.gather(src, out, iz, iy, ix, 0, a, b), out.shape[0], out.size, workers)


def bounds_of(source: np.ndarray) -> tuple[float, float]:
    """Return the least and the greatest voxel, leaving out those that are not numbers."""
    low, high = float(source.min()), float(source.max())
    if low != low:
        finite = source[~np.isnan(source)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (-_INFINITE, _INFINITE)
    return low, high


def linear(
    source: np.ndarray,
    result: np.ndarray,
    coordinates: Sequence[np.ndarray],
    clip: bool,
    workers: int | None,
) -> None:
    """Set an array (z, y, x) to linearly interpolated voxels; the image goes on beyond its ends with its last voxels."""
    real = source if source.dtype.char in "fd" else source.astype(np.float64)
    # rounding may leave the range by a bit
    low, high = bounds_of(real) if clip else (-_INFINITE, _INFINITE)
    (iz, wz), (iy, wy), (ix, wx) = (spline_axis(at, 1) for at in coordinates)
    in_parts(
        lambda a, b: _spline.interpolate(real, result, iz, wz, iy, wy, ix, wx, low, high, a, b),
        result.shape[0],
        result.size,
        workers,
    )


def cubic(
    source: np.ndarray,
    result: np.ndarray,
    coordinates: Sequence[np.ndarray],
    clip: bool,
    workers: int | None,
) -> None:
    """Set an array (z, y, x) to values of cubic B-splines; the image goes on beyond its ends with its last voxels.

    Coordinates reach half a voxel beyond the ends at most.
    """
    if source.shape == result.shape:  # SciPy does not go through coefficients then
        result[...] = source
        return
    real = source if source.dtype.char in _KERNEL_TYPES else source.astype(np.float64)
    low, high = bounds_of(real) if clip else (-_INFINITE, _INFINITE)
    wide = np.empty([n + 2 * SPLINE_MARGIN for n in real.shape], np.float64)
    pad, margin = SPLINE_PAD, SPLINE_MARGIN
    in_parts(
        lambda a, b: _spline.filter_depth(real, wide, pad, margin, a, b), real.shape[1], wide.size, workers
    )
    in_parts(
        lambda a, b: _spline.filter_planes(real, wide, pad, margin, a, b, True),
        wide.shape[0],
        wide.size,
        workers,
    )
    (iz, wz), (iy, wy), (ix, wx) = (spline_axis(at, 3) for at in coordinates)
    in_parts(
        lambda a, b: _spline.interpolate(wide, result, iz, wz, iy, wy, ix, wx, low, high, a, b),
        result.shape[0],
        result.size,
        workers,
    )


def planes(
    source: np.ndarray, result: np.ndarray, coordinates: Sequence[np.ndarray], order: int, workers: int | None
) -> None:
    """Set an array (z, y, x) to values of B-splines within each plane (z), clipped to the plane's own range.

    Parameters
    ----------
    source, result : numpy.ndarray
        Of the same number of planes.
    coordinates : sequence of numpy.ndarray
        Of y and x.
    order : {1, 3}
        Linear or cubic.
    workers : int or None
        Threads to use.
    """
    if source.shape == result.shape:
        result[...] = source
        return
    real = (
        source if source.dtype.char in (_KERNEL_TYPES if order == 3 else "fd") else source.astype(np.float64)
    )
    (iy, wy), (ix, wx) = (spline_axis(at, order) for at in coordinates)
    rows, columns = (n + 2 * SPLINE_MARGIN for n in real.shape[1:])
    here, alone = np.zeros(1, np.int64), np.ones((1, 1))

    def part(start: int, stop: int) -> None:
        wide = np.empty((1, rows, columns), np.float64)
        for z in range(start, stop):
            values = plane = real[z : z + 1]
            low, high = bounds_of(plane)
            if order == 3:
                _spline.filter_planes(plane, wide, SPLINE_PAD, SPLINE_MARGIN, 0, 1, False)
                values = wide
            _spline.interpolate(values, result[z : z + 1], here, alone, iy, wy, ix, wx, low, high, 0, 1)

    in_parts(part, real.shape[0], max(real.size, result.size), workers)
