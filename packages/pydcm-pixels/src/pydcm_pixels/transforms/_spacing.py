"""Volumes resampled to other distances of voxels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels.transforms import _separable
from pydcm_pixels.transforms._blending import blended
from pydcm_pixels.transforms._resize import made_type
from pydcm_pixels.transforms._volumes import checked, each_volume, is_labels, spatial_shape, target_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm_pixels._volume.model import Volume


def resample_to_spacing(
    vol: Volume,
    spacing: Any,
    *,
    is_label: bool | None = None,
    interp: str = "linear",
    scale_extent: bool = True,
    dtype: Any = None,
    workers: int | None = None,
) -> Volume:
    """Resample so that voxels lie at given distances, along the axes the volume has.

    Parameters
    ----------
    vol : Volume
        What to resample; each time and colour by itself.
    spacing : float or sequence of float
        Distance of voxels in mm, one for all axes or three (x, y, z).
    is_label : bool, optional
        Whether voxels are labels, which get the nearest one; by default if they are whole numbers.
    interp : {"linear", "cubic", "nearest"}, optional
        How others are interpolated; cubic are B-splines as in :func:`resample_cubic`.
    scale_extent : bool, optional
        Whether the new grid has the same field of view, as nearly as whole voxels can, and the same middle; else the
        first voxel stays where it is, and the last new one is as near to the last old one as can be.
    dtype : dtype, optional
        Of interpolated voxels, float32 or float64; by default float32 for float32 and whole numbers of up to 16 bits.
    workers : int, optional
        Threads to use; by default as many as there are processors, for volumes that are worth it.

    Returns
    -------
    Volume
        Of exactly that spacing; places beyond the outer voxels have the value of the nearest.

    Raises
    ------
    ValueError
        If a distance is not above 0, or `interp` is none of these.
    DicomLimitError
        If the result has more than :data:`pydcm.limits.MAX_VOXELS` voxels.
    """
    if interp not in ("linear", "cubic", "nearest"):
        raise ValueError(f"interp is linear, cubic or nearest, not {interp!r}")
    lengths = spatial_shape(checked(vol))
    steps = [new / old for new, old in zip(three_spacings(spacing), vol.spacing, strict=True)][::-1]
    shape, first = new_axes(lengths, steps, scale_extent)
    shape = target_shape(shape, vol, "the shape for this spacing")
    coordinates = [np.arange(m) * step + start for m, step, start in zip(shape, steps, first, strict=True)]
    affine = vol.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ np.array(first[::-1])
    affine[:3, :3] *= steps[::-1]
    nearest = is_labels(vol, is_label) or interp == "nearest"

    def make(source: np.ndarray, result: np.ndarray) -> None:
        if nearest:
            _separable.picked(source, result, coordinates, workers)
        elif interp == "linear":
            blended(source, result, coordinates, workers)
        else:
            within = [at.clip(-0.5, n - 0.5) for at, n in zip(coordinates, source.shape, strict=True)]
            _separable.cubic(source, result, within, True, workers)

    made = vol.dtype.newbyteorder("=") if nearest else made_type(vol, dtype)
    return vol._like(each_volume(vol, shape, made, make), affine)


def three_spacings(spacing: Any) -> tuple[float, float, float]:
    """Return three distances (x, y, z).

    Raises
    ------
    ValueError
        If they are not one or three numbers above 0.
    """
    try:
        values = np.asarray(spacing, np.float64)
    except (TypeError, ValueError):
        values = np.zeros(())
    if values.shape not in ((), (3,)) or not (values > 0).all() or not np.isfinite(values).all():
        raise ValueError(f"spacing is one distance in mm or three (x, y, z), all above 0, not {spacing!r}")
    x, y, z = (float(value) for value in np.broadcast_to(values, 3))
    return x, y, z


def new_axes(
    lengths: Sequence[int], steps: Sequence[float], scale_extent: bool
) -> tuple[tuple[int, ...], list[float]]:
    """Return how many voxels axes get that are `steps` old ones apart, and where the first ones are among the old."""
    shape, first = [], []
    for n, step in zip(lengths, steps, strict=True):
        # halves go up, so that no old voxel is more than half a new one away from all new ones
        count = n / step if scale_extent else (n - 1) / step + 1
        m = max(int(min(np.floor(count + 0.5), 2.0**62)), 1)
        shape.append(m)
        first.append((n - 1 - (m - 1) * step) / 2 if scale_extent else 0.0)
    return tuple(shape), first
