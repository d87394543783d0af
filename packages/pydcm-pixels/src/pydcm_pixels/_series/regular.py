"""Resample what scanners acquire irregularly: tilted stacks and uneven slice distances."""

from __future__ import annotations

from math import acos, ceil, pi, tan
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np

    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._volume.model import Volume

__all__ = ["EvenSlices", "Upright", "even_slices", "places", "regular_volume", "upright"]

#: A regular grid has at most this many times the slices of the uneven one.
_MAX_GROWTH = 2
_DEGREE = 180 / pi
#: The largest number in single precision below one half: with it, adding and cutting off rounds halves away from zero.
_HALF = 0.49999997


def regular_volume(volume: Volume, stack: Stack, *, correct_tilt: bool, resample: bool) -> Volume:
    """Return a volume with perpendicular axes (`correct_tilt`) and even distances (`resample`)."""
    pixels, affine = volume.pixels, volume.affine
    axis = volume.axes.index("z")
    if correct_tilt and stack.tilt:
        pixels, affine = upright(pixels, affine, axis, offsets=stack.offsets)
    if resample and stack.offsets is not None:
        pixels, affine = even_slices(pixels, affine, stack.offsets, axis)
    return volume._like(pixels, affine)


class EvenSlices:
    """Slices at even distances, interpolated linearly from uneven ones as dcm2niix does.

    Parameters
    ----------
    offsets : numpy.ndarray
        Where the slices are along their normal, mm from the first.
    slack : float, optional
        Part of the smallest distance that counts as noise; dcm2niix has none.

    Attributes
    ----------
    count : int
        Number of new slices, at most twice as many as before.
    """

    def __init__(self, offsets: np.ndarray, slack: float = 1e-4) -> None:
        import numpy as np

        self._where = np.asarray(offsets, dtype=np.float32)
        smallest, length = float(np.diff(self._where).min()), float(self._where[-1])
        self.count = min(ceil(length / smallest - slack) + 1, _MAX_GROWTH * len(self._where))
        self._step = np.float32(length / (self.count - 1))

    def affine(self, affine: np.ndarray) -> np.ndarray:
        """Return the affine of the new slices for one whose third column has the mean distance of the old ones."""
        result: np.ndarray = affine.copy()
        result[:3, 2] *= (len(self._where) - 1) / (self.count - 1)
        return result

    def images(self, images: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield the new slices; two of the old `images` are held at a time."""
        import numpy as np

        where, old = self._where, iter(images)
        low = high = next(old)
        reached = 0
        for at in range(self.count):
            place = np.float32(at) * self._step
            wanted = min(int(np.searchsorted(where, place, side="left")), len(where) - 1)
            while reached < wanted:
                low, high, reached = high, next(old), reached + 1
            if reached == 0 or place > where[reached]:
                yield high
            else:
                before = where[reached - 1]
                yield _mix(low, high, (place - before) / (where[reached] - before)).astype(low.dtype)


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

    plan = EvenSlices(offsets)
    source = np.moveaxis(pixels, axis, 0)
    out = np.empty((plan.count, *source.shape[1:]), dtype=pixels.dtype)
    for target, image in zip(out, plan.images(source), strict=True):
        target[...] = image
    return np.moveaxis(out, 0, axis), plan.affine(affine)


def _mix(low: np.ndarray, high: np.ndarray, part: np.float32) -> np.ndarray:
    """Return the mean of two images with `part` of the second, in the precision that keeps their values."""
    import numpy as np

    if part == 0:
        return low
    if part == 1:
        return high
    kind: Any = np.float32 if low.dtype.itemsize <= 2 or low.dtype == np.float32 else np.float64
    mixed = low.astype(kind)
    mixed *= 1 - part
    second = high.astype(kind)
    second *= part
    mixed += second
    if low.dtype.kind != "f":  # whole numbers, halves away from zero as C does
        mixed += np.copysign(kind(_HALF), mixed, out=second)
        np.trunc(mixed, out=mixed)
    return mixed


class _Shift(NamedTuple):
    """How slices are shifted along rows (`axis` 1) or columns (0)."""

    axis: int
    flipped: bool
    shifts: np.ndarray
    size: int
    grown: int


class Upright:
    """Slices of a sheared volume, shifted so that its axes are perpendicular, as dcm2niix does.

    Parameters
    ----------
    affine : numpy.ndarray
        (4, 4), sheared.
    shape : tuple of int
        Slices, rows and columns.
    offsets : numpy.ndarray, optional
        Where the slices are along their normal, mm from the first; by default at even distances.

    Attributes
    ----------
    affine : numpy.ndarray
        Of the new volume, whose first row and column may lie further out.
    shape : tuple of int
        Slices, rows and columns of the new volume: it has room for all slices.
    """

    def __init__(
        self, affine: np.ndarray, shape: tuple[int, int, int], offsets: np.ndarray | None = None
    ) -> None:
        import numpy as np

        spacing = np.linalg.norm(affine[:3, :2], axis=0)
        row, column = affine[:3, 0] / spacing[0], affine[:3, 1] / spacing[1]
        step = affine[:3, 2]
        normal = np.cross(row, column)
        distance = float(step @ normal)
        tangent, apart = _single(affine, shape[0])
        along = (np.arange(shape[0]) if offsets is None else np.asarray(offsets)).astype(np.float32)
        if offsets is None:
            along *= apart
        origin, sizes = affine[:3, 3].copy(), list(shape)
        sideways = abs(float(step @ row)) / distance / spacing[0] * abs(along[-1]) >= 1e-3
        self._shifts = []
        for axis, direction in ((0, column), (1, row)):
            slope = float(step @ direction) / distance / spacing[1 - axis]  # pixels to shift by per mm
            if abs(slope) * abs(along[-1]) < 1e-3:
                continue
            # as dcm2niix, which stores rows from the last to the first, the rows are counted from the end
            turned = axis == 0
            steepness = np.float32(abs(slope) if sideways else tangent / float(np.float32(spacing[1])))
            shifts = steepness * (along if (slope >= 0) != turned else along[-1] - along)
            grown = ceil(float(shifts.max()) - 1e-4)
            self._shifts.append(_Shift(axis, turned, shifts, sizes[1 + axis], grown))
            sizes[1 + axis] += grown
            first = grown - float(shifts[0]) if turned else float(shifts[0])
            origin -= first * spacing[1 - axis] * direction
        self.affine: np.ndarray = affine.copy()
        self.affine[:3, 2] = distance * normal
        self.affine[:3, 3] = origin
        self.shape = (sizes[0], sizes[1], sizes[2])

    def image(self, at: int, image: np.ndarray, background: Any, is_padding: bool) -> np.ndarray:
        """Return slice `at` of the new volume.

        Parameters
        ----------
        at : int
            Which one.
        image : numpy.ndarray
            ``[y, x, …]``: the slice as it was.
        background : scalar
            What no slice covers.
        is_padding : bool
            Whether that is the value of pixels that stand for nothing, which is not mixed with others.
        """
        for shift in self._shifts:
            turned = image[::-1] if shift.flipped else image
            moved = _shifted(turned, shift, shift.shifts[at], background, is_padding)
            image = moved[::-1] if shift.flipped else moved
        return image


def places(affine: np.ndarray, positions: np.ndarray, *, tilted: bool) -> np.ndarray:
    """Return where slices are along their normal, mm from the first, in the single precision of dcm2niix.

    Parameters
    ----------
    affine : numpy.ndarray
        (4, 4) of the stack.
    positions : numpy.ndarray
        (slices, 3): of the first pixel of each slice, ascending.
    tilted : bool
        Whether the slices do not follow each other along their normal.
    """
    import numpy as np

    single = np.asarray(positions, np.float32)
    lengths = np.array([np.sqrt(_dot(step, step)) for step in single - single[0]], np.float32)
    return lengths * _cosine(affine, single[-1] - single[0]) if tilted else lengths


def _single(affine: np.ndarray, count: int) -> tuple[float, np.float32]:
    """Return the tangent of a tilt, and the distance between slices, in the single precision of dcm2niix.

    The angle comes from its cosine: small ones have few digits, and pixels are off by one with any other way.
    """
    import numpy as np

    first, next_one, last = (
        (affine[:3, 3] + affine[:3, 2] * at).astype(np.float32) for at in (0, 1, count - 1)
    )
    cosine = _cosine(affine, last - first)
    degrees = np.float32(float(np.float32(acos(cosine))) * _DEGREE)
    step = next_one - first
    return abs(tan(float(degrees) / _DEGREE)), np.sqrt(_dot(step, step)) * cosine


def _cosine(affine: np.ndarray, step: np.ndarray) -> np.float32:
    """Return the cosine between a step and the normal of the slices."""
    import numpy as np

    row, column = ((affine[:3, at] / np.linalg.norm(affine[:3, at])).astype(np.float32) for at in (0, 1))
    normal = row[[1, 2, 0]] * column[[2, 0, 1]] - row[[2, 0, 1]] * column[[1, 2, 0]]
    cosine = _dot(normal, step) / (np.sqrt(_dot(step, step)) * np.sqrt(_dot(normal, normal)))
    return np.float32(min(max(cosine, -1.0), 1.0))


def _dot(a: np.ndarray, b: np.ndarray) -> np.float32:
    """Return the scalar product, added up in order."""
    products = a * b
    total: np.float32 = products[0] + products[1] + products[2]
    return total


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

    axes = (axis, axis + 1, axis + 2)
    slices = np.moveaxis(pixels, axes, (0, 1, 2))  # [z, y, x, …]
    plan = Upright(affine, slices.shape[:3], offsets)
    background = pixels.min() if padding is None else pixels.dtype.type(padding)
    out = np.empty((*plan.shape, *slices.shape[3:]), dtype=pixels.dtype)
    for at, image in enumerate(slices):
        out[at] = plan.image(at, image, background, padding is not None)
    return np.moveaxis(out, (0, 1, 2), axes), plan.affine


def _shifted(
    image: np.ndarray, shift: _Shift, by: np.float32, background: Any, is_padding: bool
) -> np.ndarray:
    """Return an image shifted along an axis by a number of pixels."""
    import numpy as np

    source = np.moveaxis(image, shift.axis, 0)
    shape = list(image.shape)
    shape[shift.axis] += shift.grown
    out = np.full(shape, background, dtype=image.dtype)
    target = np.moveaxis(out, shift.axis, 0)
    places = np.arange(shape[shift.axis], dtype=np.float32) - by
    inside = np.flatnonzero((places >= 0) & (places < shift.size))
    low = np.floor(places[inside]).astype(np.intp)
    high = np.minimum(low + 1, shift.size - 1)
    part = np.float32(ceil(by)) - by
    mixed = _mix(source[low], source[high], part)
    if is_padding:
        outside = (source[low] == background) | (source[high] == background)
        mixed = np.where(outside, source[high] if part >= 0.5 else source[low], mixed)
    target[inside] = mixed
    return out
