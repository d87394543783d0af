"""Gaussian filters: SciPy's, and MONAI's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._core import _smooth
from pydcm_pixels.transforms._volumes import checked, contiguous, each_volume, in_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm_pixels._volume.model import Volume

#: Names NumPy has for the modes in which SciPy continues an image beyond its ends.
_MODES: dict[str, Any] = {
    "reflect": "symmetric",
    "mirror": "reflect",
    "nearest": "edge",
    "wrap": "wrap",
    "constant": "",
}
_MAX_RADIUS = 1 << 20
_THIN = 8  # what is shorter is not worth going along


def gaussian_smooth(
    vol: Volume,
    sigma: float | Sequence[float] = 1.0,
    *,
    mode: str = "reflect",
    cval: float = 0.0,
    truncate: float = 4.0,
    convention: str = "scipy",
    workers: int | None = None,
) -> Volume:
    """Smooth with a Gaussian filter, one axis after the other.

    Parameters
    ----------
    vol : Volume
        Voxels of any real type.
    sigma : float or sequence of three floats, default 1
        Standard deviation in voxels, of all axes or of (z, y, x). An axis is left alone where it is not above 0.
    mode : {"reflect", "mirror", "nearest", "wrap", "constant"}, default "reflect"
        How the image continues beyond its ends, in SciPy's words: ``(d c b a | a b c d | d c b a)``, ``(d c b | a b c d | c b
        a)``, the last voxel, the other end, or `cval`.
    cval : float, default 0
        What is beyond the ends for ``"constant"``.
    truncate : float, default 4
        How far the filter reaches, in standard deviations.
    convention : {"scipy", "monai"}, default "scipy"
        ``"scipy"``: ``scipy.ndimage.gaussian_filter``, to the last bit. ``"monai"``: ``GaussianSmooth``, whose weights are
        areas under the curve that need not add up to 1, with 0 beyond the ends; `mode` and `cval` do not matter then.
    workers : int, optional
        How many threads; as many as this process may use processors if None.

    Returns
    -------
    Volume
        float32.

    Raises
    ------
    ValueError
        If there are not one or three standard deviations, one is not finite, the filter would reach farther than 1048576
        voxels, or a word is unknown.
    """
    checked(vol)
    if mode not in _MODES:
        raise ValueError(f"mode is one of {', '.join(_MODES)}, not {mode!r}")
    if convention not in ("scipy", "monai"):
        raise ValueError(f"convention is 'scipy' or 'monai', not {convention!r}")
    if convention == "monai":
        mode, cval = "constant", 0.0
    weights = [_weights(one, truncate, convention) for one in _sigmas(sigma)]
    double = vol.dtype.kind == "f" and vol.dtype.itemsize > 4
    if vol.dtype.kind not in "iubf":
        raise TypeError(f"voxels of type {vol.dtype} cannot be smoothed")

    def make(source: np.ndarray, result: np.ndarray) -> None:
        array: np.ndarray = contiguous(source, np.float64 if double else np.float32)
        done = array
        for axis, line in enumerate(weights):
            if line is not None:
                to = done if done is not array else np.empty_like(array) if double else result
                _smooth_axis(done, to, axis, line, mode, cval, workers)
                done = to
        if done is not result:
            result[...] = done

    return vol._like(each_volume(vol, spatial(vol), np.float32, make))


def spatial(vol: Volume) -> tuple[int, ...]:
    """Return the lengths of z, y, x."""
    return vol.size[::-1]


def _sigmas(sigma: Any) -> list[float]:
    array = np.asarray(sigma, np.float64)
    if array.shape not in ((), (3,)) or not np.isfinite(array).all():
        raise ValueError(f"sigma is a number or three, (z, y, x), in voxels, not {sigma!r}")
    return [float(one) for one in np.broadcast_to(array, 3)]


def _weights(sigma: float, truncate: float, convention: str) -> np.ndarray | None:
    """Return the weights of a voxel and its neighbours to one side, or None if there is nothing to do."""
    if sigma <= 1e-15:
        return None
    if not 0 < truncate < math.inf or truncate * sigma >= _MAX_RADIUS:
        raise ValueError(f"a filter cannot reach {truncate} standard deviations of {sigma} voxels")
    if convention == "monai":
        return _areas(np.float32(sigma), truncate)
    return sampled_gaussian(sigma, int(truncate * sigma + 0.5))


def sampled_gaussian(sigma: float, radius: int) -> np.ndarray:
    """Return a Gaussian at 0, 1, … `radius`, normalised to the sum of both sides, as SciPy calculates it."""
    offsets = np.arange(-radius, radius + 1)
    values = np.exp(-0.5 / (sigma * sigma) * offsets**2)
    return np.ascontiguousarray((values / values.sum())[radius:])


def _areas(sigma: np.float32, truncate: float) -> np.ndarray:
    """Return areas under a Gaussian, each one voxel wide, in single precision as MONAI has them."""
    radius = int(max(float(sigma) * truncate, 0.5) + 0.5)
    scale = np.float32(0.70710678) / sigma
    edges = scale * (np.arange(radius + 2, dtype=np.float32) - np.float32(0.5))
    values = np.array([math.erf(edge) for edge in edges.tolist()], np.float32)
    areas = np.float32(0.5) * (values[1:] - values[:-1])
    return np.maximum(areas, 0).astype(np.float64)


def _smooth_axis(
    source: np.ndarray,
    to: np.ndarray,
    axis: int,
    weights: np.ndarray,
    mode: str,
    cval: float,
    workers: int | None,
) -> None:
    """Filter along one axis; `to` may be `source`."""
    radius, length = len(weights) - 1, source.shape[axis]
    if mode == "constant":
        index = np.full(length + 2 * radius, -1)
        index[radius : radius + length] = np.arange(length)
    else:
        index = np.pad(np.arange(length), radius, _MODES[mode])
    # the kernel goes along the second axis, the third is where neighbours in memory are if it can be
    order = {0: (1, 0, 2), 1: (0, 1, 2), 2: (0, 2, 1)}[axis]
    if source.shape[order[2]] < _THIN <= source.shape[order[0]]:
        order = order[::-1]
    seen, out = source.transpose(order), to.transpose(order)
    index = index.astype(np.int64)

    def part(start: int, stop: int) -> None:
        _smooth.smooth(seen, out, weights, index, cval, start, stop)

    in_parts(part, seen.shape[0], seen.size, workers)
