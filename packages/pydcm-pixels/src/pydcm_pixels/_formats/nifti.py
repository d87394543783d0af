"""NIfTI-1 and NIfTI-2: ``.nii``, ``.nii.gz``, ``.hdr``/``.img``."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._formats.gzipped import inflated_start, read_gzip
from pydcm_pixels._formats.nifti_header import Header
from pydcm_pixels._formats.nifti_write import to_nifti
from pydcm_pixels._formats.raw import converted

if TYPE_CHECKING:
    from os import PathLike

    from pydcm_pixels._volume.model import Volume

__all__ = ["from_nifti", "to_nifti"]

_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])  # to and from LPS
_HEADER = 1 << 20  # bytes read of a header and the extensions in front of, or instead of, voxels
_MAX_EXTENSIONS = 1 << 26


def from_nifti(path: str | PathLike[str], *, scale: bool = True, dtype: Any = None) -> Volume:
    """Read a NIfTI file.

    Parameters
    ----------
    path : str or PathLike
        ``.nii``, ``.hdr`` or ``.img``, compressed or not; its content says which, not its name. Either byte order,
        NIfTI-1 or -2.
    scale : bool, optional
        Apply the header's slope and intercept, if they are any. Without either voxels keep the file's type, with them they
        become float32 (float64 from 32-bit integers and doubles on).
    dtype : dtype, optional
        Convert voxels to this type. Whole numbers are rounded, and values that they cannot hold become the nearest one.

    Returns
    -------
    Volume
        ``[z, y, x]`` or ``[t, z, y, x]``, colours last; in patient space (LPS, mm). ``meta`` has the time of each volume
        (``"time"``, seconds), ``"descrip"``, ``"intent_code"``, ``"extensions"``.

    Raises
    ------
    ValueError
        If it is no NIfTI file, or damaged.
    """
    from pydcm_pixels._volume.model import Volume

    name = os.fsdecode(path)
    head_name, image_name = _pair(name)
    with open(head_name, "rb") as stream:
        content = stream.read(1 << 16)
    try:
        header = Header.from_bytes(inflated_start(content, 1024))
    except ValueError as exc:
        raise ValueError(f"{head_name}: {exc}") from None
    offset = header.values["vox_offset"]
    if not 0 <= offset <= _MAX_EXTENSIONS:
        raise ValueError(f"{name}: voxels cannot begin at byte {offset}")
    start = int(offset)
    if header.single:
        image_name = head_name
        # less than the header is no offset: voxels follow the four bytes that say whether there are extensions
        start = start if start >= header.nbytes else header.nbytes + 4
    elif not os.path.exists(image_name):
        raise FileNotFoundError(f"the voxels of {head_name} should be in {image_name}, which is not there")
    shape = header.shape
    samples = header.samples
    count = samples
    for n in shape:
        count *= n
    nbytes = count * header.dtype.itemsize
    before, array = _voxels(image_name, start, nbytes, header.dtype)
    if not header.single:
        before = inflated_start(content, _HEADER)
    layout = shape[::-1] if samples == 1 else (*shape[::-1], samples)
    array = array.reshape(layout)
    array, axes = _arranged(array, samples, name)
    slope, intercept = header.values["scl_slope"], header.values["scl_inter"]
    if scale and np.isfinite(slope) and slope and (slope != 1 or intercept) and samples == 1:
        wide = array.dtype.itemsize > 4 or (array.dtype.kind in "iu" and array.dtype.itemsize > 2)
        real = np.dtype(np.float64 if wide else np.float32)
        array = array.astype(array.dtype.newbyteorder("=") if array.dtype.kind == "c" else real)
        array *= slope
        array += intercept if np.isfinite(intercept) else 0
    elif not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if dtype is not None:
        array = converted(array, np.dtype(dtype))
    meta: dict[str, Any] = {"descrip": _text(header, "descrip"), "intent_code": header.values["intent_code"]}
    if axes[0] == "t" and header.time_step:
        first = header.values["toffset"] * (header.time_unit or 0.0)
        first = first if np.isfinite(first) else 0.0
        meta["time"] = [first + i * header.time_step for i in range(array.shape[0])]
    if found := _extensions(before[header.nbytes :], header.order):
        meta["extensions"] = found
    return Volume(array, _RAS @ header.affine, axes=axes, meta=meta)


def _text(header: Header, name: str) -> str:
    return header.values[name].partition(b"\0")[0].decode("utf-8", "replace")


def _pair(name: str) -> tuple[str, str]:
    """Return the names of header and voxels."""
    low = name.lower()
    for ending in (".gz", ""):
        for mine, other in ((".hdr", ".img"), (".img", ".hdr")):
            if low.endswith(mine + ending):
                partner = name[: len(name) - len(mine + ending)] + other + name[len(name) - len(ending) :]
                return (name, partner) if mine == ".hdr" else (partner, name)
    return name, name


def _voxels(name: str, start: int, nbytes: int, dtype: np.dtype) -> tuple[bytes, np.ndarray]:
    """Return what is in front of the voxels, and them as one row of numbers."""
    size = os.path.getsize(name)
    with open(name, "rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        if zipped:
            # allocated only after its size was found possible
            if start + nbytes > size * 1032 + 1024:
                raise ValueError(
                    f"{name}: {size} compressed bytes cannot hold the {start + nbytes} that the header promises"
                )
            whole = np.empty(start + nbytes, np.uint8)
            filled = read_gzip(stream, start + nbytes, size, whole)
            if filled < start + nbytes:
                raise ValueError(
                    f"{name} ends after {filled} bytes, {start + nbytes} were promised by the header"
                )
            before = whole[:start].tobytes()
            data = whole[start:]
            if start % dtype.itemsize:
                data = data.copy()  # aligned
            return before, data.view(dtype)
        if size < start + nbytes:
            raise ValueError(f"{name} has {size} bytes, {start + nbytes} were promised by the header")
        before = stream.read(start)
        array = np.fromfile(stream, dtype, nbytes // dtype.itemsize)
    return before, array


def _arranged(array: np.ndarray, samples: int, name: str) -> tuple[np.ndarray, str]:
    """Return the voxels with axes that a volume can have."""
    if samples > 1:
        if array.ndim in (4, 5):
            return array, "zyxc" if array.ndim == 4 else "tzyxc"
    elif array.ndim == 3:
        return array, "zyx"
    elif array.ndim == 4:
        return array, "tzyx"
    elif array.ndim == 5:  # a vector: the slowest axis of the file, the last one here
        array = np.moveaxis(array, 0, -1)
        return (array[0], "zyxc") if array.shape[0] == 1 else (array, "tzyxc")
    raise ValueError(f"{name}: {array.ndim} dimensions are more than a volume has")


def _extensions(content: bytes, order: str) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    if len(content) < 12 or not content[0]:
        return found
    position = 4
    while position + 8 <= len(content):
        nbytes, code = struct.unpack_from(order + "ii", content, position)
        if nbytes < 16 or nbytes % 16 or position + nbytes > len(content):
            break
        found.append((code, content[position + 8 : position + nbytes]))
        position += nbytes
    return found
