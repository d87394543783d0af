"""Planes of volumes as pictures: which voxels they take, and how grey these are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm_pixels._volume.model import Volume

__all__ = ["PLANES", "as_grey", "plane_of", "real", "three_dimensional", "turned", "window_of"]

_SAMPLE = 200_000  # voxels that decide about the window
#: For each plane: the axis it is perpendicular to, and where its columns and rows should lead.
PLANES = (("axial", "S", "L", "P"), ("coronal", "P", "L", "I"), ("sagittal", "L", "P", "I"))


def window_of(volume: Volume, window: Sequence[float] | None = None) -> tuple[float, float]:
    """Return the lowest and highest value shown: of (centre, width), else the 0.5 and 99.5 percentiles."""
    if window is not None:
        try:
            centre, width = map(float, window)
        except (TypeError, ValueError):
            centre = width = math.nan
        if not (width > 0 and math.isfinite(centre + width)):
            raise ValueError(f"a window is a centre and a width above 0, not {window!r}")
        return centre - width / 2, centre + width / 2
    values = volume.pixels.reshape(-1) if volume.pixels.flags.c_contiguous else volume.pixels.ravel()
    step = max(values.size // _SAMPLE, 1)
    row = math.prod(volume.shape[volume.axes.index("y") :])
    while math.gcd(step, row) > 1:  # else it would meet the same few columns of all rows
        step += 1
    values = real(values[::step])
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = map(float, np.percentile(values, (0.5, 99.5)))
    return (low, high) if high > low else (low, low + max(1.0, abs(low) * 1e-6))


def three_dimensional(volume: Volume) -> Volume:
    """Return the first of several times."""
    return volume[0] if volume.axes[0] == "t" else volume


def turned(volume: Volume, name: str) -> tuple[tuple[str, int], tuple[str, int], str]:
    """Return which axis, and in which direction, a plane's columns and rows run along, and the axis through it."""
    from pydcm_pixels._volume.geometry import nearest_axes

    _, _, columns_to, rows_to = next(each for each in PLANES if each[0] == name)
    places = {}
    for index, (world, sign) in enumerate(nearest_axes(volume.affine[:3, :3])):
        places["LPS"[world]] = ("xyz"[index], sign)
        places["RAI"[world]] = ("xyz"[index], -sign)
    column, row = places[columns_to], places[rows_to]
    return column, row, next(axis for axis in "xyz" if axis not in (column[0], row[0]))


def plane_of(
    volume: Volume, name: str | None, at: Sequence[int] | None = None
) -> tuple[np.ndarray, float, float]:
    """Return an orthogonal plane through voxel `at` (x, y, z; the middle by default) as radiologists see it.

    Without a `name` it is the slice as it is stored.

    Returns
    -------
    numpy.ndarray
        ``[row, column]`` or ``[row, column, c]``: patient's left on the right of the picture, top is up or front.
    float, float
        Distance of its rows and of its columns in mm.
    """
    volume = three_dimensional(volume)
    column, row, through = (("x", 1), ("y", 1), "z") if name is None else turned(volume, name)
    point = [n // 2 for n in volume.size] if at is None else at
    picture = volume.pixels[
        tuple(point["xyz".index(axis)] if axis == through else slice(None) for axis in volume.axes)
    ]
    left = [axis for axis in volume.axes if axis != through]
    picture = np.moveaxis(picture, (left.index(row[0]), left.index(column[0])), (0, 1))
    picture = picture[:: row[1], :: column[1]]
    spacing = dict(zip("xyz", volume.spacing, strict=True))
    return picture, spacing[row[0]], spacing[column[0]]


def real(values: np.ndarray) -> np.ndarray:
    """Return numbers that can be subtracted: of a mask 0 and 1, of complex ones their magnitudes."""
    if values.dtype.kind == "c":
        return np.abs(values)
    return values.view(np.uint8) if values.dtype == np.bool_ else values


def as_grey(picture: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return a picture in 8 bits, `low` black and `high` white; colours of 8 bits stay what they are."""
    picture = real(picture)
    if picture.ndim == 3:
        picture = picture[..., :3] if picture.shape[-1] >= 3 else picture[..., 0]
    if picture.ndim == 3 and picture.dtype == np.uint8:
        return picture
    shown = np.clip(np.nan_to_num(picture.astype(np.float32), nan=low), low, high)
    return ((shown - low) * (255.0 / (high - low))).astype(np.uint8)
