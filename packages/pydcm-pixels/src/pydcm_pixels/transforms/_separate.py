"""Thick slices: each resampled by itself, then the planes between them, as nnU-Net does it; and labels by shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._core import _vote
from pydcm_pixels.transforms import _separable
from pydcm_pixels.transforms._axes import nearest_axis, spline_axis
from pydcm_pixels.transforms._resize import made_type, over_same_field
from pydcm_pixels.transforms._volumes import checked, in_parts

if TYPE_CHECKING:
    from pydcm_pixels._volume.model import Volume

_LABEL_TYPES = frozenset("bhilqBH")  # of the kernel


def resample_separate_z(
    vol: Volume,
    out_shape: Any,
    *,
    order: int = 3,
    order_z: int = 0,
    axis: int = 0,
    dtype: Any = None,
    workers: int | None = None,
) -> Volume:
    """Resample thick slices, first within each, then across (nnU-Net's ``do_separate_z``); for images.

    Parameters
    ----------
    vol, out_shape, dtype, workers
        As for :func:`~pydcm.transforms.resize`.
    order : {0, 1, 3}, optional
        Of the B-splines within a slice, in double precision and clipped to the range of the slice.
    order_z : {0, 1}, optional
        Across slices: the nearest slice, or linear interpolation.
    axis : {0, 1, 2}, optional
        Across which axis (z, y, x) the slices lie.

    Returns
    -------
    Volume
        Of `out_shape`, over the same field of view.

    Raises
    ------
    ValueError
        If an order or the axis is none of these, or `out_shape` is not three lengths above 0.
    DicomLimitError
        If the result has more than :data:`pydcm.limits.MAX_VOXELS` voxels.
    """
    check_orders(order, order_z, axis)

    def make(source: np.ndarray, result: np.ndarray, coordinates: list[np.ndarray]) -> None:
        sideways = [coordinates.pop(axis), *coordinates]
        coordinates.insert(axis, sideways[0])
        src = np.ascontiguousarray(np.moveaxis(source, axis, 0))
        out = np.empty(np.moveaxis(result, axis, 0).shape, result.dtype) if axis else result
        _through(src, out, sideways, order, order_z, workers)
        if axis:
            np.moveaxis(result, axis, 0)[...] = out

    return over_same_field(vol, out_shape, made_type(vol, dtype), make)


def check_orders(order: int, order_z: int, axis: int) -> None:
    """Raise ValueError unless there are such orders and such an axis."""
    if order not in (0, 1, 3):
        raise ValueError(f"order is 0, 1 or 3, not {order!r}")
    if order_z not in (0, 1):
        raise ValueError(f"order_z is 0 or 1, not {order_z!r}")
    if axis not in (0, 1, 2):
        raise ValueError(f"axis is 0, 1 or 2 for z, y, x, not {axis!r}")


def _through(
    source: np.ndarray,
    result: np.ndarray,
    coordinates: list[np.ndarray],
    order: int,
    order_z: int,
    workers: int | None,
) -> None:
    """Resample planes (z), then across them."""
    n, m = source.shape[0], result.shape[0]
    blended = order_z == 1 and n != m
    middle = np.empty((n, *result.shape[1:]), np.float64 if blended else result.dtype)
    if order:
        _separable.planes(source, middle, coordinates[1:], order, workers)
    else:
        whole = np.arange(n, dtype=np.float64)
        _separable.picked(source.astype(middle.dtype), middle, [whole, *coordinates[1:]], workers)
    same = [np.arange(k, dtype=np.float64) for k in result.shape[1:]]
    if blended:
        _separable.linear(middle, result, [coordinates[0], *same], False, workers)
    elif n == m:
        result[...] = middle
    else:
        _separable.picked(middle, result, [coordinates[0], *same], workers)


def resample_labels(
    vol: Volume,
    out_shape: Any,
    *,
    order: int = 1,
    separate_z: bool = False,
    order_z: int = 0,
    axis: int = 0,
    workers: int | None = None,
) -> Volume:
    """Resample labels to a shape: each class is interpolated on its own, the greatest share wins (nnU-Net).

    Among equal shares the label of the nearest voxel wins if it is one of them, or else the lowest.

    Parameters
    ----------
    vol : Volume
        Labels: whole numbers, in any type.
    out_shape : sequence of int
        Lengths (z, y, x) of the result.
    order : {0, 1}, optional
        Nearest voxel, or linear shares.
    separate_z : bool, optional
        Whether slices are resampled each by itself first.
    order_z : {0, 1}, optional
        Across slices: the label of the nearest one; or the one whose share is above a half, and 0 if none is.
    axis : {0, 1, 2}, optional
        Across which axis (z, y, x) the slices lie.
    workers : int, optional
        Threads to use.

    Returns
    -------
    Volume
        Of `out_shape` and the same type, over the same field of view.

    Raises
    ------
    ValueError
        If an order or the axis is none of these, or `out_shape` is not three lengths above 0.
    DicomLimitError
        If the result has more than :data:`pydcm.limits.MAX_VOXELS` voxels.
    """
    check_orders(order, order_z, axis)
    if order == 3:
        raise ValueError("order is 0 or 1 for labels")

    def make(source: np.ndarray, result: np.ndarray, coordinates: list[np.ndarray]) -> None:
        src, names = _as_labels(source)
        out = np.empty(result.shape, src.dtype)
        if separate_z:
            none = 0 if names is None else int(np.searchsorted(names, 0))
            _labels_through(src, out, coordinates, order, order_z, axis, none, workers)
        else:
            _voted(src, out, coordinates, order, workers)
        result[...] = out if names is None else names[out]

    return over_same_field(vol, out_shape, checked(vol).dtype.newbyteorder("="), make)


def _as_labels(source: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Return labels in a type that the kernel knows; if they are numbers of the labels, those labels, and 0, too."""
    if source.dtype.char in _LABEL_TYPES:
        return source, None
    if source.dtype.kind == "b":
        return source.view(np.uint8), None
    names, numbers = np.unique(np.append(source.reshape(-1), source.dtype.type(0)), return_inverse=True)
    return numbers[:-1].reshape(source.shape).astype(np.int32), names


def _voted(
    source: np.ndarray, result: np.ndarray, coordinates: list[np.ndarray], order: int, workers: int | None
) -> None:
    if order == 0:
        _separable.picked(source, result, coordinates, workers)
        return
    (iz, wz, nz), (iy, wy, ny), (ix, wx, nx) = (
        (*spline_axis(at, 1), nearest_axis(at, n)) for at, n in zip(coordinates, source.shape, strict=True)
    )
    in_parts(
        lambda a, b: _vote.vote(source, result, iz, wz, nz, iy, wy, ny, ix, wx, nx, a, b),
        result.shape[0],
        result.size,
        workers,
    )


def _labels_through(
    source: np.ndarray,
    result: np.ndarray,
    coordinates: list[np.ndarray],
    order: int,
    order_z: int,
    axis: int,
    none: int,
    workers: int | None,
) -> None:
    """Resample planes of labels, then across them; `none` is what is where no label has the greater share."""
    src = np.ascontiguousarray(np.moveaxis(source, axis, 0))
    out = np.moveaxis(result, axis, 0)
    across = coordinates[axis]
    sideways = [at for place, at in enumerate(coordinates) if place != axis]
    middle = np.empty((src.shape[0], *out.shape[1:]), src.dtype)
    whole = np.arange(src.shape[0], dtype=np.int64)
    if order == 0:
        _separable.picked(src, middle, [whole.astype(np.float64), *sideways], workers)
    else:
        alone = np.ones((len(whole), 1))
        (iy, wy, ny), (ix, wx, nx) = (
            (*spline_axis(at, 1), nearest_axis(at, n)) for at, n in zip(sideways, src.shape[1:], strict=True)
        )
        in_parts(
            lambda a, b: _vote.vote(src, middle, whole, alone, whole, iy, wy, ny, ix, wx, nx, a, b),
            middle.shape[0],
            middle.size,
            workers,
        )
    nearest = nearest_axis(across, src.shape[0])
    out[...] = middle[nearest]
    if order_z == 0 or len(across) == src.shape[0]:
        return
    first, weights = spline_axis(across, 1)
    for place in np.flatnonzero(weights[:, 0].round() == weights[:, 1].round()):  # halves: no share is above
        low, high = (int(np.clip(first[place] + k, 0, len(whole) - 1)) for k in (0, 1))
        out[place] = np.where(middle[low] == middle[high], middle[low], none)
