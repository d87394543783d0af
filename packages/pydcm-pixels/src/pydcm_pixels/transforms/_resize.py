"""Volumes resampled to other shapes over the same field of view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels.transforms import _separable
from pydcm_pixels.transforms._axes import corner_aligned, half_pixel, torch_grid, torch_unnormalized
from pydcm_pixels.transforms._blending import blended, grid_sampled
from pydcm_pixels.transforms._volumes import (
    checked,
    each_volume,
    is_labels,
    real_type,
    spatial_shape,
    target_shape,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydcm_pixels._volume.model import Volume


def resize(
    vol: Volume,
    out_shape: Any,
    *,
    is_label: bool | None = None,
    interp: str = "linear",
    dtype: Any = None,
    workers: int | None = None,
) -> Volume:
    """Resample to a shape over the same field of view (MONAI's ``Resize``, ``skimage.transform.resize``).

    Parameters
    ----------
    vol : Volume
        What to resample; each time and colour by itself.
    out_shape : sequence of int
        Lengths (z, y, x) of the result.
    is_label : bool, optional
        Whether voxels are labels, which get the nearest one; by default if they are whole numbers.
    interp : {"linear", "cubic", "nearest"}, optional
        How others are interpolated.
    dtype : dtype, optional
        Of the result, float32 or float64; by default float32 for float32 and whole numbers of up to 16 bits.
    workers : int, optional
        Threads to use; by default as many as there are processors, for volumes that are worth it.

    Returns
    -------
    Volume
        Of `out_shape`; the outer faces of its outer voxels are where they were.

    Raises
    ------
    ValueError
        If `out_shape` is not three lengths above 0, or `interp` is none of these.
    DicomLimitError
        If the result has more than :data:`pydcm.limits.MAX_VOXELS` voxels.
    """
    if interp not in ("linear", "cubic", "nearest"):
        raise ValueError(f"interp is linear, cubic or nearest, not {interp!r}")
    if is_labels(checked(vol), is_label) or interp == "nearest":
        return resample_nearest(vol, out_shape, workers=workers)
    if interp == "cubic":
        return resample_cubic(vol, out_shape, dtype=dtype, workers=workers)

    def make(source: np.ndarray, result: np.ndarray, coordinates: list[np.ndarray]) -> None:
        blended(source, result, coordinates, workers)

    return over_same_field(vol, out_shape, made_type(vol, dtype), make)


def resample_cubic(
    vol: Volume, out_shape: Any, *, clip: bool = True, dtype: Any = None, workers: int | None = None
) -> Volume:
    """Resample to a shape with cubic B-splines, in double precision; for images.

    The same to the last bit as ``skimage.transform.resize(order=3, mode="edge", anti_aliasing=False)``, which is what
    nnU-Net resamples images with, and as ``scipy.ndimage.zoom(order=3, mode="nearest", grid_mode=True)`` unless `clip`.

    Parameters
    ----------
    vol, out_shape, dtype, workers
        As for :func:`resize`.
    clip : bool, optional
        Whether values beyond the least and greatest voxel are cut off.

    Returns
    -------
    Volume
        Of `out_shape`, over the same field of view.

    Raises
    ------
    ValueError, DicomLimitError
        As :func:`resize`.
    """

    def make(source: np.ndarray, result: np.ndarray, coordinates: list[np.ndarray]) -> None:
        _separable.cubic(source, result, coordinates, clip, workers)

    return over_same_field(vol, out_shape, made_type(vol, dtype), make)


def resample_linear(vol: Volume, out_shape: Any, *, dtype: Any = None, workers: int | None = None) -> Volume:
    """Resample to a shape with linear interpolation, in double precision; for images.

    The same to the last bit as ``skimage.transform.resize(order=1, mode="edge", anti_aliasing=False)``.

    Parameters
    ----------
    vol, out_shape, dtype, workers
        As for :func:`resize`.

    Returns
    -------
    Volume
        Of `out_shape`, over the same field of view.

    Raises
    ------
    ValueError, DicomLimitError
        As :func:`resize`.
    """

    def make(source: np.ndarray, result: np.ndarray, coordinates: list[np.ndarray]) -> None:
        _separable.linear(source, result, coordinates, True, workers)

    return over_same_field(vol, out_shape, made_type(vol, dtype), make)


def resample_nearest(vol: Volume, out_shape: Any, *, workers: int | None = None) -> Volume:
    """Resample to a shape by taking the nearest voxels; for labels, and whatever must not be blended.

    The same as ``skimage.transform.resize(order=0)`` and ``scipy.ndimage.zoom(order=0, grid_mode=True)``.

    Parameters
    ----------
    vol, out_shape, workers
        As for :func:`resize`.

    Returns
    -------
    Volume
        Of `out_shape` and the same type, over the same field of view.

    Raises
    ------
    ValueError, DicomLimitError
        As :func:`resize`.
    """

    def make(source: np.ndarray, result: np.ndarray, coordinates: list[np.ndarray]) -> None:
        _separable.picked(source, result, coordinates, workers)

    return over_same_field(vol, out_shape, checked(vol).dtype.newbyteorder("="), make)


def resample_grid_sample(vol: Volume, out_shape: Any, *, workers: int | None = None) -> Volume:
    """Resample to a shape as torch's ``affine_grid`` and ``grid_sample`` do with an identity matrix; for images.

    That is ``mode="bilinear"``, ``padding_mode="border"``, ``align_corners=False``, calculated in the precision of the
    result, in the same order.

    Parameters
    ----------
    vol, out_shape, workers
        As for :func:`resize`.

    Returns
    -------
    Volume
        Of `out_shape`, over the same field of view; float32, or float64 for float64 and whole numbers of more than 16
        bits.

    Raises
    ------
    ValueError, DicomLimitError
        As :func:`resize`.
    """
    made = real_type(checked(vol).dtype)

    def make(source: np.ndarray, result: np.ndarray, _: list[np.ndarray]) -> None:
        coordinates = [
            torch_unnormalized(torch_grid(m, made), n)
            for n, m in zip(source.shape, result.shape, strict=True)
        ]
        grid_sampled(source, result, coordinates, workers)

    return over_same_field(vol, out_shape, made, make)


def zoom(
    vol: Volume,
    out_shape: Any,
    *,
    order: int = 3,
    grid_mode: bool = False,
    dtype: Any = None,
    workers: int | None = None,
) -> Volume:
    """Resample to a shape as ``scipy.ndimage.zoom(mode="nearest")`` does, to the last bit.

    Parameters
    ----------
    vol, out_shape, dtype, workers
        As for :func:`resize`.
    order : {0, 1, 3}, optional
        Of the splines: nearest voxel, linear, cubic.
    grid_mode : bool, optional
        Whether the field of view stays; else the centres of the outer voxels stay where they are.

    Returns
    -------
    Volume
        Of `out_shape`; the affine says where the voxels are.

    Raises
    ------
    ValueError
        If there is no such order, or as :func:`resize`.
    DicomLimitError
        As :func:`resize`.
    """
    if order not in (0, 1, 3):
        raise ValueError(f"order is 0, 1 or 3, not {order!r}")

    def make(source: np.ndarray, result: np.ndarray, coordinates: list[np.ndarray]) -> None:
        if order == 0:
            _separable.picked(source, result, coordinates, workers)
        elif order == 1:
            _separable.linear(source, result, coordinates, False, workers)
        else:
            _separable.cubic(source, result, coordinates, False, workers)

    made = checked(vol).dtype.newbyteorder("=") if order == 0 else made_type(vol, dtype)
    rule = half_pixel if grid_mode else corner_aligned
    return over_same_field(vol, out_shape, made, make, rule)


def made_type(vol: Volume, dtype: Any) -> np.dtype:
    """Return the type of interpolated voxels."""
    natural = real_type(checked(vol).dtype)
    if dtype is None:
        return natural
    wanted = np.dtype(dtype)
    if wanted not in (np.float32, np.float64):
        raise ValueError(f"interpolated voxels are float32 or float64, not {wanted}")
    return wanted


def over_same_field(
    vol: Volume,
    out_shape: Any,
    dtype: np.dtype,
    make: Callable[[np.ndarray, np.ndarray, list[np.ndarray]], None],
    rule: Callable[[int, int], np.ndarray] = half_pixel,
) -> Volume:
    """Return a volume of `out_shape` that `make` fills, given for z, y, x where its voxels are in the old one."""
    shape = target_shape(out_shape, checked(vol))
    lengths = spatial_shape(vol)
    coordinates = [rule(n, m) for n, m in zip(lengths, shape, strict=True)]
    pixels = each_volume(vol, shape, dtype, lambda source, result: make(source, result, coordinates))
    return vol._like(pixels, resized_affine(vol.affine, lengths, shape, rule))


def resized_affine(
    affine: np.ndarray,
    lengths: Sequence[int],
    shape: Sequence[int],
    rule: Callable[[int, int], np.ndarray] = half_pixel,
) -> np.ndarray:
    """Return the affine of a volume whose lengths (z, y, x) have been changed."""
    result = affine.copy()
    for column, (n, m) in enumerate(zip(reversed(lengths), reversed(shape), strict=True)):
        if rule is half_pixel:
            step, first = n / m, (n / m - 1) / 2
        else:
            step, first = ((n - 1) / (m - 1) if m > 1 and n > 1 else 1.0), 0.0
        result[:3, column] = affine[:3, column] * step
        result[:3, 3] += affine[:3, column] * first
    return result
