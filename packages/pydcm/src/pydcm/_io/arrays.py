"""Numbers straight from encoded bytes into NumPy arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm._core._textarrays import fill_decimals, fill_integers, text_extent

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataelem import DataElement
    from pydcm.dataset import Dataset
    from pydcm.tag import TagType

# The NumPy type of each VR that holds binary numbers (PS3.5 §6.2)
_BINARY = {
    "US": "u2", "SS": "i2", "UL": "u4", "SL": "i4", "UV": "u8", "SV": "i8", "FL": "f4", "FD": "f8", "OW": "u2",
    "OL": "u4", "OV": "u8", "OF": "f4", "OD": "f8", "OB": "u1", "UN": "u1", "AT": "u2",
}  # fmt: skip


def numbers_from_bytes(vr: str, encoded: Any, little_endian: bool) -> np.ndarray:
    """Return the numbers in the encoded value of an element.

    Parameters
    ----------
    vr : str
        The VR: DS, IS, or one of binary numbers.
    encoded : bytes-like
        The value as it is in the file.
    little_endian : bool
        Its byte order.

    Returns
    -------
    numpy.ndarray
        Shape (n,), native byte order: float64 for DS, int64 for IS, else the VR's own type. (n, 2) uint16 groups and elements
        for AT. A read-only view of `encoded` where nothing has to be converted.

    Raises
    ------
    TypeError
        If the VR does not hold numbers.
    ValueError
        If the bytes are not what the VR says.
    """
    import numpy as np

    if vr in ("DS", "IS"):
        return _numbers_from_text(vr, encoded)
    try:
        kind = _BINARY[vr]
    except KeyError:
        raise TypeError(f"VR {vr} does not hold numbers") from None
    dtype = np.dtype(("<" if little_endian else ">") + kind)
    if len(encoded) % dtype.itemsize:
        raise ValueError(
            f"{len(encoded)} bytes are not a whole number of {vr} values of {dtype.itemsize} bytes"
        )
    array = np.frombuffer(encoded, dtype)
    if not dtype.isnative:
        array = array.astype(dtype.newbyteorder("="))
    return array.reshape(-1, 2) if vr == "AT" else array


def _numbers_from_text(vr: str, encoded: Any) -> np.ndarray:
    import numpy as np

    nbytes, count = text_extent(encoded)
    stripped = encoded[:nbytes]
    array = np.empty(count, np.float64 if vr == "DS" else np.int64)
    n = (fill_decimals if vr == "DS" else fill_integers)(stripped, array)
    if n < 0:
        part = bytes(stripped).split(b"\\")[-1 - n]
        raise ValueError(f"Value {-n} of {len(array)} is not a number of VR {vr}: {part!r}")
    return array


def _numbers_from_value(vr: str, value: Any) -> np.ndarray:
    """Return the numbers of a value that exists as Python objects only."""
    import numpy as np

    if isinstance(value, (bytes, bytearray, memoryview)):
        return numbers_from_bytes(vr, value, True)
    if vr == "AT":
        tags = [] if value is None else [value] if isinstance(value, int) else list(value)
        return np.array([(tag >> 16, tag & 0xFFFF) for tag in tags], np.uint16).reshape(-1, 2)
    if vr in ("DS", "IS"):
        dtype = np.dtype(np.float64 if vr == "DS" else np.int64)
    elif vr in _BINARY:
        dtype = np.dtype(_BINARY[vr])
    else:
        raise TypeError(f"VR {vr} does not hold numbers")
    if value is None or (isinstance(value, str) and not value):
        return np.empty(0, dtype)
    try:
        return np.atleast_1d(np.array(value if not hasattr(value, "append") else list(value), dtype))
    except OverflowError:
        raise ValueError(
            f"a number of this element is too large for VR {vr} and an array of {dtype}"
        ) from None


def element_to_numpy(element: DataElement) -> np.ndarray:
    """Return the numbers of `element`, from its bytes if it was not changed since it was read."""
    source = element._source() if element._is_unchanged() else None
    if source is None:
        return _numbers_from_value(element.VR, element.value)
    owner, offset, nbytes, _, little_endian = source
    return numbers_from_bytes(
        element.VR, memoryview(owner).cast("B")[offset : offset + nbytes], little_endian
    )


def dataset_to_numpy(dataset: Dataset, key: TagType) -> np.ndarray:
    """Return the numbers of one element of `dataset`, without making the element where that can be avoided."""
    from pydcm.dataelem import DataElement

    found = dataset._encoded(key)
    if found is not None and (found[0] in _BINARY or found[0] in ("DS", "IS")):
        return numbers_from_bytes(*found, bool(dataset._read_little))
    location = dataset._row_location(key)
    encoded = dataset._buffer(key) if location is not None else None
    if encoded is None or location is None:
        return element_to_numpy(dataset[key])
    tag, vr, *_ = location
    if vr is None:
        held = dataset.get_item(tag) if len(encoded) < 256 else None
        if isinstance(held, DataElement):
            return element_to_numpy(held)
        from pydcm.datadict import dictionary_VR

        try:
            vr = dictionary_VR(tag)
        except KeyError:
            vr = "UN"
    if vr not in _BINARY and vr not in ("DS", "IS"):
        return element_to_numpy(dataset[key])
    return numbers_from_bytes(vr, encoded, bool(dataset._read_little))
