"""What nnU-Net does in its own way: when slices are resampled each by itself, and to which shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels.transforms._resize import resample_cubic, resample_linear, resample_nearest
from pydcm_pixels.transforms._separate import resample_labels, resample_separate_z
from pydcm_pixels.transforms._spacing import three_spacings
from pydcm_pixels.transforms._volumes import checked, is_labels, spatial_shape, target_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm_pixels._volume.model import Volume

_ORDERS = {"nearest": 0, "linear": 1, "cubic": 3}
#: How far the spacings of an oblique volume may be off, as a fraction: they are lengths of what files round.
_SLACK = 1e-6


def resample_to_spacing(
    vol: Volume,
    spacing: Any,
    *,
    is_label: bool | None = None,
    interp: str = "cubic",
    separate_z: bool | None = None,
    order_z: int = 0,
    threshold: float = 3.0,
    workers: int | None = None,
) -> Volume:
    """Resample to the shape that a spacing comes to (nnU-Net's ``resample_data_or_seg_to_spacing``).

    Images are resampled with cubic B-splines, labels by linear shares of each class; where slices are thick, before or
    after, each slice by itself and the nearest slice across them.

    Parameters
    ----------
    vol : Volume
        What to resample; each time and colour by itself.
    spacing : float or sequence of float
        Distance of voxels in mm, one for all axes or three (x, y, z).
    is_label : bool, optional
        Whether voxels are labels; by default if they are whole numbers.
    interp : {"cubic", "linear", "nearest"}, optional
        How others are interpolated.
    separate_z : bool, optional
        Whether slices are resampled each by itself; by default if the largest spacing, before or after, is more than
        `threshold` times the least. They never are if two axes have the largest spacing. Of oblique volumes, whose
        spacings are known to six digits or so, what differs less than that is the same.
    order_z : {0, 1}, optional
        Across slices then: the nearest slice, or linear interpolation.
    threshold : float, optional
        See `separate_z`.
    workers : int, optional
        Threads to use; by default as many as there are processors, for volumes that are worth it.

    Returns
    -------
    Volume
        Of nearly that spacing: the field of view stays, in whole voxels. Images are float32, or float64 for float64 and
        whole numbers of more than 16 bits; labels keep their type.

    Raises
    ------
    ValueError
        If a distance is not above 0, or an option is none of these.
    DicomLimitError
        If the result has more than :data:`pydcm.limits.MAX_VOXELS` voxels.
    """
    new = three_spacings(spacing)[::-1]
    old = checked(vol).spacing[::-1]
    slack = _slack(vol)
    sizes = [_rounded(a / b * n, slack) for a, b, n in zip(old, new, spatial_shape(vol), strict=True)]
    shape = target_shape([max(n, 1) for n in sizes], vol, "the shape for this spacing")
    return _resampled(vol, shape, new, is_label, interp, separate_z, order_z, threshold, workers)


def resize(
    vol: Volume,
    out_shape: Any,
    *,
    is_label: bool | None = None,
    interp: str = "cubic",
    separate_z: bool | None = None,
    order_z: int = 0,
    threshold: float = 3.0,
    workers: int | None = None,
) -> Volume:
    """Resample to a shape over the same field of view (nnU-Net's ``resample_data_or_seg_to_shape``).

    Parameters
    ----------
    vol : Volume
        What to resample; each time and colour by itself.
    out_shape : sequence of int
        Lengths (z, y, x) of the result.
    is_label, interp, separate_z, order_z, threshold, workers
        As for :func:`resample_to_spacing`.

    Returns
    -------
    Volume
        Of `out_shape`.

    Raises
    ------
    ValueError, DicomLimitError
        As :func:`resample_to_spacing`.
    """
    shape = target_shape(out_shape, checked(vol))
    new = [s * n / m for s, n, m in zip(vol.spacing[::-1], spatial_shape(vol), shape, strict=True)]
    return _resampled(vol, shape, new, is_label, interp, separate_z, order_z, threshold, workers)


def _resampled(
    vol: Volume,
    shape: tuple[int, int, int],
    new: Sequence[float],
    is_label: bool | None,
    interp: str,
    separate_z: bool | None,
    order_z: int,
    threshold: float,
    workers: int | None,
) -> Volume:
    if interp not in _ORDERS:
        raise ValueError(f"interp is cubic, linear or nearest, not {interp!r}")
    order = _ORDERS[interp]
    axis = _thick_axis(vol.spacing[::-1], new, separate_z, threshold, _slack(vol))
    if is_labels(vol, is_label):
        return resample_labels(
            vol,
            shape,
            order=min(order, 1),
            separate_z=axis is not None,
            order_z=order_z,
            axis=axis or 0,
            workers=workers,
        )
    if axis is not None:
        return resample_separate_z(vol, shape, order=order, order_z=order_z, axis=axis, workers=workers)
    whole = {0: resample_nearest, 1: resample_linear, 3: resample_cubic}[order]
    return whole(vol, shape, workers=workers)


def _thick_axis(
    old: Sequence[float], new: Sequence[float], separate_z: bool | None, threshold: float, slack: float
) -> int | None:
    """Return across which axis (z, y, x) slices lie that are resampled each by itself."""
    if separate_z is False:
        return None
    if separate_z:
        spacing = old
    else:
        thick = [one for one in (old, new) if max(one) / min(one) > threshold * (1 + slack)]
        if not thick:
            return None
        spacing = thick[0]
    axes = [axis for axis in range(3) if max(spacing) / spacing[axis] <= 1 + slack]
    return axes[0] if len(axes) == 1 else None


def _slack(vol: Volume) -> float:
    """Return how far spacings may be off: not at all if axes are parallel to the patient's."""
    parallel = (np.count_nonzero(vol.affine[:3, :3], axis=0) == 1).all()
    return 0.0 if parallel else _SLACK


def _rounded(length: float, slack: float) -> int:
    """Return the nearest whole number; the even one for what is a half, as nearly as is known."""
    halves = round(min(2 * length, 2.0**62))
    return round(halves / 2 if abs(2 * length - halves) <= slack * length else min(length, 2.0**62))
