"""Slices resized each by itself, as libraries for pictures do it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._core import _resize2d
from pydcm_pixels.transforms._axes import torch_coordinates
from pydcm_pixels.transforms._blending import blended
from pydcm_pixels.transforms._resize import resized_affine
from pydcm_pixels.transforms._volumes import (
    checked,
    each_volume,
    in_parts,
    real_type,
    spatial_shape,
    target_shape,
)

if TYPE_CHECKING:
    from pydcm_pixels._volume.model import Volume

_SUPPORT = {"bilinear": 1.0, "bicubic": 2.0}
_BITS = 22  # of the fractions of weights for 8-bit images


def resize_2d(
    vol: Volume,
    size: Any,
    *,
    interp: str = "bicubic",
    convention: str = "pillow",
    workers: int | None = None,
) -> Volume:
    """Resize each slice, as Pillow or torch would a picture.

    Pillow's filters grow wider when an image gets smaller; 8-bit images stay 8-bit images, rounded after rows and after
    columns. Torch takes the two or four nearest pixels whatever the size.

    Parameters
    ----------
    vol : Volume
        Whose slices are resized.
    size : sequence of int
        Rows and columns (y, x) of the result.
    interp : {"bicubic", "bilinear"}, optional
        The filter; torch's is bilinear only.
    convention : {"pillow", "torch"}, optional
        Whose rules: ``Image.resize``, or ``interpolate(align_corners=False)``.
    workers : int, optional
        Threads to use; by default as many as there are processors, for volumes that are worth it.

    Returns
    -------
    Volume
        Over the same field of view, in float32; with Pillow's rules uint8 stays uint8.

    Raises
    ------
    ValueError
        If there is no such filter, or `size` is not two lengths above 0.
    DicomLimitError
        If the result has more than :data:`pydcm.limits.MAX_VOXELS` voxels.
    """
    if convention not in ("pillow", "torch"):
        raise ValueError(f"convention is pillow or torch, not {convention!r}")
    if interp not in _SUPPORT or (convention == "torch" and interp != "bilinear"):
        raise ValueError(
            f"{convention} has no filter {interp!r} here; there are bilinear and Pillow's bicubic"
        )
    if np.shape(size) != (2,):
        raise ValueError(f"size has two lengths (y, x), not {size!r}")
    lengths = spatial_shape(checked(vol))
    shape = target_shape((lengths[0], *size), vol, "size")
    real_type(vol.dtype)  # says so if these cannot be interpolated
    whole = convention == "pillow" and vol.dtype == np.uint8
    made = np.dtype(np.uint8 if whole else np.float32)

    def make(source: np.ndarray, result: np.ndarray) -> None:
        values = source.astype(made, copy=False)
        if convention == "torch":
            axes = [torch_coordinates(n, m) for n, m in zip(lengths[1:], shape[1:], strict=True)]
            blended(values, result, [np.arange(lengths[0], dtype=np.float32), *axes], workers)
            return
        # columns come first where that leaves much less for the rows to do, as in Pillow from version 13 on
        fewer = [n - m for n, m in zip(lengths, shape, strict=True)]
        for axis in (1, 2) if fewer[1] > max(0, 2 * fewer[2]) else (2, 1):
            if values.shape[axis] != shape[axis]:
                middle = list(values.shape)
                middle[axis] = shape[axis]
                values = _filtered(values, np.empty(middle, made), axis, interp, workers)
        result[...] = values

    pixels = each_volume(vol, shape, made, make)
    return vol._like(pixels, resized_affine(vol.affine, lengths, shape))


def _filtered(
    source: np.ndarray, result: np.ndarray, axis: int, interp: str, workers: int | None
) -> np.ndarray:
    first, count, weights = pillow_axis(source.shape[axis], result.shape[axis], interp)
    if result.dtype == np.uint8:
        weights = np.trunc(weights * (1 << _BITS) + np.where(weights < 0, -0.5, 0.5)).astype(np.int32)
    in_parts(
        lambda a, b: _resize2d.resize_rows(source, result, first, count, weights, axis, a, b),
        source.shape[0],
        result.size,
        workers,
    )
    return result


def pillow_axis(n: int, m: int, interp: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each of `m` new pixels the first old one it takes, how many, and their weights (m, most)."""
    scale = n / m
    stretch = max(scale, 1.0)
    support = _SUPPORT[interp] * stretch
    centre = (np.arange(m) + 0.5) * scale
    first = (centre - support + 0.5).astype(np.int64).clip(0)
    count = (centre + support + 0.5).astype(np.int64).clip(max=n) - first
    most = min(2 * math.ceil(support) + 1, n)
    places = np.arange(most)
    weights = _filter((places + first[:, None] - centre[:, None] + 0.5) * (1.0 / stretch), interp)
    weights[places >= count[:, None]] = 0.0
    total = np.zeros(m)
    for place in range(most):  # one after the other, as rounding depends on it
        total = total + weights[:, place]
    return first, count, weights / np.where(total == 0, 1.0, total)[:, None]


def _filter(x: np.ndarray, interp: str) -> np.ndarray:
    x = np.abs(x)
    if interp == "bilinear":
        return np.where(x < 1, 1 - x, 0.0)
    a = -0.5
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    return np.where(x < 1, near, np.where(x < 2, (((x - 5) * x + 8) * x - 4) * a, 0.0))
