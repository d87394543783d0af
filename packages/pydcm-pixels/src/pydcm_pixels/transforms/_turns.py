"""Axes exchanged and reversed: no voxel is changed, no position either."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pydcm_pixels.transforms._copying import copied
from pydcm_pixels.transforms._volumes import checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm_pixels._volume.model import Volume

_OBLIQUE = 1e-6  # cosine that lacks to 1, an angle of 0.08 degrees


def flip(vol: Volume, axis: str | Sequence[bool], *, workers: int | None = None) -> Volume:
    """Reverse the order of voxels along axes (MONAI's ``Flip``).

    Parameters
    ----------
    vol : Volume
        What to reverse.
    axis : sequence of bool or str
        Which axes, (z, y, x); or their names, such as ``"zx"``.
    workers : int, optional
        Threads to use; by default as many as there are processors, for volumes that are worth it.

    Returns
    -------
    Volume
        A copy of the voxels, each at the position it had.

    Raises
    ------
    ValueError
        If there are no such axes.
    """
    turned = checked(vol).flip(axis)
    return turned._like(copied(turned, workers))


def reorient(vol: Volume, axcodes: str, *, nearest: bool = False, workers: int | None = None) -> Volume:
    """Exchange and reverse axes until x, y, z lead to given directions (MONAI's ``Orientation``).

    Parameters
    ----------
    vol : Volume
        What to turn.
    axcodes : str
        Where increasing x, y, z lead: one each of L/R, P/A, S/I, such as ``"RAS"``. Positions are LPS whatever it says.
    nearest : bool, optional
        Whether to take an oblique volume too, whose axes then lead to the nearest directions.
    workers : int, optional
        Threads to use.

    Returns
    -------
    Volume
        A copy of the voxels, each at the position it had.

    Raises
    ------
    ValueError
        If `axcodes` is not such a text, or the axes of the volume are not parallel to the patient's.
    """
    checked(vol)
    cosines = np.abs(vol.direction).max(axis=0)
    if not nearest and (cosines < 1 - _OBLIQUE).any():
        angle = float(np.degrees(np.arccos(cosines.min())))
        raise ValueError(
            f"the volume is oblique by {angle:.2g} degrees, so no order of its axes leads to {axcodes!r}; "
            "nearest=True takes the nearest one, resample_to_reference changes the grid"
        )
    turned = vol.reorient(axcodes)
    return turned._like(copied(turned, workers))


def rotate90(vol: Volume, k: int = 1, axes: Sequence[int] = (1, 2), *, workers: int | None = None) -> Volume:
    """Turn by multiples of 90 degrees in the plane of two axes (``numpy.rot90``, MONAI's ``Rotate90``).

    Parameters
    ----------
    vol : Volume
        What to turn.
    k : int, optional
        How many times, from the first axis towards the second.
    axes : sequence of int, optional
        Two of the axes 0, 1, 2 for z, y, x.
    workers : int, optional
        Threads to use.

    Returns
    -------
    Volume
        A copy of the voxels, each at the position it had.

    Raises
    ------
    ValueError
        If the axes are not two of these, or `k` is not a whole number.
    """
    checked(vol)
    pair = [int(axis) + 3 * (axis < 0) for axis in axes]
    if len(pair) != 2 or not set(pair) <= {0, 1, 2} or pair[0] == pair[1]:
        raise ValueError(f"axes are two of 0, 1, 2 (z, y, x), not {tuple(axes)!r}")
    if k != int(k):
        raise ValueError(f"k is a whole number of quarter turns, not {k!r}")
    first = vol.axes.index("z")
    places = (pair[0] + first, pair[1] + first)
    turns = int(k) % 4
    reverse = {0: (), 1: (pair[1],), 2: tuple(pair), 3: (pair[0],)}[turns]
    turned = vol.flip("".join("zyx"[axis] for axis in reverse))
    if turns % 2:
        affine = turned.affine.copy()
        columns = [2 - axis for axis in pair]
        affine[:, columns] = affine[:, columns[::-1]]
        turned = turned._like(turned.pixels.swapaxes(*places), affine)
    return turned._like(copied(turned, workers))
