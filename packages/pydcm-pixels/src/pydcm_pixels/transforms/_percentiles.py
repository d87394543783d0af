"""Percentiles without sorting: voxels are counted by their highest 16 bits, and only those that are near are looked at."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pydcm_pixels._core import _intensity
from pydcm_pixels.transforms._volumes import contiguous

if TYPE_CHECKING:
    from collections.abc import Sequence

_KINDS = {"b": 0, "u": 0, "i": 1, "f": 2}


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
    flat = contiguous(array).reshape(-1)
    if flat.dtype.kind not in _KINDS or flat.dtype.itemsize > 8:
        raise TypeError(f"there are no percentiles of voxels of type {flat.dtype}")
    ranks = _Ranks(flat)
    if ranks.has_nan():
        return [math.nan] * len(wanted)
    return [_between(ranks, (flat.size - 1) * (percent / 100.0)) for percent in wanted]


def _between(ranks: _Ranks, place: float) -> float:
    """Return the value at a fractional place of the sorted voxels, with NumPy's rounding."""
    first = math.floor(place)
    low, high = ranks.value(first), ranks.value(min(first + 1, ranks.size - 1))
    if low == high or place == first:  # infinities, too
        return float(low)
    part = place - first
    with np.errstate(invalid="ignore", over="ignore"):
        step = float(high - low)  # in the precision of the voxels
    return float(high) - step * (1 - part) if part >= 0.5 else float(low) + step * part


class _Ranks:
    """Voxels counted by the highest 16 bits of a number that orders as they do."""

    def __init__(self, flat: np.ndarray) -> None:
        self.size = flat.size
        self.dtype = flat.dtype
        self.bits = flat.view(f"u{flat.dtype.itemsize}")
        self.kind = _KINDS[flat.dtype.kind]
        self.counts = np.zeros(65536, np.int64)
        _intensity.count(self.bits, self.kind, self.counts)
        self.below = np.cumsum(self.counts)
        self.found: dict[int, np.ndarray] = {}

    def has_nan(self) -> bool:
        """Return whether a voxel is not a number; infinities have a rank with some of them."""
        if self.kind != 2:
            return False
        infinity = np.array([np.inf, -np.inf], self.dtype).view(self.bits.dtype)
        top, bottom = (int(bits) >> (8 * self.dtype.itemsize - 16) for bits in infinity)
        top, bottom = top ^ 0x8000, bottom ^ 0xFFFF
        if self.counts[top + 1 :].any() or self.counts[:bottom].any():
            return True
        return any(self.counts[rank] and np.isnan(self.voxels(rank)).any() for rank in (top, bottom))

    def voxels(self, rank: int) -> np.ndarray:
        """Return all voxels of a rank."""
        if rank not in self.found:
            room = np.empty(int(self.counts[rank]) + 1, self.bits.dtype)
            n = _intensity.select(self.bits, self.kind, rank, room)
            self.found[rank] = room[:n].view(self.dtype)
        return self.found[rank]

    def value(self, place: int) -> np.floating:
        """Return what would be at a place if the voxels were sorted; whole numbers in double precision."""
        rank = int(np.searchsorted(self.below, place, "right"))
        if self.dtype.itemsize <= 2:
            sign = 1 << (8 * self.dtype.itemsize - 1)
            bits = rank ^ (0, sign, sign if rank & sign else 2 * sign - 1)[self.kind]
            value = np.array([bits], self.bits.dtype).view(self.dtype)[0]
        else:
            voxels = self.voxels(rank)
            within = place - int(self.below[rank] - self.counts[rank])
            value = np.partition(voxels, within)[within]
        number: np.floating = value if self.kind == 2 else np.float64(value)
        return number
