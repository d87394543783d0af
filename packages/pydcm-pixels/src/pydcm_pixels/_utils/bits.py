"""1-bit pixel data and uncompressed YBR_FULL_422."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def pack_bits(arr: np.ndarray, pad: bool = True) -> bytes:
    """Return an array of zeros and ones as packed bits, the first value in the lowest bit (PS3.5 §8.1.1).

    Parameters
    ----------
    arr : numpy.ndarray
        Any shape; frames follow each other without padding.
    pad : bool, optional
        Whether to pad the result to an even number of bytes.

    Raises
    ------
    ValueError
        If the array holds anything but zeros and ones.
    """
    import numpy as np

    if arr.shape == (0,):
        return b""
    flat = arr.reshape(-1)
    if flat.dtype != bool and not ((flat == 0) | (flat == 1)).all():
        raise ValueError("Only binary arrays (containing ones or zeroes) can be packed.")
    packed: bytes = np.packbits(flat.astype("u1", copy=False), bitorder="little").tobytes()
    return packed + b"\x00" if pad and len(packed) % 2 else packed


def unpack_bits(src: bytes, as_array: bool = True) -> np.ndarray | bytes:
    """Return each bit of `src`, lowest first, as a byte 0 or 1.

    Parameters
    ----------
    src : bytes
        Packed bits.
    as_array : bool, optional
        ``True`` (default) for a flat uint8 array, ``False`` for :class:`bytes` (needs no NumPy).
    """
    from pydcm_pixels._core._bits import unpack

    if as_array:
        try:
            import numpy as np
        except ImportError:
            raise ValueError("unpack_bits() requires NumPy if 'as_array = True'") from None
        out: Any = np.empty(8 * len(src), dtype="u1")
    else:
        out = bytearray(8 * len(src))
    if len(src):
        unpack(src, out)
    return out if as_array else bytes(out)


def expand_ybr422(src: bytes, bits_allocated: int) -> bytes:
    """Return uncompressed YBR_FULL_422 (Y1 Y2 Cb Cr) as YBR_FULL, the chroma repeated.

    Parameters
    ----------
    src : bytes
        Whole pairs of pixels.
    bits_allocated : int
        8 or 16 (also 32, 64).
    """
    from pydcm_pixels._core._color import expand_422

    out = bytearray(len(src) // 2 * 3)
    code: Any = {8: "B", 16: "H", 32: "I", 64: "Q"}[bits_allocated]
    whole = len(src) // (bits_allocated // 2) * (bits_allocated // 2)
    if whole:
        target = memoryview(out)[: whole // 2 * 3].cast(code)
        expand_422(memoryview(src)[:whole].cast("B").cast(code), target)
    return bytes(out)
