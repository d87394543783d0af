"""Voxels on their way into a file: their type and scaling, and parts of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pydcm_pixels._bids.image_type import rows_are_reversed
from pydcm_pixels._series.vendors import is_philips, philips_precise, philips_scale
from pydcm_pixels._vendors.header import Header
from pydcm_pixels._volume.model import Volume

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydcm_pixels._series.stack import Stack

__all__ = ["Scaling", "Source", "scaling_of"]

#: Size of the parts in which voxels are read and written, bytes.
PART = 1 << 24
_MOST = {np.dtype("i2"): 32000, np.dtype("u2"): 64000}


class Scaling(NamedTuple):
    """How stored voxels become what is written, and what readers are to apply to that."""

    rescale: bool
    dtype: np.dtype[Any]
    slope: float = 1.0
    intercept: float = 0.0
    factor: int = 1
    reverse: bool = False  # rows of grey values that are stored in reverse order


class Source:
    """A stack's voxels as they are written; what fits into one part is read once, the rest whenever it is needed.

    Parameters
    ----------
    stack : Stack
        Where they come from.
    scaling : Scaling
        What is done with them.
    workers : int, optional
        Threads that read.
    """

    def __init__(self, stack: Stack, scaling: Scaling, workers: int | None = None) -> None:
        self.stack = stack
        self.scaling = scaling
        self._workers = workers
        self._whole: np.ndarray | None = None
        self._lowest: Any = None

    @property
    def nbytes(self) -> int:
        """Bytes of all voxels."""
        return self.stack.n_voxels * self.stack.first.image.samples * self.scaling.dtype.itemsize

    def parts(self) -> Iterator[np.ndarray]:
        """Yield ``[frame, y, x]`` or ``[frame, y, x, c]``, which the next part overwrites."""
        if self._whole is None and self.nbytes <= PART:
            self._read()
        if self._whole is not None:
            rank = 3 + self.stack.axes.endswith("c")
            yield self._whole.reshape(-1, *self._whole.shape[1 - rank :])
            return
        lowest = None
        options: dict[str, Any] = {"rescale": self.scaling.rescale, "workers": self._workers}
        for part in self.stack.stream(max_bytes=PART, **options):
            converted = self._converted(part)
            low = converted.min()
            lowest = low if lowest is None else min(low, lowest)
            yield converted
        self._lowest = lowest

    def lowest(self) -> Any:
        """Return the lowest value."""
        if self._lowest is None:
            if self._whole is None:
                for _ in self.parts():
                    pass
            if self._whole is not None:
                self._lowest = self._whole.min()
        return self._lowest

    def volume(self) -> Volume:
        """Return all voxels."""
        return Volume(self._read(), self.stack.affine, axes=self.stack.axes, meta={})

    def _read(self) -> np.ndarray:
        if self._whole is None:
            pixels = self.stack.read(rescale=self.scaling.rescale, workers=self._workers)
            self._whole = self._converted(pixels)
        return self._whole

    def _converted(self, pixels: np.ndarray) -> np.ndarray:
        if pixels.dtype != self.scaling.dtype:
            pixels = pixels.view(self.scaling.dtype)  # 16 bits with room for a sign
        if self.scaling.factor > 1:
            pixels *= pixels.dtype.type(self.scaling.factor)
        return np.ascontiguousarray(pixels[..., ::-1, :]) if self.scaling.reverse else pixels


def scaling_of(stack: Stack, integers: str, precise: bool | str, workers: int | None = None) -> Scaling:
    """Return how a stack's voxels are written.

    As they are stored if one slope and intercept holds for all, else as real-world values.

    Parameters
    ----------
    stack : Stack
        What is written.
    integers : {"original", "lossless", "int16"}
        What is done with 16-bit voxels.
    precise : bool or "first"
        Whether Philips' voxels become floating-point values that can be compared; ``"first"`` also takes the first
        image's scaling for all.
    workers : int, optional
        Threads that read.
    """
    scaling = _scaling(stack, integers, precise, workers)
    return scaling._replace(reverse=rows_are_reversed(Header(stack.first)))


def _scaling(stack: Stack, integers: str, precise: bool | str, workers: int | None) -> Scaling:
    frames = [stack.first] if precise == "first" else [one for volume in stack.frames for one in volume]
    scalings = {(frame.slope, frame.intercept) for frame in frames}
    one = scalings.pop() if len(scalings) == 1 else None
    if precise == "first" and Header(stack.first).maker == "Philips":
        one = philips_precise(frames[0].slope, frames[0].intercept, philips_scale(frames[0])) or one
    elif precise and stack.precise:
        one = stack.precise
    elif precise and stack.modality == "MR" and stack.first.groups is not None and is_philips(stack.ds):
        one = one if len({philips_scale(frame) for frame in frames}) == 1 else None
    if one is None:
        return Scaling(True, np.dtype(np.float32))
    dtype = stack.dtype
    slope, intercept = float(one[0]), float(one[1])
    if dtype == np.uint16 and stack.first.image.bits_stored < 16:
        dtype = np.dtype(np.int16)  # fits, and is what most readers expect
    if integers == "original" or dtype not in _MOST:
        return Scaling(False, dtype, slope, intercept)
    low, high = _range(stack, workers)
    if integers == "int16":
        return Scaling(False, np.dtype(np.int16) if high < 1 << 15 else dtype, slope, intercept)
    most = max(high, -low)
    factor = max(_MOST[dtype] // most, 1) if most else 1
    return Scaling(False, dtype, slope / factor, intercept, factor)


def _range(stack: Stack, workers: int | None) -> tuple[int, int]:
    low, high = 0, 0
    for part in stack.stream(max_bytes=PART, rescale=False, workers=workers):
        low, high = min(low, int(part.min())), max(high, int(part.max()))
    return low, high
