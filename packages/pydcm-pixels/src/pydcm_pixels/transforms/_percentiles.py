"""Percentiles without sorting: voxels are counted in ranges of values, and only those of a few ranges are looked at."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pydcm_pixels._core import _ranks
from pydcm_pixels.transforms._volumes import contiguous

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_KINDS = {"b": 0, "u": 0, "i": 1, "f": 2}
_RANGE_BITS = 16  # of that many bits voxels are counted at a time
_FEW = 1 << 12  # so few are sorted
_MANY = 8  # a range with more than such a part of the voxels may hold one value only
_MOST_SLOTS = 255


def percentiles(array: np.ndarray, wanted: Sequence[float]) -> list[float]:
    """Return percentiles, interpolated linearly as :func:`numpy.percentile` does by default.

    Parameters
    ----------
    array : numpy.ndarray
        Voxels of any shape: whole or floating-point numbers of up to 64 bits; at least one.
    wanted : sequence of float
        From 0 to 100.

    Returns
    -------
    list of float
        All NaN if one voxel is.

    Raises
    ------
    ValueError
        If one is not from 0 to 100.
    TypeError
        If the voxels are no such numbers.
    """
    for percent in wanted:
        if not 0 <= percent <= 100:
            raise ValueError(f"a percentile is a number from 0 to 100, not {percent}")
    if array.dtype.kind not in _KINDS or array.dtype.itemsize > 8:
        raise TypeError(f"there are no percentiles of voxels of type {array.dtype}")
    flat = contiguous(array.T if array.flags.f_contiguous else array).reshape(-1)
    bits, kind = flat.view(f"u{flat.dtype.itemsize}"), _KINDS[flat.dtype.kind]
    low, high = _ranks.ends(bits, kind)
    if kind == 2:
        bottom, top = _ranks.ends(np.array([-np.inf, np.inf], flat.dtype).view(bits.dtype), kind)
        if low < bottom or high > top:
            return [math.nan] * len(wanted)
    places = [(flat.size - 1) * (percent / 100.0) for percent in wanted]
    needed = {one for place in places for one in (math.floor(place), math.ceil(place))}
    keys = _keys(bits, kind, low, high, sorted(needed))
    values = {place: _value(key, flat.dtype) for place, key in keys.items()}
    return [_between(place, values) for place in places]


def _between(place: float, values: dict[int, np.floating]) -> float:
    """Return the value at a fractional place of the sorted voxels, with NumPy's rounding."""
    first = math.floor(place)
    low = values[first]
    high = values.get(first + 1, low)
    if low == high or place == first:  # infinities, too
        return float(low)
    part = place - first
    with np.errstate(invalid="ignore", over="ignore"):
        step = float(high - low)  # in the precision of the voxels
    return float(high) - step * (1 - part) if part >= 0.5 else float(low) + step * part


def _keys(bits: np.ndarray, kind: int, low: int, high: int, places: Iterable[int]) -> dict[int, int]:
    """Return what would be at some places, ascending, if voxels were sorted.

    Parameters
    ----------
    bits : numpy.ndarray
        Voxels as unsigned integers.
    kind : int
        What numbers they are, see :mod:`pydcm_pixels._core._ranks`; all else is said of keys, whose kind is 0.
    low, high : int
        The lowest and the highest key.
    places : iterable of int
        Ascending.

    Returns
    -------
    dict
        Keys by place.
    """
    found = {place: low if place == 0 else high for place in places if place in (0, bits.size - 1)}
    inner = [place for place in places if place not in found]
    if low == high or not inner:
        return found | dict.fromkeys(inner, low)
    if kind == 0 and bits.size <= _FEW:
        ordered = np.sort(bits)
        return found | {place: int(ordered[place]) for place in inner}
    shift = max(0, (high - low).bit_length() - _RANGE_BITS)
    counts = np.zeros(((high - low) >> shift) + 1, np.int64)
    _ranks.count(bits, kind, low, shift, counts)
    ends = np.cumsum(counts)
    ranges = np.searchsorted(ends, inner, "right").tolist()
    if not shift:
        return found | {place: low + number for place, number in zip(inner, ranges, strict=True)}
    wanted = sorted(set(ranges))
    for number in [one for one in wanted if counts[one] > bits.size // _MANY]:
        start = low + (number << shift)
        first, last = _ranks.ends_within(bits, kind, start, min(start + (1 << shift) - 1, high))
        if first == last:  # what there is most of is mostly the background
            found |= {place: first for place, one in zip(inner, ranges, strict=True) if one == number}
            wanted.remove(number)
    for some in range(0, len(wanted), _MOST_SLOTS):
        group = wanted[some : some + _MOST_SLOTS]
        bounds = np.concatenate([[0], np.cumsum(counts[group])])
        slots = np.zeros(counts.size, np.uint8)
        slots[group] = np.arange(1, len(group) + 1)
        keys = np.empty(int(bounds[-1]), bits.dtype)
        _ranks.gather(bits, kind, low, shift, slots, keys, bounds)
        for number, start, stop in zip(group, bounds.tolist(), bounds[1:].tolist(), strict=False):
            before = int(ends[number] - counts[number])
            within = [place - before for place, one in zip(inner, ranges, strict=True) if one == number]
            part = keys[start:stop]
            for place, key in _keys(part, 0, *_ranks.ends(part, 0), within).items():
                found[place + before] = key
    return found


def _value(key: int, dtype: np.dtype) -> np.floating:
    """Return the voxel that has a key; whole numbers in double precision."""
    sign = 1 << (8 * dtype.itemsize - 1)
    flip = (0, sign, sign if key & sign else 2 * sign - 1)[_KINDS[dtype.kind]]
    value = np.array([key ^ flip], f"u{dtype.itemsize}").view(dtype)[0]
    number: np.floating = value if dtype.kind == "f" else np.float64(value)
    return number
