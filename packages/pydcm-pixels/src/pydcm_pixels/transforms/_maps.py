"""Where sliding windows begin, and how much each of their voxels counts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pydcm_pixels.transforms._smoothing import sampled_gaussian
from pydcm_pixels.transforms._volumes import target_shape, triple

_CONVENTIONS = ("monai", "nnunet")
_MAX_WINDOWS = 1 << 26


def sliding_window_positions(
    spatial: Any, roi_size: Any, overlap: Any = 0.25, *, convention: str = "monai"
) -> np.ndarray:
    """Return where windows begin that cover a volume.

    Parameters
    ----------
    spatial : sequence of int
        Shape of the volume, (z, y, x).
    roi_size : int or sequence of int
        Shape of a window, (z, y, x), or the one length of all sides.
    overlap : float or sequence of float, default 0.25
        How much of a window the next one covers, along all axes or along (z, y, x): at least 0, below 1.
    convention : {"monai", "nnunet"}, default "monai"
        ``"monai"``: windows follow at one interval, the last is moved back to the end of the volume. ``"nnunet"``: as many
        windows as that takes are spread evenly; `overlap` is 1 - ``tile_step_size``.

    Returns
    -------
    numpy.ndarray
        (n, 3) int64: first voxels of the windows, (z, y, x), the last axis fastest.

    Raises
    ------
    ValueError
        If a window is larger than the volume, an overlap is not in its range, or there are more than 2**26 windows.
    """
    grid = np.meshgrid(*window_starts(spatial, roi_size, overlap, convention), indexing="ij")
    return np.stack([one.reshape(-1) for one in grid], axis=1)


def gaussian_importance_map(
    roi_size: Any, *, sigma_scale: Any = 0.125, convention: str = "nnunet"
) -> np.ndarray:
    """Return how much each voxel of a window counts where windows overlap.

    Parameters
    ----------
    roi_size : int or sequence of int
        Shape of a window, (z, y, x), or the one length of all sides.
    sigma_scale : float or sequence of float, default 0.125
        Standard deviation as a part of the window's side, of all axes or of (z, y, x).
    convention : {"nnunet", "monai"}, default "nnunet"
        ``"nnunet"``: the middle is ``roi_size // 2`` and counts 1, what would be 0 the least of the others; the same bits
        as nnU-Net's ``compute_gaussian``. ``"monai"``: the middle is ``(roi_size - 1) / 2``, nothing counts less than 0.001;
        ``compute_importance_map``.

    Returns
    -------
    numpy.ndarray
        `roi_size`, float32.

    Raises
    ------
    ValueError
        If a standard deviation is not a number above 0.
    DicomLimitError
        If there are more voxels than :data:`pydcm.limits.MAX_VOXELS`.
    """
    lines = _lines(window_shape(roi_size), sigma_scale, convention)
    weights: np.ndarray = lines[0][:, None, None] * lines[1][:, None] * lines[2]
    if convention == "monai":
        return np.maximum(weights, max(float(weights.min()), 1e-3), out=weights)
    weights /= weights.max()
    result: np.ndarray = weights.astype(np.float32)
    nothing = result == 0
    if nothing.any():
        result[nothing] = result[~nothing].min()
    return result


def window_starts(spatial: Any, roi_size: Any, overlap: Any, convention: str) -> list[np.ndarray]:
    """Return where windows begin along z, y and x, as :func:`sliding_window_positions` says."""
    _check_convention(convention)
    shape = triple(spatial, "the shape of the volume", least=1)
    roi = window_shape(roi_size)
    if any(r > n for r, n in zip(roi, shape, strict=True)):
        raise ValueError(f"a window of {roi} is larger than the volume, {shape}; pad the volume first")
    overlaps = per_axis(overlap, "overlap")
    if not all(0 <= one < 1 for one in overlaps):
        raise ValueError(f"an overlap is at least 0 and below 1, not {overlap!r}")
    starts_of = _monai_starts if convention == "monai" else _nnunet_starts
    starts = [starts_of(*one) for one in zip(shape, roi, overlaps, strict=True)]
    if math.prod(len(one) for one in starts) > _MAX_WINDOWS:
        raise ValueError(f"windows of {roi} with an overlap of {overlap} are more than {_MAX_WINDOWS}")
    return starts


def window_lines(
    roi: tuple[int, int, int], mode: str, sigma_scale: Any, convention: str
) -> tuple[list[np.ndarray], float]:
    """Return what voxels of a window count along z, y and x, and the least that their product is.

    It is :func:`gaussian_importance_map` taken apart, in single precision, or 1 for mode ``"constant"``.
    """
    if mode == "constant":
        return [np.ones(n, np.float32) for n in roi], 0.0
    lines = [
        line / line.max() if convention == "nnunet" else line for line in _lines(roi, sigma_scale, convention)
    ]
    if convention == "monai":
        z, y, x = (line.min() for line in lines)
        return lines, max(float(z * y * x), 1e-3)
    least = np.float32(math.prod(float(line[line > 0].min()) for line in lines))
    if not least:
        least = gaussian_importance_map(roi, sigma_scale=sigma_scale, convention=convention).min()
    return [line.astype(np.float32) for line in lines], float(least)


def window_shape(roi_size: Any) -> tuple[int, int, int]:
    """Return the shape of a window given as one or three numbers."""
    return target_shape([roi_size] * 3 if np.ndim(roi_size) == 0 else roi_size, what="a window")


def per_axis(values: Any, what: str) -> tuple[float, float, float]:
    """Return three numbers given as one or three."""
    array = np.asarray(values, np.float64)
    if array.shape not in ((), (3,)):
        raise ValueError(f"{what} is a number or three, (z, y, x), not {values!r}")
    z, y, x = (float(one) for one in np.broadcast_to(array, 3))
    return z, y, x


def _check_convention(convention: str) -> None:
    if convention not in _CONVENTIONS:
        raise ValueError(f"convention is 'monai' or 'nnunet', not {convention!r}")


def _lines(roi: tuple[int, int, int], sigma_scale: Any, convention: str) -> list[np.ndarray]:
    """Return Gaussians along z, y, x; single precision for MONAI, double for nnU-Net."""
    _check_convention(convention)
    scales = per_axis(sigma_scale, "sigma_scale")
    if not all(0 < one < math.inf for one in scales):
        raise ValueError(f"a standard deviation is above 0, not {sigma_scale!r}")
    line = _monai_line if convention == "monai" else _nnunet_line
    return [line(n, scale) for n, scale in zip(roi, scales, strict=True)]


def _monai_starts(n: int, roi: int, overlap: float) -> np.ndarray:
    step = roi if n == roi else max(int(roi * (1 - overlap)), 1)
    count = -(-(n - roi) // step) + 1
    return np.minimum(np.arange(count, dtype=np.int64) * step, n - roi)


def _nnunet_starts(n: int, roi: int, overlap: float) -> np.ndarray:
    step = round(1 - overlap, 12)  # what was 1 - 0.7 is to be 0.3 again
    count = math.ceil((n - roi) / (roi * step)) + 1
    if count == 1:
        return np.zeros(1, np.int64)
    return np.rint((n - roi) / (count - 1) * np.arange(count)).astype(np.int64)


def _monai_line(n: int, scale: float) -> np.ndarray:
    places = np.arange(n, dtype=np.float32) - np.float32((n - 1) / 2)
    exponents = places**2 / np.float32(-2 * (n * scale) ** 2)
    return np.exp(exponents.astype(np.float64)).astype(np.float32)


def _nnunet_line(n: int, scale: float) -> np.ndarray:
    """Return what SciPy's filter makes of a line that is 0 but for its middle."""
    sigma = n * scale
    radius = min(int(4 * sigma + 0.5), n)
    line = np.zeros(n)
    around = sampled_gaussian(sigma, int(4 * sigma + 0.5))[: radius + 1]
    middle = n // 2
    after, before = around[: n - middle], around[: middle + 1]
    line[middle : middle + after.size] = after
    line[middle + 1 - before.size : middle + 1] = before[::-1]
    return line
