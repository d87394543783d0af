"""Resample what scanners acquire irregularly: tilted stacks and uneven slice distances."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._volume.model import Volume

__all__ = ["even_slices", "regular_volume", "upright"]

#: A regular grid has at most this many times the slices of the uneven one.
_MAX_GROWTH = 2


def regular_volume(volume: Volume, stack: Stack, *, correct_tilt: bool, resample: bool) -> Volume:
    """Return a volume with perpendicular axes (`correct_tilt`) and even distances (`resample`)."""
    pixels, affine = volume.pixels, volume.affine
    axis = volume.axes.index("z")
    if correct_tilt and stack.tilt:
        pixels, affine = upright(pixels, affine, axis, offsets=stack.offsets)
    if resample and stack.offsets is not None:
        pixels, affine = even_slices(pixels, affine, stack.offsets, axis)
    return volume._like(pixels, affine)


def even_slices(
    pixels: np.ndarray, affine: np.ndarray, offsets: np.ndarray, axis: int
) -> tuple[np.ndarray, np.ndarray]:
    """Interpolate slices linearly to about the smallest distance between two of them, as dcm2niix does.

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
        The first and the last slice stay where they are; there are at most twice as many slices as before.
    """
    import numpy as np

    where = np.asarray(offsets, dtype=np.float32)
    smallest, length = float(np.diff(where).min()), float(where[-1])
    count = min(ceil(length / smallest - 1e-4) + 1, _MAX_GROWTH * len(where))
    step = np.float32(length / (count - 1))
    source = np.moveaxis(pixels, axis, 0)
    out = np.empty((count, *source.shape[1:]), dtype=pixels.dtype)
    for at in range(count):
        place = np.float32(at) * step
        high = min(int(np.searchsorted(where, place, side="left")), len(where) - 1)
        low = max(high - 1, 0)
        if high == low or place > where[high]:
            out[at] = source[high]
        else:
            out[at] = _mix(source[low], source[high], (place - where[low]) / (where[high] - where[low]))
    result = affine.copy()
    result[:3, 2] *= (len(where) - 1) / (count - 1)
    return np.moveaxis(out, 0, axis), result


def _mix(low: np.ndarray, high: np.ndarray, part: np.float32) -> np.ndarray:
    """Return the mean of two images with `part` of the second, in the precision that keeps their values."""
    import numpy as np

    if part == 0:
        return low
    if part == 1:
        return high
    kind: Any = np.float32 if low.dtype.itemsize <= 2 or low.dtype == np.float32 else np.float64
    mixed: np.ndarray = low.astype(kind) * (1 - part) + high.astype(kind) * part
    return mixed if low.dtype.kind == "f" else _rounded(mixed)


def _rounded(values: np.ndarray) -> np.ndarray:
    """Return whole numbers, halves away from zero as C does."""
    import numpy as np

    return np.trunc(values + np.copysign(values.dtype.type(0.5), values))


def upright(
    pixels: np.ndarray,
    affine: np.ndarray,
    axis: int,
    *,
    offsets: np.ndarray | None = None,
    padding: float | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Shift the slices of a sheared volume so that its axes are perpendicular, as dcm2niix does.

    Rows are interpolated linearly. The slices grow so that nothing is cut off.

    Parameters
    ----------
    pixels : numpy.ndarray
        The volume or volumes; rows and columns are the two axes after `axis`.
    affine : numpy.ndarray
        (4, 4), sheared.
    axis : int
        The axis of the slices.
    offsets : numpy.ndarray, optional
        Where the slices are along their normal, mm from the first; by default at even distances.
    padding : float, optional
        What no slice covers; it is never mixed with other values. By default the lowest value.

    Returns
    -------
    pixels, affine : numpy.ndarray
        The new volume; the first slice's first row and column may be moved outwards.
    """
    import numpy as np

    spacing = np.linalg.norm(affine[:3, :2], axis=0)
    row, column = affine[:3, 0] / spacing[0], affine[:3, 1] / spacing[1]
    step = affine[:3, 2]
    normal = np.cross(row, column)
    distance = float(step @ normal)
    count = pixels.shape[axis]
    along = np.arange(count) * np.float32(distance) if offsets is None else np.asarray(offsets)
    background = pixels.min() if padding is None else pixels.dtype.type(padding)
    slices = np.moveaxis(pixels, (axis, axis + 1, axis + 2), (0, 1, 2))  # [z, y, x, …]
    origin = affine[:3, 3].copy()
    for at, direction in ((1, column), (2, row)):
        slope = float(step @ direction) / distance / spacing[2 - at]  # pixels to shift by per mm
        if abs(slope) * abs(along[-1]) < 1e-3:
            continue
        # as dcm2niix, which stores rows from the last to the first, the rows are counted from the end
        turned = np.flip(slices, 1) if at == 1 else slices
        moved, before = _sheared(
            turned, at, -slope if at == 1 else slope, along, background, padding is not None
        )
        slices = np.flip(moved, 1) if at == 1 else moved
        first = moved.shape[at] - turned.shape[at] - before if at == 1 else before
        origin -= first * spacing[2 - at] * direction
    result = affine.copy()
    result[:3, 2] = distance * normal
    result[:3, 3] = origin
    return np.moveaxis(slices, (0, 1, 2), (axis, axis + 1, axis + 2)), result


def _sheared(
    slices: np.ndarray, axis: int, slope: float, along: np.ndarray, background: Any, is_padding: bool
) -> tuple[np.ndarray, float]:
    """Shift slices along an axis by `slope` pixels per mm; return them and by how much the first one moved."""
    import numpy as np

    size = slices.shape[axis]
    along = along.astype(np.float32)
    steepness = np.float32(abs(slope))
    shifts = steepness * (along if slope >= 0 else along[-1] - along)
    shape = list(slices.shape)
    shape[axis] = size + ceil(float(shifts.max()) - 1e-4)
    out = np.full(shape, background, dtype=slices.dtype)
    for at, shift in enumerate(shifts):
        source, target = np.moveaxis(slices[at], axis - 1, 0), np.moveaxis(out[at], axis - 1, 0)
        places = np.arange(shape[axis], dtype=np.float32) - shift
        inside = np.flatnonzero((places >= 0) & (places < size))
        low = np.floor(places[inside]).astype(np.intp)
        high = np.minimum(low + 1, size - 1)
        part = np.float32(ceil(shift)) - shift
        mixed = _mix(source[low], source[high], part)
        if is_padding:
            outside = (source[low] == background) | (source[high] == background)
            mixed = np.where(outside, source[high] if part >= 0.5 else source[low], mixed)
        target[inside] = mixed
    return out, float(shifts[0])
