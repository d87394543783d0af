"""Boxes cut out of volumes: voxels are copied, positions are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels.transforms._copying import copied
from pydcm_pixels.transforms._volumes import checked, spatial_shape, triple

if TYPE_CHECKING:
    from pydcm_pixels._volume.model import Volume


def crop(vol: Volume, start: Any, size: Any, *, workers: int | None = None) -> Volume:
    """Return a box of voxels.

    Parameters
    ----------
    vol : Volume
        What to take it from, with or without axes of time and colours; these stay whole.
    start, size : sequence of int
        First voxel and lengths, (z, y, x).
    workers : int, optional
        Threads to use; by default as many as there are processors, for volumes that are worth it.

    Returns
    -------
    Volume
        A copy of the voxels; the origin moves to the first one.

    Raises
    ------
    ValueError
        If the box is empty or reaches out of the volume.
    """
    part = checked(vol).crop(triple(start, "start"), triple(size, "size"))
    return part._like(copied(part, workers))


def center_crop(vol: Volume, size: Any, *, workers: int | None = None) -> Volume:
    """Return the middle of a volume (MONAI's ``CenterSpatialCrop``).

    Parameters
    ----------
    vol : Volume
        What to take it from.
    size : sequence of int
        Lengths (z, y, x) of the result; an axis that is shorter stays as it is. An axis starts at ``n // 2 - size // 2``.
    workers : int, optional
        Threads to use.

    Returns
    -------
    Volume
        A copy of the voxels at the same positions.

    Raises
    ------
    ValueError
        If a length is not above 0.
    """
    lengths = spatial_shape(checked(vol))
    wanted = triple(size, "size", least=1)
    taken = [min(n, m) for n, m in zip(lengths, wanted, strict=True)]
    start = [max(n // 2 - m // 2, 0) for n, m in zip(lengths, wanted, strict=True)]
    return crop(vol, start, taken, workers=workers)


def crop_foreground(
    vol: Volume, margin: Any = 0, *, positive: bool = False, workers: int | None = None
) -> Volume:
    """Return the smallest box with all voxels that are not zero (MONAI's ``CropForeground``).

    Parameters
    ----------
    vol : Volume
        What to cut; what is foreground at any time and in any colour is kept.
    margin : int or sequence of int, optional
        Voxels (z, y, x) to keep around the box, as far as the volume reaches.
    positive : bool, optional
        Whether only voxels above zero are foreground, as MONAI has it unless it is told otherwise.
    workers : int, optional
        Threads to use.

    Returns
    -------
    Volume
        A copy of the voxels at the same positions; `vol` itself if nothing in it is foreground.

    Raises
    ------
    ValueError
        If a margin is negative.
    """
    checked(vol)
    around = triple([margin] * 3 if np.ndim(margin) == 0 else margin, "margin", least=0)
    pixels = vol.pixels
    inside = pixels > 0 if positive else pixels != 0
    axes = {name: np.asarray(inside.any(axis=_others(vol.axes, name))) for name in "zyx"}
    if not axes["z"].any():
        return vol
    start, size = [], []
    for name, extra in zip("zyx", around, strict=True):
        places = np.flatnonzero(axes[name])
        low = max(int(places[0]) - extra, 0)
        high = min(int(places[-1]) + 1 + extra, len(axes[name]))
        start.append(low)
        size.append(high - low)
    return crop(vol, start, size, workers=workers)


def _others(axes: str, name: str) -> tuple[int, ...]:
    return tuple(place for place, other in enumerate(axes) if other != name)
