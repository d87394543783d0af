"""Voxels added around volumes, and sizes reached by adding and cutting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._core import _moves
from pydcm_pixels.transforms._boxes import center_crop
from pydcm_pixels.transforms._volumes import (
    bits,
    checked,
    each_volume,
    filling,
    in_parts,
    spatial_shape,
    target_shape,
    triple,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm_pixels._volume.model import Volume


def pad(
    vol: Volume,
    lo: Any,
    hi: Any,
    *,
    mode: str = "constant",
    value: float = 0.0,
    workers: int | None = None,
) -> Volume:
    """Add voxels around a volume.

    Parameters
    ----------
    vol : Volume
        What to add to.
    lo, hi : sequence of int
        How many voxels before the first and after the last, (z, y, x).
    mode : {"constant", "edge", "reflect", "symmetric", "wrap"}, optional
        What they are: `value`, or as in :func:`numpy.pad`.
    value : float, optional
        What they are if `mode` is ``"constant"``.
    workers : int, optional
        Threads to use; by default as many as there are processors, for volumes that are worth it.

    Returns
    -------
    Volume
        The voxels of `vol` at the same positions and the new ones around them, in the same type.

    Raises
    ------
    ValueError
        If a number is negative, `mode` is none of these, or the type of the voxels cannot hold `value`.
    DicomLimitError
        If the result has more than :data:`pydcm.limits.MAX_VOXELS` voxels.
    """
    before, after = triple(lo, "lo", least=0), triple(hi, "hi", least=0)
    lengths = spatial_shape(checked(vol))
    sums = [low + n + high for low, n, high in zip(before, lengths, after, strict=True)]
    shape = target_shape(sums, vol, "the padded shape")
    iz, iy, ix = (_places(n, low, high, mode) for n, low, high in zip(lengths, before, after, strict=True))
    fill = filling(value if mode == "constant" else 0.0, vol.dtype)
    number = int(bits(fill)[0])

    def make(source: np.ndarray, result: np.ndarray) -> None:
        src, out = bits(source), bits(result)
        in_parts(lambda a, b: _moves.gather(src, out, iz, iy, ix, number, a, b), shape[0], out.size, workers)

    pixels = each_volume(vol, shape, fill.dtype, make)
    affine = vol.affine.copy()
    affine[:3, 3] -= affine[:3, :3] @ np.array(before[::-1], np.float64)
    return vol._like(pixels, affine)


def spatial_pad(
    vol: Volume,
    size: Any,
    *,
    mode: str = "constant",
    value: float = 0.0,
    is_label: bool | None = None,
    workers: int | None = None,
) -> Volume:
    """Add voxels on both sides until a volume has at least a size (MONAI's ``SpatialPad``).

    Parameters
    ----------
    vol : Volume
        What to add to.
    size : sequence of int
        Least lengths (z, y, x); an odd voxel is added at the end.
    mode, value
        What the voxels are, see :func:`pad`.
    is_label : bool, optional
        Of no consequence, since no voxel is changed; taken for symmetry with what resamples.
    workers : int, optional
        Threads to use.

    Returns
    -------
    Volume
        The voxels of `vol` at the same positions and the new ones around them.

    Raises
    ------
    ValueError, DicomLimitError
        As :func:`pad`.
    """
    lengths = spatial_shape(checked(vol))
    missing = [max(m - n, 0) for n, m in zip(lengths, target_shape(size, vol, "size"), strict=True)]
    return _both_sides(vol, missing, mode, value, workers)


def divisible_pad(
    vol: Volume,
    k: Any,
    *,
    mode: str = "constant",
    value: float = 0.0,
    is_label: bool | None = None,
    workers: int | None = None,
) -> Volume:
    """Add voxels on both sides until lengths are multiples of `k` (MONAI's ``DivisiblePad``).

    Parameters
    ----------
    k : int or sequence of int
        One number, or three (z, y, x).
    vol, mode, value, is_label, workers
        As for :func:`spatial_pad`.

    Returns
    -------
    Volume
        As from :func:`spatial_pad`.

    Raises
    ------
    ValueError, DicomLimitError
        As :func:`pad`.
    """
    lengths = spatial_shape(checked(vol))
    factors = triple([k] * 3 if np.ndim(k) == 0 else k, "k", least=1)
    return _both_sides(vol, [-n % f for n, f in zip(lengths, factors, strict=True)], mode, value, workers)


def resize_with_pad_or_crop(
    vol: Volume, size: Any, *, mode: str = "constant", value: float = 0.0, workers: int | None = None
) -> Volume:
    """Cut what is too long and pad what is too short, both around the middle (MONAI's ``ResizeWithPadOrCrop``).

    Parameters
    ----------
    vol : Volume
        What to cut and pad.
    size : sequence of int
        Lengths (z, y, x) of the result.
    mode, value
        What new voxels are, see :func:`pad`.
    workers : int, optional
        Threads to use.

    Returns
    -------
    Volume
        Exactly of `size`; voxels that were there stay at their positions.

    Raises
    ------
    ValueError, DicomLimitError
        As :func:`pad`.
    """
    checked(vol)
    wanted = target_shape(size, vol, "size")
    return spatial_pad(
        center_crop(vol, wanted, workers=workers), wanted, mode=mode, value=value, workers=workers
    )


def _both_sides(vol: Volume, missing: Sequence[int], mode: str, value: float, workers: int | None) -> Volume:
    low = [n // 2 for n in missing]
    high = [n - half for n, half in zip(missing, low, strict=True)]
    return pad(vol, low, high, mode=mode, value=value, workers=workers)


def _places(n: int, low: int, high: int, mode: str) -> np.ndarray:
    """Return for each place of a padded axis the index of the voxel it gets, -1 for none."""
    at = np.arange(-low, n + high, dtype=np.int64)
    if mode == "constant":
        at[(at < 0) | (at >= n)] = -1
    elif mode == "edge":
        at = at.clip(0, n - 1)
    elif mode == "wrap":
        at %= n
    elif mode == "symmetric":
        at %= 2 * n
        at = np.minimum(at, 2 * n - 1 - at)
    elif mode == "reflect":
        at %= max(2 * n - 2, 1)
        at = np.minimum(at, 2 * n - 2 - at)
    else:
        raise ValueError(f"mode is constant, edge, reflect, symmetric or wrap, not {mode!r}")
    return at
