"""RGB and YBR (PS3.3 §C.7.6.3.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_YBR = ("YBR_FULL", "YBR_FULL_422")


def _convert(arr: np.ndarray, out: np.ndarray, to_rgb: bool) -> None:
    from pydcm_pixels._core._color import rgb_to_ybr_full, ybr_full_to_rgb

    convert = ybr_full_to_rgb if to_rgb else rgb_to_ybr_full
    if arr.size:
        convert(arr.reshape(-1), out.reshape(-1))


def _check(arr: np.ndarray) -> None:
    if arr.dtype != "u1":
        raise ValueError(
            f"Invalid ndarray.dtype '{arr.dtype}' for color space conversion, must be 'uint8' or an equivalent"
        )
    if arr.shape[-1] != 3:
        raise ValueError(
            f"Invalid ndarray shape {arr.shape} for color space conversion, the last axis must hold 3 samples"
        )


def convert_in_place(arr: np.ndarray, current: str, desired: str, workers: int = 1) -> np.ndarray:
    """Return `arr` converted, in place when it is writeable and contiguous; several frames by `workers` threads."""
    import numpy as np

    _check(arr)
    to_rgb = desired == "RGB"
    if (current == "RGB") == to_rgb:
        return arr
    if not arr.flags.c_contiguous:
        arr = np.ascontiguousarray(arr)
    out = arr if arr.flags.writeable else np.empty_like(arr)
    if workers > 1 and arr.ndim == 4:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(workers, thread_name_prefix="pydcm-colour") as pool:
            for _ in pool.map(lambda source, target: _convert(source, target, to_rgb), arr, out):
                pass
    else:
        _convert(arr, out, to_rgb)
    return out


def convert_color_space(arr: np.ndarray, current: str, desired: str, per_frame: bool = False) -> np.ndarray:
    """Convert between RGB and YBR_FULL or YBR_FULL_422.

    Parameters
    ----------
    arr : numpy.ndarray
        8-bit samples, ``(rows, columns, 3)`` or ``(frames, rows, columns, 3)``; chroma at full size.
    current, desired : str
        ``"RGB"``, ``"YBR_FULL"`` or ``"YBR_FULL_422"``; the last two are the same transformation.
    per_frame : bool, optional
        Whether to convert a multi-frame array in place.

    Returns
    -------
    numpy.ndarray
        A new array, or `arr` itself when nothing is to be converted or `per_frame` is set.

    Raises
    ------
    NotImplementedError
        For any other colour space.
    ValueError
        If the samples are not 8-bit.
    """
    import numpy as np

    if arr.dtype != "u1":
        _check(arr)
    known = (*_YBR, "RGB")
    if current not in known or desired not in known:
        raise NotImplementedError(f"Conversion from {current} to {desired} is not supported.")
    if (current == "RGB") == (desired == "RGB"):
        return arr
    _check(arr)
    source = np.ascontiguousarray(arr)
    out = source if per_frame and arr.ndim == 4 else np.empty(arr.shape, dtype="u1")
    _convert(source, out, desired == "RGB")
    if per_frame and arr.ndim == 4:
        if out is not arr:
            arr[...] = out
        return arr
    return out
