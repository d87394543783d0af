"""Intensities: normalised, scaled from range to range, and with another contrast. All return float32."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pydcm_pixels._core import _intensity
from pydcm_pixels._volume.model import Volume
from pydcm_pixels.transforms._percentiles import percentiles
from pydcm_pixels.transforms._volumes import checked, contiguous, in_parts

_TINY = 1e-8  # what nnU-Net divides by at least
_NEAR = 1e-2  # mm between the voxels of a mask and those that they are for
_DIRECT = {np.dtype(name) for name in ("i1", "i2", "i4", "u1", "u2", "f4")}


def normalize_zscore(
    vol: Volume, *, nonzero: bool = False, mask: Any = None, workers: int | None = None
) -> Volume:
    """Subtract the mean and divide by the standard deviation.

    Equal to nnU-Net's ``ZScoreNormalization`` and, but for the last bit of the mean, to MONAI's ``NormalizeIntensity``.

    Parameters
    ----------
    vol : Volume
        Voxels of any real type; of several times or colours all together are normalised.
    nonzero : bool, default False
        Whether only voxels that are not 0 count and change.
    mask : Volume or array_like, optional
        Of the volume's shape: where it is above 0 (or True), voxels count and change. nnU-Net's mask of a segmentation is
        ``mask=segmentation >= 0``.
    workers : int, optional
        How many threads; as many as this process may use processors if None.

    Returns
    -------
    Volume
        float32; voxels outside of the mask are as they were. Voxels that are all equal become 0.

    Raises
    ------
    ValueError
        If the mask has another shape or is on another grid, or both a mask and `nonzero` are given.
    """
    if isinstance(mask, Volume) and not checked(vol).same_grid(mask, _NEAR):
        raise ValueError(
            f"the mask {mask!r} is on another grid than the volume {vol!r}; "
            "bring it there with resample_to_reference(mask, volume, is_label=True)"
        )
    source = single(checked(vol))
    inside = _mask(source, nonzero, mask)
    if inside is None:
        mean, std = _moments(source)
        return vol._like(_remapped(source, shift=mean, divisor=max(std, _TINY), workers=workers))
    chosen = source[inside]
    result = source.copy()
    if chosen.size:
        mean, std = _moments(chosen)
        result[inside] = _remapped(chosen, shift=mean, divisor=max(std, _TINY), workers=workers)
    return vol._like(result)


def normalize_ct(
    vol: Volume, clip_lo: float, clip_hi: float, mean: float, std: float, *, workers: int | None = None
) -> Volume:
    """Clip, subtract a mean and divide by a standard deviation, all given: nnU-Net's ``CTNormalization``.

    Parameters
    ----------
    vol : Volume
        Voxels of any real type.
    clip_lo, clip_hi : float
        The range to clip to: the 0.5 and 99.5 percentiles of the data set that a model was trained with.
    mean, std : float
        Of that data set.
    workers : int, optional
        How many threads; as many as this process may use processors if None.

    Returns
    -------
    Volume
        float32.

    Raises
    ------
    ValueError
        If a number is not finite, `clip_lo` is above `clip_hi`, or `std` is negative.
    """
    _numbers(clip_lo=clip_lo, clip_hi=clip_hi, mean=mean, std=std)
    if clip_lo > clip_hi or std < 0:
        raise ValueError(f"cannot clip to {clip_lo} to {clip_hi} and divide by {std}")
    source = single(checked(vol))
    divisor = max(std, _TINY)
    return vol._like(
        _remapped(source, low=clip_lo, high=clip_hi, shift=mean, divisor=divisor, workers=workers)
    )


def scale_intensity_range(
    vol: Volume,
    a_min: float,
    a_max: float,
    b_min: float,
    b_max: float,
    *,
    clip: bool = True,
    workers: int | None = None,
) -> Volume:
    """Map the range `a_min` to `a_max` to `b_min` to `b_max`, linearly: MONAI's ``ScaleIntensityRange``.

    Parameters
    ----------
    vol : Volume
        Voxels of any real type.
    a_min, a_max : float
        Range of the voxels, such as a window of a CT.
    b_min, b_max : float
        Range of the result.
    clip : bool, default True
        Whether voxels beyond the range get its ends.
    workers : int, optional
        How many threads; as many as this process may use processors if None.

    Returns
    -------
    Volume
        float32. If `a_min` equals `a_max` it is ``voxels - a_min + b_min``, not clipped, and a warning says so, as in MONAI.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    _numbers(a_min=a_min, a_max=a_max, b_min=b_min, b_max=b_max)
    return vol._like(_scaled(_voxels(checked(vol)), a_min, a_max, b_min, b_max, clip, workers))


