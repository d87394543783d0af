"""Resample what scanners acquire irregularly: tilted stacks and uneven slice distances."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._volume.model import Volume

__all__ = ["even_slices", "regular_volume", "upright"]

#: A regular grid has at most this many times the slices of the uneven one.
_MAX_GROWTH = 20


def regular_volume(volume: Volume, stack: Stack, *, correct_tilt: bool, resample: bool) -> Volume:
    """Return a volume with perpendicular axes (`correct_tilt`) and even distances (`resample`)."""
    pixels, affine = volume.pixels, volume.affine
    axis = volume.axes.index("z")
    if resample and stack.offsets is not None:
        pixels, affine = even_slices(pixels, affine, stack.offsets, axis)
    if correct_tilt and stack.tilt:
        pixels, affine = upright(pixels, affine, axis)
    return volume._like(pixels, affine)


def even_slices(
    pixels: np.ndarray, affine: np.ndarray, offsets: np.ndarray, axis: int
) -> tuple[np.ndarray, np.ndarray]:
    """Interpolate slices linearly to the smallest distance between two of them.

    Parameters
    ----------
    pixels : numpy.ndarray
        The volume or volumes.
    affine : numpy.ndarray
        (4, 4), whose third column has the mean distance.
    offsets : numpy.ndarray
        Where the slices are along their normal, mm from the first.
    axis : int
        The axis of the slices.

    Returns
    -------
    pixels, affine : numpy.ndarray
        The first slice stays where it is; the last one is at most one distance before the old last one.
    """
    import numpy as np

    length = float(offsets[-1])
    step = max(float(np.diff(offsets).min()), length / (_MAX_GROWTH * len(offsets)))
    count = floor(length / step + 1e-3) + 1
    wanted = np.minimum(np.arange(count) * step, length)
    after = np.clip(np.searchsorted(offsets, wanted, side="left"), 1, len(offsets) - 1)
    weight = (wanted - offsets[after - 1]) / (offsets[after] - offsets[after - 1])
    source = np.moveaxis(pixels, axis, 0)
    out = np.empty((count, *source.shape[1:]), dtype=pixels.dtype)
    for at in range(count):
        low, high, part = source[after[at] - 1], source[after[at]], float(weight[at])
        out[at] = _mix(low, high, part)
    result = affine.copy()
    result[:3, 2] *= step * (len(offsets) - 1) / length
    return np.moveaxis(out, 0, axis), result


def _mix(low: np.ndarray, high: np.ndarray, part: float) -> np.ndarray:
    import numpy as np

    if part <= 1e-6:
        return low
    if part >= 1 - 1e-6:
        return high
    mixed = low * (1 - part) + high * part
    return mixed if low.dtype.kind == "f" else np.rint(mixed)


def upright(pixels: np.ndarray, affine: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Shift the slices of a sheared volume so that its axes are perpendicular, interpolating linearly.

    The slices grow so that nothing is cut off; what no slice covers gets the lowest value.

    Parameters
    ----------
    pixels : numpy.ndarray
        The volume or volumes; rows and columns are the two axes after `axis`.
    affine : numpy.ndarray
        (4, 4), sheared.
    axis : int
        The axis of the slices.

    Returns
    -------
    pixels, affine : numpy.ndarray
        The new volume; the first slice's first row and column may be moved outwards.
    """
    import numpy as np

    spacing = np.linalg.norm(affine[:3, :2], axis=0)
    row, column = affine[:3, 0] / spacing[0], affine[:3, 1] / spacing[1]
    step = affine[:3, 2]
    shift = np.array([step @ row / spacing[0], step @ column / spacing[1]])  # pixels (x, y) per slice
    count = pixels.shape[axis]
    ends = np.array([[0.0, 0.0], shift * (count - 1)])
    low = np.floor(ends.min(axis=0) + 1e-6).astype(int)
    grow = np.ceil(ends.max(axis=0) - 1e-6).astype(int) - low
    source = np.moveaxis(pixels, axis, 0)
    slices = np.moveaxis(source, (axis + 1, axis + 2), (1, 2))  # [z, y, x, …]
    rows, columns = slices.shape[1:3]
    background = pixels.min()
    out = np.full(
        (count, rows + grow[1], columns + grow[0], *slices.shape[3:]), background, dtype=pixels.dtype
    )
    for at in range(count):
        dx, dy = shift * at - low
        _place(out[at], slices[at], float(dy), float(dx))
    result = affine.copy()
    result[:3, 2] = step - (step @ row) * row - (step @ column) * column
    result[:3, 3] += low[0] * affine[:3, 0] + low[1] * affine[:3, 1]
    moved = np.moveaxis(np.moveaxis(out, (1, 2), (axis + 1, axis + 2)), 0, axis)
    return moved, result


def _place(target: np.ndarray, image: np.ndarray, dy: float, dx: float) -> None:
    """Put an image into a larger one at a fractional offset."""
    import numpy as np

    y, x = floor(dy + 1e-9), floor(dx + 1e-9)
    fy, fx = dy - y, dx - x
    fy, fx = (0.0 if part < 1e-6 else part for part in (fy, fx))
    rows, columns = image.shape[:2]
    if not fy and not fx:
        target[y : y + rows, x : x + columns] = image
        return
    padded = np.pad(
        image.astype(np.float64 if image.dtype.itemsize > 4 else np.float32),
        [(1, ceil(fy)), (1, ceil(fx))] + [(0, 0)] * (image.ndim - 2),
        mode="edge",
    )
    # an output pixel lies between the image's pixels before and after it
    here, up = padded[1:], padded[:-1]
    mixed = up * fy + here * (1 - fy)
    mixed = mixed[:, :-1] * fx + mixed[:, 1:] * (1 - fx)
    mixed = mixed if target.dtype.kind == "f" else np.rint(mixed)
    bottom, right = min(y + mixed.shape[0], target.shape[0]), min(x + mixed.shape[1], target.shape[1])
    target[y:bottom, x:right] = mixed[: bottom - y, : right - x]
