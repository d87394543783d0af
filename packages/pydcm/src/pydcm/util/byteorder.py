"""The other byte order for values that are kept as bytes; the writer turns all other values itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

__all__ = ["swap_words"]

# VRs whose values are words, with the words' sizes in bytes (PS3.5 §7.3)
_WORDS = {"OW": 2, "OL": 4, "OF": 4, "OD": 8, "OV": 8}
_PIXEL_DATA = 0x7FE00010
_OFFSETS = (0x7FE00001, 0x7FE00002)  # of encapsulated frames, which are never big endian


def swap_words(ds: Dataset, *, pixel_data: bool = True) -> None:
    """Reverse the bytes of every word in `ds`, at any depth, so that it can be written in the other byte order.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        Changed in place. Elements with VR **OB** and **UN** have no words that are known and stay as they are.
    pixel_data : bool, optional
        Whether the *Pixel Data* of `ds` itself is turned as well (default); that of items, such as icons, always is. It
        goes by samples where *Bits Allocated* is more than 16, since that is how samples are read. Single bits get the VR
        **OB**.
    """
    _swap(ds, pixel_data, _is_big_endian(ds))


def _swap(ds: Dataset, pixel_data: bool, from_big_endian: bool) -> None:
    for elem in ds:
        if elem.VR == "SQ":
            for item in elem.value:
                _swap(item, True, from_big_endian)  # an icon has pixel data of its own
            continue
        size = _WORDS.get(elem.VR)
        if not size or not isinstance(elem.value, bytes) or elem.tag in _OFFSETS:
            continue
        if elem.tag == _PIXEL_DATA:
            if not pixel_data:
                continue
            allocated = int(ds.get("BitsAllocated") or 16)
            if allocated == 1:
                # As bytes they are read alike by programs that differ on the words of single bits.
                elem.VR = "OB"
                if from_big_endian:
                    elem.value = _reversed(elem.value, 2)
                continue
            size = max(size, allocated // 8)
        elem.value = _reversed(elem.value, size)


def _is_big_endian(ds: Dataset) -> bool:
    syntax = (getattr(ds, "file_meta", None) or {}).get("TransferSyntaxUID")
    return not syntax.is_little_endian if syntax else False


def _reversed(value: bytes, size: int) -> bytes:
    usable = len(value) - len(value) % size
    swapped = bytearray(value)
    for position in range(size):
        swapped[position:usable:size] = value[size - 1 - position : usable : size]
    return bytes(swapped)
