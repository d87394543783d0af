"""Volumes sampled on any other grid, by way of patient space, as ITK does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._core import _grid
from pydcm_pixels.transforms._volumes import (
    checked,
    each_volume,
    filling,
    in_parts,
    is_labels,
    real_type,
    spatial_shape,
    target_shape,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm_pixels._volume.model import Volume

OUTSIDE = {"fill": 0, "border": 1, "zeros": 2, "mirror": 3}
_NEAREST_TYPES = frozenset("bhilqBHIfd")


def resample_to_reference(
    moving: Volume,
    reference: Volume,
    *,
    is_label: bool | None = None,
    interp: str = "linear",
    fill: float = 0.0,
    outside: str = "fill",
    workers: int | None = None,
) -> Volume:
    """Resample a volume at the voxels of another one, wherever both are.

    The affines say which voxels are at the same place, so a prediction made for a volume that was resampled, turned and
    cropped is brought back by this, with the original as the reference. Values are those of ITK's
    ``ResampleImageFilter`` with its nearest, linear and B-spline interpolators.

    Parameters
    ----------
    moving : Volume
        What to resample; each time and colour by itself.
    reference : Volume
        Whose grid, lengths and affine, the result gets; its axes of time and colours do not count.
    is_label : bool, optional
        Whether voxels are labels, which get the nearest one; by default if they are whole numbers.
    interp : {"linear", "cubic", "nearest"}, optional
        How others are interpolated; cubic are ITK's B-splines.
    fill : float, optional
        Value of voxels that are more than half a voxel away from all of `moving`.
    outside : {"fill", "border", "mirror"}, optional
        Whether those get `fill`, the nearest voxel, or the image mirrored at its faces.
    workers : int, optional
        Threads to use; by default as many as there are processors, for volumes that are worth it.

    Returns
    -------
    Volume
        On the grid of `reference`. Labels keep their type; interpolated voxels are float32, or float64 for float64 and
        whole numbers of more than 16 bits.

    Raises
    ------
    ValueError
        If `interp` or `outside` is none of these, or the type of the labels cannot hold `fill`.
    """
    shape = spatial_shape(checked(reference))
    nearest = is_labels(checked(moving), is_label) or interp == "nearest"
    if interp not in ("linear", "cubic", "nearest"):
        raise ValueError(f"interp is linear, cubic or nearest, not {interp!r}")
    if outside not in ("fill", "border", "mirror"):
        raise ValueError(f"outside is fill, border or mirror, not {outside!r}")
    how = "nearest" if nearest else interp
    return sampled(moving, shape, reference.affine, how, fill=fill, outside=outside, workers=workers)


def sampled(
    vol: Volume,
    shape: Sequence[int],
    affine: np.ndarray,
    interp: str,
    *,
    fill: float = 0.0,
    outside: str = "border",
    even: bool = False,
    dtype: Any = None,
    workers: int | None = None,
) -> Volume:
    """Return a volume sampled on the grid of `shape` (z, y, x) and `affine`.

    Parameters
    ----------
    vol : Volume
        What to sample.
    shape, affine
        The grid.
    interp : {"linear", "cubic", "nearest"}
        How.
    fill, outside
        What is outside of the volume; besides the ways of :func:`resample_to_reference` there is ``"zeros"``, into
        which the outer voxels fade.
    even : bool
        Whether the nearest of two voxels is the one with the even index; else the later one.
    dtype : dtype, optional
        Of interpolated voxels.
    workers : int or None
        Threads to use.
    """
    lengths = target_shape(shape, vol)
    geometry = np.concatenate(
        [
            affine[:3, :3].ravel(),
            affine[:3, 3],
            np.linalg.inv(vol.affine[:3, :3]).ravel(),
            vol.affine[:3, 3],
        ]
    )
    mode = OUTSIDE[outside]
    if interp == "nearest":
        return _on_grid(vol, _nearest(vol, lengths, geometry, fill, mode, even, workers), affine)
    made = real_type(vol.dtype) if dtype is None else np.dtype(dtype)

    def make(source: np.ndarray, result: np.ndarray) -> None:
        if interp == "cubic":
            real = coefficients(source, workers)
            kernel = _grid.sample_cubic
        else:
            real = source if source.dtype.char in "fd" else source.astype(made)
            kernel = _grid.sample_linear
        in_parts(
            lambda a, b: kernel(real, result, geometry, mode, fill, a, b), lengths[0], result.size, workers
        )

    return _on_grid(vol, each_volume(vol, lengths, made, make), affine)


def _on_grid(vol: Volume, pixels: np.ndarray, affine: np.ndarray) -> Volume:
    result = vol._like(pixels)
    result.affine = affine.copy()  # as it is, even if it is sheared more than a volume may be
    return result


def coefficients(source: np.ndarray, workers: int | None) -> np.ndarray:
    """Return the coefficients of cubic B-splines through voxels (z, y, x), mirrored at the middle of the outer ones."""
    result = source.astype(np.float64)
    for axis in (2, 1, 0):

        def part(start: int, stop: int, axis: int = axis) -> None:
            _grid.mirror_coefficients(result, axis, start, stop)

        in_parts(part, result.shape[0 if axis else 1], result.size, workers)
    return result


def _nearest(
    vol: Volume,
    shape: Sequence[int],
    geometry: np.ndarray,
    fill: float,
    mode: int,
    even: bool,
    workers: int | None,
) -> np.ndarray:
    native = vol.dtype.newbyteorder("=")
    value = filling(fill, native)[0]

    def make(source: np.ndarray, result: np.ndarray) -> None:
        src, out, number = source, result, value
        if native.char not in _NEAREST_TYPES:  # voxels are only moved, so others of their size do
            as_integers = f"u{native.itemsize}" if native.itemsize < 8 else "i8"
            src, out = source.view(as_integers), result.view(as_integers)
            number = np.asarray([value], native).view(as_integers)[0]
        in_parts(
            lambda a, b: _grid.sample_nearest(src, out, geometry, mode, even, number.item(), a, b),
            shape[0],
            out.size,
            workers,
        )

    return each_volume(vol, shape, native, make)