def scale_intensity_range_percentiles(
    vol: Volume,
    lower: float,
    upper: float,
    b_min: float,
    b_max: float,
    *,
    clip: bool = True,
    workers: int | None = None,
) -> Volume:
    """Map the range between two percentiles to `b_min` to `b_max`: MONAI's ``ScaleIntensityRangePercentiles``.

    Parameters
    ----------
    vol : Volume
        Voxels of any real type.
    lower, upper : float
        Percentiles of all voxels, 0 to 100, interpolated linearly as :func:`numpy.percentile` does.
    b_min, b_max, clip, workers
        As for :func:`scale_intensity_range`.

    Returns
    -------
    Volume
        float32; NaN throughout if a voxel is NaN.

    Raises
    ------
    ValueError
        If a percentile is not from 0 to 100, or another number is not finite.
    """
    _numbers(b_min=b_min, b_max=b_max)
    source = _voxels(checked(vol))
    a_min, a_max = percentiles(source, (lower, upper))
    if source.dtype != np.float64:
        a_min, a_max = float(np.float32(a_min)), float(np.float32(a_max))
    return vol._like(_scaled(source, a_min, a_max, b_min, b_max, clip, workers))


def adjust_contrast(vol: Volume, gamma: float, *, workers: int | None = None) -> Volume:
    """Raise intensities to a power within their range: MONAI's ``AdjustContrast``.

    Parameters
    ----------
    vol : Volume
        Voxels of any real type.
    gamma : float
        The exponent of ``((voxels - least) / (range + 1e-7)) ** gamma * range + least``.
    workers : int, optional
        How many threads; as many as this process may use processors if None.

    Returns
    -------
    Volume
        float32.

    Raises
    ------
    ValueError
        If the exponent is not finite.
    """
    _numbers(gamma=gamma)
    source = single(checked(vol))
    low = source.min()
    extent = source.max() - low
    divisor = extent + np.float32(1e-7)
    flat, out = source.reshape(-1), np.empty(source.size, np.float32)

    def part(start: int, stop: int) -> None:
        _intensity.gamma(flat[start:stop], out[start:stop], low, divisor, gamma, extent)

    in_parts(part, flat.size, flat.size, workers)
    return vol._like(out.reshape(source.shape))


def single(vol: Volume) -> np.ndarray:
    """Return the voxels in single precision, in C order."""
    if vol.dtype.kind not in "iubf":
        raise TypeError(f"voxels of type {vol.dtype} have no intensities")
    return contiguous(vol.pixels, np.float32)


def _voxels(vol: Volume) -> np.ndarray:
    """Return the voxels in C order, in double precision if they are, else of a type that is calculated with directly."""
    if vol.dtype.kind == "f" and vol.dtype.itemsize > 4:
        return contiguous(vol.pixels, np.float64)
    source = contiguous(vol.pixels)
    if source.dtype == bool:
        return source.view(np.uint8)
    return source if source.dtype in _DIRECT else single(vol)


def _numbers(**given: float) -> None:
    for name, value in given.items():
        if not np.isfinite(value):
            raise ValueError(f"{name} is a finite number, not {value}")


def _mask(source: np.ndarray, nonzero: bool, mask: Any) -> np.ndarray | None:
    """Return which voxels count, or None for all."""
    if mask is None:
        return source != 0 if nonzero else None
    if nonzero:
        raise ValueError("either a mask is given, or voxels that are not 0 are taken")
    array = np.asarray(getattr(mask, "pixels", mask))
    if array.shape != source.shape:
        raise ValueError(f"the mask has shape {array.shape}, the volume {source.shape}")
    return array > 0


def _moments(source: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation in single precision, rounded as NumPy does."""
    flat = source.reshape(-1)
    mean = float(np.float32(_intensity.total(flat) / flat.size))
    variance = np.float32(_intensity.total(flat, mean, True) / flat.size)
    return mean, float(np.sqrt(variance))


def _scaled(
    source: np.ndarray,
    a_min: float,
    a_max: float,
    b_min: float,
    b_max: float,
    clip: bool,
    workers: int | None,
) -> np.ndarray:
    if a_min == a_max:
        warnings.warn("the range to scale from is empty: intensities are only shifted", stacklevel=3)
        return _remapped(source, shift=a_min, offset=b_min, workers=workers)
    ends = {"bottom": b_min, "top": b_max} if clip else {}
    return _remapped(
        source,
        shift=a_min,
        divisor=a_max - a_min,
        factor=b_max - b_min,
        offset=b_min,
        workers=workers,
        **ends,
    )


def _remapped(
    source: np.ndarray,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    shift: float = 0,
    divisor: float = 1,
    factor: float = 1,
    offset: float = 0,
    bottom: float = -np.inf,
    top: float = np.inf,
    workers: int | None = None,
) -> np.ndarray:
    """Return ``clip((clip(source, low, high) - shift) / divisor * factor + offset, bottom, top)`` as float32."""
    flat, out = source.reshape(-1), np.empty(source.size, np.float32)

    def part(start: int, stop: int) -> None:
        numbers = (low, high, shift, divisor, factor, offset, bottom, top)
        _intensity.remap(flat[start:stop], out[start:stop], *numbers)

    in_parts(part, flat.size, flat.size, workers)
    return out.reshape(source.shape)
