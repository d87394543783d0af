"""What MONAI does in its own way: grids of a spacing, resizing."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels.transforms import _separable
from pydcm_pixels.transforms._axes import (
    even_axis,
    half_pixel,
    torch_coordinates,
    torch_grid,
    torch_unnormalized,
)
from pydcm_pixels.transforms._blending import blended, grid_sampled
from pydcm_pixels.transforms._resize import over_same_field
from pydcm_pixels.transforms._sampling import sampled
from pydcm_pixels.transforms._spacing import three_spacings
from pydcm_pixels.transforms._volumes import (
    checked,
    each_volume,
    is_labels,
    real_type,
    spatial_shape,
    target_shape,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm_pixels._volume.model import Volume

_UNCHANGED = 1e-3  # in an affine
_KEPT = 1e-3  # mm: a spacing that is as near as this to the one asked for stays what it is
_SINGLE, _DOUBLE = np.dtype(np.float32), np.dtype(np.float64)


def resample_to_spacing(
    vol: Volume,
    spacing: Any,
    *,
    is_label: bool | None = None,
    interp: str = "linear",
    scale_extent: bool = False,
    workers: int | None = None,
) -> Volume:
    """Resample so that voxels lie at given distances (MONAI's ``Spacing``).

    The grid is MONAI's to the last voxel, with ``diagonal=False``: axes keep their directions, a shear is taken out.
    Sampling is torch's ``grid_sample`` in double precision with ``padding_mode="border"`` and ``align_corners=False``.

    Parameters
    ----------
    vol : Volume
        What to resample; each time and colour by itself.
    spacing : float or sequence of float
        Distance of voxels in mm, one for all axes or three (x, y, z).
    is_label : bool, optional
        Whether voxels are labels, which get the nearest one; by default if they are whole numbers.
    interp : {"linear", "bilinear", "nearest"}, optional
        How others are interpolated; the first two are the same.
    scale_extent : bool, optional
        Whether shape and origin come from the full extent of voxels; else from their centres.
    workers : int, optional
        Threads to use; by default as many as there are processors, for volumes that are worth it.

    Returns
    -------
    Volume
        Interpolated voxels are float32; labels keep their type.

    Raises
    ------
    ValueError
        If a distance is not above 0, or `interp` is none of these.
    DicomLimitError
        If the result has more than :data:`pydcm.limits.MAX_VOXELS` voxels.
    """
    if interp not in ("linear", "bilinear", "nearest"):
        raise ValueError(f"interp is linear, bilinear or nearest, not {interp!r}")
    lengths = spatial_shape(checked(vol))
    pairs = zip(vol.spacing, three_spacings(spacing), strict=True)
    new = _zoomed(vol.affine, [had if abs(had - wanted) <= _KEPT else wanted for had, wanted in pairs])
    size, new[:3, 3] = _shape_and_origin(lengths[::-1], vol.affine, new, scale_extent)
    shape = target_shape(size[::-1], vol, "the shape for this spacing")
    nearest = is_labels(vol, is_label) or interp == "nearest"
    made = vol.dtype.newbyteorder("=") if nearest else real_type(vol.dtype) and _SINGLE
    step = np.linalg.solve(vol.affine, new)
    same = ((vol.affine, new), (step, np.eye(4)))
    if shape == lengths and any(np.allclose(one, other, atol=_UNCHANGED) for one, other in same):
        return vol._like(vol.pixels.astype(made))
    if np.abs(step[:3, :3] - np.diag(np.diag(step[:3, :3]))).max() > 1e-9:
        how = "nearest" if nearest else "linear"
        return sampled(vol, shape, new, how, outside="border", even=True, dtype=made, workers=workers)
    coordinates = _coordinates(lengths[::-1], size, step)[::-1]

    def make(source: np.ndarray, result: np.ndarray) -> None:
        if nearest:
            places = [
                even_axis(at, n).astype(np.float64) for at, n in zip(coordinates, source.shape, strict=True)
            ]
            _separable.picked(source, result, places, workers)
        else:
            wide = np.empty(result.shape, _DOUBLE)
            grid_sampled(source, wide, coordinates, workers, reverse=True)
            result[...] = wide

    return vol._like(each_volume(vol, shape, made, make), new)


def _zoomed(affine: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """Return a matrix of orthogonal axes, as near to those of `affine` as an upper triangle takes them, no origin."""
    matrix = affine[:3, :3]
    triangle = np.linalg.cholesky(matrix.T @ matrix).T
    result = np.eye(4)
    result[:3, :3] = (matrix @ np.linalg.inv(triangle)) @ np.diag(
        np.sign(np.diag(triangle)) * np.asarray(spacing)
    )
    return result


def _shape_and_origin(
    size: Sequence[int], affine: np.ndarray, new: np.ndarray, scale_extent: bool
) -> tuple[tuple[int, ...], np.ndarray]:
    """Return the lengths (x, y, z) of a grid that holds a volume, and the position of its first voxel."""
    half = 0.5 if scale_extent else 0.0
    ends = [(-half, n - 1 + half) for n in size]
    corners = np.array([(*corner, 1.0) for corner in product(*ends)]).T
    there = (np.linalg.solve(new, affine) @ corners)[:3]
    extent = np.ptp(there, axis=1)
    shape = np.round(extent if scale_extent else extent + 1.0).clip(1, 2.0**62)
    # as good as no tolerance: directions that are rounded, as those of files are, give an extent without a first corner
    first = [k for k in range(8) if np.allclose((there - there[:, k, None]).min(axis=1), 0.0)]
    if first:
        origin = (affine @ corners)[:3, first[0]]
    else:
        origin = affine[:3, :3] @ (np.array(size) / 2) + affine[:3, 3] - new[:3, :3] @ (shape / 2)
    if scale_extent:
        # the sign is that of the corner, whatever side of it the first voxel is on: so MONAI places it
        centre = affine @ np.append(0.5 * (np.array(size) / shape - 1.0), 1.0)
        origin = np.abs(centre[:3]) * np.sign(origin)
    return tuple(int(n) for n in shape), origin


def _coordinates(size: Sequence[int], shape: Sequence[int], step: np.ndarray) -> list[np.ndarray]:
    """Return coordinates (x, y, z) among the old voxels by way of torch's normalized ones, rounded as they are."""
    matrix = (_normalizing(size) @ step) @ np.linalg.inv(_normalizing(shape))
    found = []
    for axis, (n, m) in enumerate(zip(size, shape, strict=True)):
        grid = torch_grid(m, _DOUBLE) * matrix[axis, axis] + matrix[axis, 3]
        found.append(torch_unnormalized(grid, n).clip(0, n - 1))
    return found


def _normalizing(size: Sequence[int]) -> np.ndarray:
    lengths = np.array(size, np.float64)
    result = np.diag(np.append(2.0 / lengths, 1.0))
    result[:3, 3] = 1.0 / lengths - 1.0
    return result


def resize(
    vol: Volume,
    out_shape: Any,
    *,
    is_label: bool | None = None,
    interp: str = "linear",
    workers: int | None = None,
) -> Volume:
    """Resample to a shape over the same field of view (MONAI's ``Resize``, torch's ``interpolate``).

    Parameters
    ----------
    vol : Volume
        What to resample; each time and colour by itself.
    out_shape : sequence of int
        Lengths (z, y, x) of the result.
    is_label : bool, optional
        Whether voxels are labels, which get one of the old ones; by default if they are whole numbers.
    interp : {"linear", "trilinear", "area", "nearest", "nearest-exact"}, optional
        How others are interpolated; the first two are the same, with ``align_corners=False``; ``"area"``, which is the
        default of MONAI's ``Resize``, is the mean of all voxels touched, ``"nearest"`` the voxel before,
        ``"nearest-exact"`` the nearest one, which labels get.
    workers : int, optional
        Threads to use.

    Returns
    -------
    Volume
        Of `out_shape`, float32 or float64 if interpolated.

    Raises
    ------
    ValueError
        If `out_shape` is not three lengths above 0, or `interp` is none of these.
    DicomLimitError
        If the result has more than :data:`pydcm.limits.MAX_VOXELS` voxels.
    """
    if interp not in ("linear", "trilinear", "area", "nearest", "nearest-exact"):
        raise ValueError(f"interp is linear, trilinear, area, nearest or nearest-exact, not {interp!r}")
    if is_labels(checked(vol), is_label) and interp != "nearest":
        interp = "nearest-exact"
    made = vol.dtype.newbyteorder("=") if interp.startswith("nearest") else real_type(vol.dtype)

    def make(source: np.ndarray, result: np.ndarray, half: list[np.ndarray]) -> None:
        sizes = list(zip(source.shape, result.shape, strict=True))
        if interp in ("linear", "trilinear"):
            single = result.dtype == _SINGLE
            blended(source, result, [torch_coordinates(n, m) for n, m in sizes] if single else half, workers)
        elif interp == "area":
            result[...] = _means(source, result.shape)
        else:
            shift = 0.5 if interp == "nearest-exact" else 0.0
            places = [np.floor((np.arange(m, dtype="f4") + shift) * np.float32(n / m)) for n, m in sizes]
            _separable.picked(source, result, [np.asarray(at, np.float64) for at in places], workers)

    return over_same_field(vol, out_shape, made, make, half_pixel)


def _means(source: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Return the means of the boxes of voxels that each new voxel touches."""
    result = source.astype(np.float64)
    for axis, m in enumerate(shape):
        n = result.shape[axis]
        low = np.arange(m) * n // m
        high = -(-(np.arange(m) + 1) * n // m)
        sums = np.insert(np.cumsum(result, axis=axis), 0, 0.0, axis=axis)
        counts = (high - low).reshape([-1 if place == axis else 1 for place in range(3)])
        result = (np.take(sums, high, axis=axis) - np.take(sums, low, axis=axis)) / counts
    return result
