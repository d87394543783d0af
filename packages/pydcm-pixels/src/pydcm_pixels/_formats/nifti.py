"""NIfTI-1 and NIfTI-2: ``.nii``, ``.nii.gz``, ``.hdr``/``.img``."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm.fileutil import write_atomically
from pydcm_pixels._formats.gzipped import compressed, inflated_start, read_gzip
from pydcm_pixels._formats.nifti_header import Header, code_of, quaternion_of

if TYPE_CHECKING:
    from os import PathLike

    from pydcm_pixels._volume.model import Volume

__all__ = ["from_nifti", "to_nifti"]

_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])  # to and from LPS
_VECTOR = 1007  # NIFTI_INTENT_VECTOR
_MAX_EXTENSIONS = 1 << 26


def to_nifti(
    volume: Volume,
    path: str | PathLike[str],
    *,
    version: int | None = None,
    flip_rows: bool = False,
    slope: float | None = None,
    intercept: float = 0.0,
    time_step: float | None = None,
    description: str = "",
    fields: dict[str, Any] | None = None,
    level: int = 1,
    overwrite: bool = True,
) -> None:
    """Write a volume as NIfTI.

    Voxels are written as they are, in their type; the affine goes to RAS, into sform and, unless it is sheared, qform.

    Parameters
    ----------
    volume : Volume
        Three or four dimensions; colours of 8 bits become RGB24 or RGBA32, others a vector of a fifth dimension.
    path : str or PathLike
        ``.nii``, or ``.nii.gz`` for compression, or ``.hdr`` or ``.img`` for a pair of files.
    version : {1, 2}, optional
        Of the format; by default 1, or 2 for more than 32767 voxels along an axis.
    flip_rows : bool, optional
        Store rows in reverse order, as dcm2niix does; positions stay what they are.
    slope, intercept : float, optional
        What readers are to apply to the voxels.
    time_step : float, optional
        Seconds between volumes; by default what ``volume.meta["time"]`` says.
    description : str, optional
        Up to 79 bytes of free text.
    fields : dict, optional
        Other fields of the header by their names in ``nifti1.h``.
    level : int, optional
        Of compression: 1 (fast) to 9 (small).
    overwrite : bool, optional
        ``False`` refuses to replace a file.

    Raises
    ------
    ValueError
        If the name says no format, or NIfTI has no such type of voxels.
    FileExistsError
        If there is something at `path` and `overwrite` is ``False``.
    """
    if flip_rows:
        volume = volume.flip("y")
    name = os.fspath(path)
    low = name.lower()
    gzipped = low.endswith(".gz")
    stem = low.removesuffix(".gz")
    if not stem.endswith((".nii", ".hdr", ".img")):
        raise ValueError(f"a NIfTI file's name ends in .nii, .nii.gz, .hdr or .img: {name}")
    array, lengths, code = _stored(volume)
    header = Header(version or (2 if max(lengths) > 32767 else 1), stem.endswith(".nii"))
    header.values = _values(volume, lengths, code, array.dtype.itemsize, time_step)
    header.values |= {
        "scl_slope": 1.0 if slope is None else slope,
        "scl_inter": intercept,
        "descrip": description.encode()[:79],
    } | (fields or {})
    extensions = _extension_bytes(volume.meta.get("extensions", ()))
    header.values["vox_offset"] = header.nbytes + len(extensions) if header.single else 0
    head = header.to_bytes() + extensions
    voxels = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    if header.single:
        _write(name, [head, voxels.data], gzipped, level, overwrite)
        return
    base = name.removesuffix(name[len(stem) :])[:-4]
    ending = name[len(stem) :]
    _write(f"{base}.img{ending}", [voxels.data], gzipped, level, overwrite)
    _write(f"{base}.hdr{ending}", [head], gzipped, level, overwrite)


def _write(name: str, pieces: list[Any], gzipped: bool, level: int, overwrite: bool) -> None:
    if gzipped:
        pieces = list(compressed(pieces, sum(map(len, pieces)), level))
    write_atomically(name, pieces, overwrite=overwrite)


def _stored(volume: Volume) -> tuple[np.ndarray, list[int], int]:
    """Return the voxels in the order of the file (the last axis fastest), lengths from x on, and the datatype."""
    array = volume.pixels
    if array.dtype == np.bool_:
        array = array.view(np.uint8)
    elif array.dtype == np.float16:
        array = array.astype(np.float32)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if not volume.axes.endswith("c"):
        return array, list(array.shape[::-1]), code_of(array.dtype)
    *outer, samples = array.shape
    if array.dtype == np.uint8 and samples in (3, 4):
        return array, outer[::-1], 128 if samples == 3 else 2304
    if len(outer) == 3:
        array = array[None]
    array = np.moveaxis(array, -1, 0)  # the vector is the slowest axis
    return array, list(array.shape[::-1]), code_of(array.dtype)


def _values(
    volume: Volume, lengths: list[int], code: int, itemsize: int, time_step: float | None
) -> dict[str, Any]:
    ras = _RAS @ volume.affine
    spacing = volume.spacing
    rotation = ras[:3, :3] / np.array(spacing)
    handed = -1.0 if np.linalg.det(rotation) < 0 else 1.0
    perpendicular = np.allclose(rotation.T @ rotation, np.eye(3), atol=1e-4)
    if time_step is None:
        time_step = _time_step(volume.meta.get("time"))
    bits = {128: 24, 2304: 32}.get(code, itemsize * 8)
    # The best rotation there is: readers that know only the qform should at least see the orientation
    u, _, vt = np.linalg.svd(rotation * (1, 1, handed))
    return {
        "dim": (len(lengths), *lengths, *[1] * (7 - len(lengths))),
        "datatype": code,
        "bitpix": bits,
        "pixdim": (handed, *spacing, time_step or (1.0 if len(lengths) > 3 else 0.0), 0, 0, 0),
        "xyzt_units": 2 + 8,
        "intent_code": _VECTOR if len(lengths) == 5 else 0,
        "qform_code": 1 if perpendicular else 0,
        "sform_code": 1,
        "quatern": quaternion_of(u @ vt),
        "qoffset": tuple(ras[:3, 3]),
        "srow": tuple(ras[:3].ravel()),
    }


def _time_step(times: Any) -> float | None:
    if times is None or len(times) < 2:
        return None
    return float(times[-1] - times[0]) / (len(times) - 1) or None


def _extension_bytes(extensions: Any) -> bytes:
    if not extensions:
        return bytes(4)
    parts = [b"\1\0\0\0"]
    for code, content in extensions:
        nbytes = -(-(len(content) + 8) // 16) * 16
        parts.append(struct.pack("<ii", nbytes, code) + bytes(content).ljust(nbytes - 8, b"\0"))
    joined = b"".join(parts)
    return joined + bytes(-(348 + len(joined)) % 16)


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
        Convert voxels to this type.

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

    name = os.fspath(path)
    head_name, image_name = _pair(name)
    with open(head_name, "rb") as stream:
        content = stream.read(1 << 16)
    header = Header.from_bytes(inflated_start(content, 1024))
    start = int(header.values["vox_offset"])
    if header.single:
        image_name = head_name
        start = max(start, header.nbytes)
    elif not os.path.exists(image_name):
        raise FileNotFoundError(f"the voxels of {head_name} should be in {image_name}, which is not there")
    shape = header.shape
    samples = header.samples
    count = samples
    for n in shape:
        count *= n
    nbytes = count * header.dtype.itemsize
    if start < 0 or start > _MAX_EXTENSIONS:
        raise ValueError(f"{name}: voxels cannot begin at byte {header.values['vox_offset']}")
    before, array = _voxels(image_name, start, nbytes, header.dtype)
    layout = shape[::-1] if samples == 1 else (*shape[::-1], samples)
    array = array.reshape(layout)
    array, axes = _arranged(array, samples, name)
    slope, intercept = header.values["scl_slope"], header.values["scl_inter"]
    if scale and np.isfinite(slope) and slope and (slope != 1 or intercept) and samples == 1:
        wide = array.dtype.itemsize > 4 or (array.dtype.kind in "iu" and array.dtype.itemsize > 2)
        array = array.astype(np.float64 if wide else np.float32) if array.dtype.kind != "c" else array
        array *= slope
        array += intercept if np.isfinite(intercept) else 0
    elif not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if dtype is not None:
        array = array.astype(dtype, copy=False)
    meta: dict[str, Any] = {"descrip": _text(header, "descrip"), "intent_code": header.values["intent_code"]}
    if axes[0] == "t" and header.time_step:
        offset = header.values["toffset"] or 0.0
        meta["time"] = [offset + i * header.time_step for i in range(array.shape[0])]
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
