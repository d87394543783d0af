"""What NRRD and MetaImage share: text headers in front of raw or compressed voxels."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm.fileutil import write_atomically
from pydcm_pixels._formats.gzipped import read_gzip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydcm_pixels._volume.model import Volume

__all__ = [
    "converted",
    "data_file",
    "in_patient_space",
    "numbers",
    "plain",
    "read_voxels",
    "write_pair",
]

_MOST = 1 << 40  # bytes that are refused whatever a header says


def plain(volume: Volume, what: str) -> np.ndarray:
    """Return the voxels in native byte order, C-contiguous, and of a type that both formats have.

    Raises
    ------
    ValueError
        If there is none, or if the volume has more axes than three and colours.
    """
    if volume.axes not in ("zyx", "zyxc", "tzyx"):
        raise ValueError(
            f"{what} holds [z, y, x], [t, z, y, x] or [z, y, x, c], not [{', '.join(volume.axes)}]"
        )
    array = volume.pixels
    if array.dtype == np.bool_:
        array = array.view(np.uint8)
    elif array.dtype == np.float16:
        array = array.astype(np.float32)
    if array.dtype.kind not in "iuf" or array.dtype.itemsize > 8:
        raise ValueError(f"{what} has no type for {array.dtype} voxels; use volume.pixels.astype() first")
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<"))


def converted(array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return numbers in another type; whole ones are rounded, and no value comes back from the other end."""
    if dtype.kind not in "iu" or array.dtype.kind not in "iuf" or np.can_cast(array.dtype, dtype):
        return array.astype(dtype, copy=False)
    info = np.iinfo(dtype)
    low, high = info.min, info.max
    if array.dtype.kind == "f":
        array = np.nan_to_num(np.rint(array), nan=0.0)
        with np.errstate(invalid="ignore"):  # the highest, rounded up, is set below
            result = np.clip(array, low, high).astype(dtype)
        result[array >= high] = high  # which a float may round up
        return result
    own = np.iinfo(array.dtype)
    return np.clip(array, max(low, own.min), min(high, own.max)).astype(dtype)


def numbers(text: str, count: int, what: str) -> list[float]:
    """Return the numbers in a header's line.

    Raises
    ------
    ValueError
        If there are not `count` of them.
    """
    try:
        found = [float(part) for part in text.split()]
    except ValueError:
        found = []
    if len(found) != count or not np.isfinite(found).all():
        raise ValueError(f"{what} should be {count} numbers, not {text[:80]!r}")
    return found


def write_pair(header: str, head: Iterable[Any], beside: str, voxels: Iterable[Any], overwrite: bool) -> None:
    """Write a header and the file of voxels beside it, the voxels first; neither if one is there and may not be replaced."""
    if not overwrite and os.path.exists(header):
        raise FileExistsError(f"{header} is there already")
    write_atomically(beside, voxels, overwrite=overwrite)
    write_atomically(header, head, overwrite=overwrite)


def data_file(header: str, named: str) -> str:
    """Return the path of the file of voxels that a header names: beside the header, and nowhere else.

    Raises
    ------
    ValueError
        If it is somewhere else.
    """
    if os.path.basename(named) != named or named in ("", ".", ".."):
        raise ValueError(f"{header} wants its voxels from {named!r}; only files in the same folder are read")
    return os.path.join(os.path.dirname(header), named)


def read_voxels(name: str, start: int, shape: tuple[int, ...], dtype: np.dtype, zipped: bool) -> np.ndarray:
    """Return the voxels from byte `start` of a file on, in native byte order.

    Raises
    ------
    ValueError
        If there are fewer than `shape` says.
    """
    count = 1
    for n in shape:
        count *= n
    nbytes = count * dtype.itemsize
    size = os.path.getsize(name)
    if not 0 < nbytes < _MOST:
        raise ValueError(f"{name}: {nbytes} bytes of voxels are not a volume")
    if not 0 <= start <= size:
        raise ValueError(f"{name} has {size} bytes, its voxels should be {nbytes} from byte {start} on")
    with open(name, "rb") as stream:
        stream.seek(start)
        if zipped:
            if nbytes > size * 1032 + 1024:
                raise ValueError(
                    f"{name}: {size} compressed bytes cannot hold the {nbytes} that the header promises"
                )
            array = np.empty(count, dtype)
            filled = read_gzip(stream, nbytes, size, array.view(np.uint8))
        else:
            if size - start < nbytes:
                raise ValueError(
                    f"{name} has {size - start} bytes of voxels, {nbytes} were promised by the header"
                )
            array = np.fromfile(stream, dtype, count)
            filled = array.nbytes
    if filled < nbytes:
        raise ValueError(f"{name} has {filled} bytes of voxels, {nbytes} were promised by the header")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return array.reshape(shape)


def in_patient_space(directions: Any, origin: Any, signs: tuple[int, int, int]) -> np.ndarray:
    """Return the LPS affine of step vectors (one row per axis x, y, z) and an origin in a space of `signs`."""
    affine = np.eye(4)
    affine[:3, :3] = (np.array(directions, np.float64) * signs).T
    affine[:3, 3] = np.array(origin, np.float64) * signs
    return affine
