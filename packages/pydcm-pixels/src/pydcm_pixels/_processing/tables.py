"""What look-up tables have in common: descriptor, data, and their application (PS3.3 §C.11.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._utils.shapes import is_little_endian

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset


def one_number(ds: Dataset, keyword: str) -> float:
    """Return the value of an element that has one number.

    Raises
    ------
    ValueError
        If it has none, or several.
    """
    value = ds[keyword].value
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"'{keyword}' has to be one number, it is {value!r}") from None


def descriptor(item: Any) -> tuple[int, int, int]:
    """Return ``(number of entries, first value mapped, bits per entry)``; 0 entries stand for 65536.

    Raises
    ------
    ValueError
        If there are not three values.
    """
    value = item.LUTDescriptor
    try:
        entries, first, bits = map(int, value)
    except (TypeError, ValueError):
        raise ValueError(
            f"The (0028,3002) 'LUT Descriptor' has to be three numbers, it is {value!r}"
        ) from None
    return entries or 65536, first, bits


def little_endian_words(ds: Dataset, data: bytes) -> bytes:
    """Return the bytes of `ds`'s 16-bit words with the low byte first: of two 8-bit entries that is the first one."""
    import numpy as np

    try:
        if is_little_endian(ds):
            return data
    except AttributeError:  # a data set that was made and not read
        return data
    even = data if len(data) % 2 == 0 else data + b"\0"
    return np.frombuffer(even, dtype="u2").byteswap().tobytes()


def table_data(ds: Dataset, item: Any, entries: int, dtype: str) -> np.ndarray:
    """Return the entries of the table in `item`, in `ds`'s byte order if they are stored as **OW**."""
    import numpy as np

    element = item["LUTData"]
    if element.VR != "OW":
        values = element.value
        if isinstance(values, int):
            values = [values]
        return np.asarray(values, dtype=dtype)
    order = "<" if is_little_endian(ds) else ">"
    data = element.value
    if np.dtype(dtype).itemsize == 1 and len(data) == entries + entries % 2 and entries > 1:
        # Two entries share a word, the first one in its low byte.
        return np.frombuffer(data, dtype=f"{order}u2").astype("<u2").view("u1")[:entries]
    if len(data) < 2 * entries:
        raise ValueError(
            f"The (0028,3006) 'LUT Data' has {len(data)} bytes but its descriptor says {entries} entries of 2 bytes"
        )
    return np.frombuffer(data, dtype=f"{order}u2", count=entries).astype(dtype)


def apply_table(arr: np.ndarray, table: np.ndarray, first: int, entries: int) -> np.ndarray:
    """Return the table's entry for each value; values outside the table get its first or last entry."""
    import numpy as np

    table = np.ascontiguousarray(table[:entries])
    if not len(table):
        raise ValueError("The (0028,3006) 'LUT Data' has no entries")
    if len(table) < entries:
        _check_reach(arr, table, first)
    if (
        arr.dtype.kind in "iu"
        and arr.dtype.itemsize <= 4
        and table.dtype.kind == "u"
        and table.dtype.itemsize <= 4
    ):
        from pydcm_pixels._core._lut import lookup

        values = np.ascontiguousarray(arr if arr.dtype.isnative else arr.astype(arr.dtype.newbyteorder("=")))
        out = np.empty(arr.shape, dtype=table.dtype)
        lookup(values.reshape(-1), table, first, out.reshape(-1))
        return out
    at = np.clip(arr.astype("f8") - first, 0, len(table) - 1).astype("i8")
    return table[at]


def _check_reach(arr: np.ndarray, table: np.ndarray, first: int) -> None:
    """Raise IndexError for values that a table should have entries for, going by its descriptor, but has not."""
    beyond = arr.reshape(-1)[arr.reshape(-1) > first + len(table) - 1]
    if beyond.size:
        raise IndexError(
            f"index {int(beyond[0]) - first} is out of bounds for a look-up table with {len(table)} entries"
        )
