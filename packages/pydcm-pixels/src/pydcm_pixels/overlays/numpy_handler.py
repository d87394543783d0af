"""Overlay planes as arrays: groups 6000 to 60FF (PS3.3 §C.9.2), or bits of the pixel data as older files have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset

HANDLER_NAME = "Numpy Overlay"
DEPENDENCIES = {"numpy": ("https://numpy.org/", "NumPy")}
_REQUIRED = {
    "OverlayData": 0x3000,
    "OverlayBitsAllocated": 0x0100,
    "OverlayRows": 0x0010,
    "OverlayColumns": 0x0011,
}


def is_available() -> bool:
    """Return whether NumPy is installed."""
    from importlib.util import find_spec

    return find_spec("numpy") is not None


def get_expected_length(elem: dict[str, Any], unit: str = "bytes") -> int:
    """Return the length of an overlay's data without a padding byte.

    Parameters
    ----------
    elem : dict[str, Any]
        ``OverlayRows``, ``OverlayColumns`` and ``NumberOfFramesInOverlay``.
    unit : str, optional
        ``"bytes"`` (default) or ``"pixels"``.
    """
    length: int = elem["OverlayRows"] * elem["OverlayColumns"] * elem["NumberOfFramesInOverlay"]
    return length if unit == "pixels" else (length + 7) // 8


def reshape_overlay_array(elem: dict[str, Any], arr: np.ndarray) -> np.ndarray:
    """Return the flat `arr` as ``(rows, columns)``, or with the frames first if there are several."""
    frames = elem["NumberOfFramesInOverlay"]
    if frames < 1:
        raise ValueError(
            f"Unable to reshape the overlay array as a value of {frames} for (60xx,0015) 'Number of Frames in Overlay' "
            "is invalid."
        )
    size = (elem["OverlayRows"], elem["OverlayColumns"])
    return arr.reshape(frames, *size) if frames > 1 else arr.reshape(size)


def get_overlay_array(ds: Dataset, group: int) -> np.ndarray:
    """Return the overlay in `group` as an array of 0 and 1.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        The data set.
    group : int
        An even number from 0x6000 to 0x60FE.

    Returns
    -------
    numpy.ndarray
        uint8 ``(rows, columns)``, or ``(frames, rows, columns)``. An overlay kept in unused bits of the pixel data
        (*Overlay Bits Allocated* above 1, retired) has the shape of the pixel data.

    Raises
    ------
    AttributeError
        If an element of the overlay is missing.
    ValueError
        If the overlay's data is too short.
    """
    elements = {name: ds.get((group, element)) for name, element in _REQUIRED.items()}
    allocated = elements["OverlayBitsAllocated"]
    if elements["OverlayData"] is None and allocated is not None and int(allocated.value or 0) > 1:
        return _embedded(ds, group)
    missing = [name for name, element in elements.items() if element is None]
    if missing:
        raise AttributeError(
            "Unable to convert the overlay data as the following required elements are missing from the dataset: "
            f"{', '.join(missing)}"
        )
    values: dict[str, Any] = {
        name: element.value for name, element in elements.items() if element is not None
    }
    empty = [name for name, value in values.items() if value is None]
    if empty:
        raise ValueError(f"Unable to convert the overlay data as there is no value of {', '.join(empty)}")
    frames = ds.get((group, 0x0015))
    values["NumberOfFramesInOverlay"] = 1 if frames is None or frames.value is None else frames.value
    data = values["OverlayData"]
    _check_length(len(data), get_expected_length(values))

    import numpy as np

    from pydcm_pixels._core._bits import unpack

    arr = np.empty(max(get_expected_length(values, unit="pixels"), 0), dtype="u1")
    if arr.size:
        if ds[group, 0x3000].VR == "OW" and not _is_little_endian(ds):
            even = data + bytes(len(data) % 2)
            data = np.frombuffer(even, dtype="u2").byteswap().view("u1")
        unpack(data, arr)
    return reshape_overlay_array(values, arr)


def _is_little_endian(ds: Dataset) -> bool:
    from pydcm_pixels._utils.shapes import is_little_endian

    try:
        return is_little_endian(ds)
    except AttributeError:  # a data set that was made and not read
        return True


def _check_length(actual: int, expected: int) -> None:
    from pydcm.misc import warn_and_log

    padded = expected + expected % 2
    if actual > padded:
        warn_and_log(
            f"The length of the overlay data in the dataset ({actual} bytes) indicates it contains excess padding. "
            f"{actual - expected} bytes will be removed from the end of the data"
        )
    elif actual < expected:
        raise ValueError(
            f"The length of the overlay data in the dataset ({actual} bytes) doesn't match the expected length "
            f"({padded} bytes). The dataset may be corrupted or there may be an issue with the overlay data handler."
        )
    elif actual < padded:
        warn_and_log("The overlay data length is odd and misses a padding byte.")


def _embedded(ds: Dataset, group: int) -> np.ndarray:
    """Return an overlay that occupies one bit above *Bits Stored* of each native sample."""
    bit = int(ds[group, 0x0102].value)
    from pydcm_pixels._utils.read import dataset_syntax, decoder_for

    samples, _ = decoder_for(dataset_syntax(ds)).as_array(ds, raw=True, correct_unused_bits=False)
    if not 0 <= bit < 8 * samples.dtype.itemsize:
        raise ValueError(
            f"The ({group:04X},0102) 'Overlay Bit Position' value of '{bit}' is not in the pixel data"
        )
    return ((samples >> bit) & 1).astype("u1")
