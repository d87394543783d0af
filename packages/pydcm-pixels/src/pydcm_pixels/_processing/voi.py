"""VOI LUT and windows: from output units to the range that is looked at (PS3.3 §C.11.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._processing.tables import apply_table, descriptor, table_data

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset


def apply_voi_lut(arr: np.ndarray, ds: Dataset, index: int = 0, prefer_lut: bool = True) -> np.ndarray:
    """Apply a VOI look-up table or a window of `ds`.

    Parameters
    ----------
    arr : numpy.ndarray
        Values after the modality LUT, any shape.
    ds : pydcm.dataset.Dataset
        The data set with *VOI LUT Sequence*, or *Window Center* and *Window Width*.
    index : int, optional
        Which of several tables or windows to use.
    prefer_lut : bool, optional
        Whether a table goes before a window (default) when there are both.

    Returns
    -------
    numpy.ndarray
        As from :func:`apply_voi` or :func:`apply_windowing`; `arr` itself when `ds` has neither.
    """
    has_table = False
    if ds.get("VOILUTSequence"):
        item = ds.VOILUTSequence[0]
        has_table = item.get("LUTDescriptor") is not None and item.get("LUTData") is not None
    has_window = ds.get("WindowCenter") is not None and ds.get("WindowWidth") is not None
    if has_table and (prefer_lut or not has_window):
        return apply_voi(arr, ds, index)
    if has_window:
        return apply_windowing(arr, ds, index)
    return arr


def apply_voi(arr: np.ndarray, ds: Dataset, index: int = 0) -> np.ndarray:
    """Apply a table of the *VOI LUT Sequence*.

    Parameters
    ----------
    arr : numpy.ndarray
        Values after the modality LUT, any shape.
    ds : pydcm.dataset.Dataset
        The data set.
    index : int, optional
        Which table to use.

    Returns
    -------
    numpy.ndarray
        uint8 or uint16 entries; `arr` itself without a table.
    """
    if not ds.get("VOILUTSequence"):
        return arr
    if arr.dtype.kind not in "iu":
        from pydcm.misc import warn_and_log

        warn_and_log("Applying a VOI LUT on a float input array may give incorrect results")
    item = ds.VOILUTSequence[index]
    entries, first, bits = descriptor(item)
    if bits != 8 and not 10 <= bits <= 16:
        raise NotImplementedError(f"'{bits}' bits per LUT entry is not supported")
    return apply_table(arr, table_data(ds, item, entries, "uint8" if bits == 8 else "uint16"), first, entries)


def _nth(ds: Dataset, keyword: str, index: int) -> float:
    element = ds[keyword]
    return float(element.value[index] if element.VM > 1 else element.value)


def _output_range(ds: Dataset) -> tuple[float, float]:
    """Return the range that a full window maps to: that of the modality LUT's output."""
    if ds.get("ModalityLUTSequence"):
        low, high = 0.0, float(2 ** int(ds.ModalityLUTSequence[0].LUTDescriptor[2]) - 1)
    elif ds.PixelRepresentation == 0:
        low, high = 0.0, float(2**ds.BitsStored - 1)
    else:
        low, high = float(-(2 ** (ds.BitsStored - 1))), float(2 ** (ds.BitsStored - 1) - 1)
    slope, intercept = ds.get("RescaleSlope"), ds.get("RescaleIntercept")
    if slope is not None and intercept is not None:
        low = low * float(slope) + float(intercept)
        high = high * float(slope) + float(intercept)
    return low, high


def window_values(
    arr: np.ndarray, center: float, width: float, function: str, low: float, high: float
) -> np.ndarray:
    """Return `arr` windowed to ``[low, high]`` as float64 (PS3.3 §C.11.2.1.2, §C.11.2.1.3).

    Raises
    ------
    ValueError
        For a width that the function does not allow, or an unknown function.
    """
    import numpy as np

    if function == "LINEAR" and width < 1:
        raise ValueError(
            "The (0028,1051) Window Width must be greater than or equal to 1 for a 'LINEAR' windowing operation"
        )
    if function in ("LINEAR_EXACT", "SIGMOID") and width <= 0:
        raise ValueError(
            f"The (0028,1051) Window Width must be greater than 0 for a '{function}' windowing operation"
        )
    values = arr.astype("float64")
    span = high - low
    if function == "SIGMOID":
        exponent = np.minimum(-4 * (values - center) / width, 700)  # more would overflow
        result: np.ndarray = span / (1 + np.exp(exponent)) + low
        return result
    if function not in ("LINEAR", "LINEAR_EXACT"):
        raise ValueError(f"Unsupported (0028,1056) VOI LUT Function value '{function}'")
    if function == "LINEAR":
        center -= 0.5
        width -= 1
    below = values <= center - width / 2
    above = values > center + width / 2
    if width > 0:
        values = ((values - center) / width + 0.5) * span + low
    values[below] = low
    values[above] = high
    return values


def apply_windowing(arr: np.ndarray, ds: Dataset, index: int = 0) -> np.ndarray:
    """Apply a window of `ds`.

    Parameters
    ----------
    arr : numpy.ndarray
        Values after the modality LUT, any shape.
    ds : pydcm.dataset.Dataset
        A MONOCHROME1 or MONOCHROME2 data set with *Window Center*, *Window Width* and, perhaps, *VOI LUT Function*.
    index : int, optional
        Which window to use.

    Returns
    -------
    numpy.ndarray
        float64 values in the range that the modality LUT can produce; `arr` itself without a window.
    """
    if "WindowWidth" not in ds and "WindowCenter" not in ds:
        return arr
    if ds.PhotometricInterpretation not in ("MONOCHROME1", "MONOCHROME2"):
        raise ValueError(
            "When performing a windowing operation only 'MONOCHROME1' and 'MONOCHROME2' are allowed for (0028,0004) "
            "Photometric Interpretation"
        )
    function: Any = getattr(ds, "VOILUTFunction", "LINEAR")
    low, high = _output_range(ds)
    return window_values(
        arr, _nth(ds, "WindowCenter", index), _nth(ds, "WindowWidth", index), str(function).upper(), low, high
    )
