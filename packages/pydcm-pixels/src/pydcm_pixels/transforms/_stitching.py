"""Predictions for windows put together, at once or as soon as each is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pydcm_pixels._core import _windows

if TYPE_CHECKING:
    from collections.abc import Sequence

_SINGLE = np.dtype(np.float32)
_MAX_WAITING = 1 << 18  # views of the image that wait for the others


class Weights:
    """What voxels of a window count.

    Parameters
    ----------
    lines : list of numpy.ndarray
        Along z, y, x, float32; the weight of a voxel is their product, but no less than `least`.
    least : float
        The lowest weight.
    whole : numpy.ndarray, optional
        The weights themselves, (z, y, x) float32, in place of the products.
    """

    def __init__(
        self, lines: Sequence[np.ndarray], least: float = -np.inf, whole: np.ndarray | None = None
    ) -> None:
        self.lines, self.least, self.whole = list(lines), least, whole
        self.roi = tuple(map(len, lines))

    def of(self, shape: tuple[int, ...]) -> Weights:
        """Return those of windows with more or fewer voxels: each takes its nearest one's."""
        if shape == self.roi:
            return self
        nearest = []
        for n, m in zip(self.roi, shape, strict=True):
            places = (np.arange(m) + np.float32(0.5)) * np.float32(n / m)
            nearest.append(places.astype(np.int64).clip(0, n - 1))
        lines = [line[at] for line, at in zip(self.lines, nearest, strict=True)]
        whole = None if self.whole is None else np.ascontiguousarray(self.whole[np.ix_(*nearest)])
        return Weights(lines, self.least, whole)


class Stitch:
    """One output of a predictor for all of an image.

    Parameters
    ----------
    image : numpy.ndarray
        (…, z, y, x). Predictions that lie in its memory are taken all at once in the end: until then they take no more.
    starts : list of numpy.ndarray
        Where windows begin, along z, y, x.
    weights : Weights
        What voxels of a window count.
    first : numpy.ndarray
        The first prediction, (channel, z, y, x); its shape may be another than that of a window, and the result's shape is
        another by the same factors.

    Attributes
    ----------
    result : numpy.ndarray
        (channel, z, y, x), float32.
    """

    def __init__(
        self, image: np.ndarray, starts: Sequence[np.ndarray], weights: Weights, first: np.ndarray
    ) -> None:
        self.image, self.shape, self.dtype, roi = image, first.shape, first.dtype, weights.roi
        sizes = first.shape[1:]
        shape = [n * m // r for n, m, r in zip(image.shape[-3:], sizes, roi, strict=True)]
        self.result = np.empty((first.shape[0], *shape), np.float32)
        self.waiting: list[np.ndarray] | None = []
        self.owner = image if image.base is None else image.base
        own = weights.of(sizes)
        scaled = [at * m // r for at, m, r in zip(starts, sizes, roi, strict=True)]
        self.blend = _windows.Blend(scaled, own.lines, own.least, self.result, own.whole)

    def add(self, prediction: np.ndarray) -> None:
        """Add the prediction for the next window."""
        if prediction.shape != self.shape:
            raise ValueError(
                f"the predictor returned {prediction.shape[0]} channels after {self.shape[0]}"
                if prediction.shape[1:] == self.shape[1:]
                else f"the predictor returned an array of shape {prediction.shape} after one of {self.shape}"
            )
        if self.waiting is not None:
            if prediction.base is self.owner or np.may_share_memory(prediction, self.image):
                if prediction.dtype is self.dtype and len(self.waiting) < _MAX_WAITING:
                    self.waiting.append(prediction)
                    return
            self.no_longer_wait()
        self.put(prediction)

    def finished(self) -> np.ndarray:
        """Return the result, when all have been added."""
        if self.waiting:
            self.blend.add_all(self.waiting)
            self.waiting = None
        return self.result

    def no_longer_wait(self) -> None:
        waiting, self.waiting = self.waiting or [], None
        for one in waiting:
            self.put(one)

    def put(self, prediction: np.ndarray) -> None:
        if prediction.dtype is _SINGLE:
            self.blend.add(prediction)
        else:
            self.blend.add_double(prediction)
