"""NIfTI written: volumes, and volumes that come part by part."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm.fileutil import write_atomically
from pydcm_pixels._formats.gzipped import compressed
from pydcm_pixels._formats.nifti_header import FIELDS, Header, code_of, quaternion_of
from pydcm_pixels._formats.raw import write_pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from os import PathLike

    from pydcm_pixels._volume.model import Volume

__all__ = ["empty_like", "stream_nifti", "to_nifti", "write_nifti"]

_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])  # to and from LPS
_LABEL, _VECTOR = 1002, 1007  # NIFTI_INTENT_LABEL, NIFTI_INTENT_VECTOR
_VECTORS = (1006, _VECTOR)  # displacements are vectors too
_NEARLY = 2e-3  # cosine between axes that are taken for orthogonal: cosines of three digits in a series are that exact
_WHOLE = 1 << 26  # bytes that are compressed at once


def to_nifti(
    volume: Volume,
    path: str | PathLike[str],
    *,
    version: int | None = None,
    flip_rows: bool = False,
    slope: float | None = None,
    intercept: float = 0.0,
    time_step: float | None = None,
    description: str | None = None,
    fields: dict[str, Any] | None = None,
    level: int = 1,
    overwrite: bool = True,
) -> None:
    """Write a volume as NIfTI.

    Voxels are written as they are, in their type; the affine goes to RAS, into sform and, unless it is sheared by more than
    0.1 degrees, qform (the nearest that qform can say: ITK reads nothing else of an affine that is not quite orthogonal).

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
        Seconds between volumes, 0 if they are not known; by default what ``volume.meta["time"]`` says, or 1.
    description : str, optional
        Up to 79 bytes of free text; by default what a volume read from NIfTI came with.
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
    name = os.fsdecode(path)
    low = name.lower()
    gzipped = low.endswith(".gz")
    stem = low.removesuffix(".gz")
    if not stem.endswith((".nii", ".hdr", ".img")):
        raise ValueError(f"a NIfTI file's name ends in .nii, .nii.gz, .hdr or .img: {name}")
    if version not in (None, 1, 2) or level not in range(10):
        raise ValueError(f"version is 1 or 2, level 0 to 9, not {version!r} and {level!r}")
    if not volume.pixels.size:
        raise ValueError(f"there are no voxels to write: {volume!r}")
    array, lengths, code = _stored(volume)
    values = {
        "scl_slope": 1.0 if slope is None else slope,
        "scl_inter": intercept,
        "descrip": _bytes(volume.meta.get("descrip") if description is None else description),
    } | _checked_fields(fields or {})
    single = stem.endswith(".nii")
    head = _head(volume, lengths, code, array.dtype.itemsize, values, version, single, time_step)
    voxels = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    if single:
        _write(name, [head, voxels.data], gzipped, level, overwrite)
        return
    base = name.removesuffix(name[len(stem) :])[:-4]
    ending = name[len(stem) :]
    if not gzipped:
        write_pair(f"{base}.hdr", [head], f"{base}.img", [voxels.data], overwrite)
        return
    zipped = [[_Later(compressed([piece], len(piece), level))] for piece in (head, voxels.data)]
    write_pair(f"{base}.hdr{ending}", zipped[0], f"{base}.img{ending}", zipped[1], overwrite)


def stream_nifti(
    plan: Volume,
    parts: Iterable[np.ndarray],
    path: str,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    time_step: float | None = None,
    fields: dict[str, Any] | None = None,
    level: int = 1,
    overwrite: bool = True,
) -> None:
    """Write a volume that comes part by part; rows are stored in reverse order.

    Parameters
    ----------
    plan : Volume
        Has the shape, type of voxels and affine of the whole, with rows in the order in which the parts have them. Its
        voxels are not looked at; see :func:`empty_like`.
    parts : iterable of numpy.ndarray
        ``[frame, y, x]`` or ``[frame, y, x, c]`` with 8-bit red, green and blue: the frames in order, z before t.
    path : str
        ``.nii`` or ``.nii.gz``.
    slope, intercept, time_step, fields, level, overwrite
        As for :func:`to_nifti`.
    """
    flipped = plan.flip("y")
    shape = flipped.pixels.shape
    colour = plan.axes.endswith("c")
    if colour and (plan.pixels.dtype != np.uint8 or shape[-1] not in (3, 4)):
        raise ValueError("colours are written part by part as three or four times 8 bits only")
    lengths = list((shape[:-1] if colour else shape)[::-1])
    code = (128 if shape[-1] == 3 else 2304) if colour else code_of(plan.pixels.dtype)
    values = {"scl_slope": slope, "scl_inter": intercept} | (fields or {})
    head = _head(flipped, lengths, code, plan.pixels.dtype.itemsize, values, None, True, time_step)
    nbytes = len(head) + plan.pixels.nbytes
    pieces: Any = _flipped(head, parts)
    if path.lower().endswith(".gz"):
        pieces = compressed(pieces, nbytes, level, whole=_WHOLE)
    write_atomically(path, [_Later(pieces)], overwrite=overwrite)


def empty_like(shape: tuple[int, ...], dtype: Any, affine: np.ndarray, axes: str) -> Volume:
    """Return a volume without memory for its voxels, a plan for :func:`stream_nifti`."""
    from pydcm_pixels._volume.model import Volume

    return Volume(np.broadcast_to(np.zeros((), dtype), shape), affine, axes=axes)


def write_nifti(
    path: str,
    samples: np.ndarray,
    values: dict[str, Any],
    *,
    extensions: Iterable[tuple[int, bytes]] = (),
    level: int = 1,
) -> None:
    """Write an array that is no volume, with the fields of its header as they are given.

    Parameters
    ----------
    path : str
        ``.nii`` or ``.nii.gz``.
    samples : numpy.ndarray
        The axis that is first in the file is last here.
    values : dict
        Fields by their names in ``nifti1.h``; sizes, type and offset are filled in.
    extensions : iterable of (int, bytes), optional
        Codes and contents.
    level : int, optional
        Of compression.
    """
    lengths = samples.shape[::-1]
    header = Header(2 if max(lengths) > 32767 else 1)
    size = {
        "dim": (len(lengths), *lengths, *[1] * (7 - len(lengths))),
        "datatype": code_of(samples.dtype),
        "bitpix": samples.dtype.itemsize * 8,
    }
    block = _extension_bytes(extensions)
    header.values = values | size | {"vox_offset": header.nbytes + len(block)}
    voxels = np.ascontiguousarray(samples).reshape(-1).view(np.uint8)
    _write(path, [header.to_bytes() + block, voxels.data], path.lower().endswith(".gz"), level, True)


class _Later:
    """Pieces of a file that are made while it is written."""

    def __init__(self, pieces: Iterable[Any]) -> None:
        self._pieces = pieces

    def chunks(self) -> Iterable[Any]:
        """Return the pieces."""
        return self._pieces


def _flipped(head: bytes, parts: Iterable[np.ndarray]) -> Iterator[Any]:
    yield head
    for part in parts:
        yield part[:, ::-1].copy(order="C").reshape(-1).view(np.uint8).data


def _head(
    volume: Volume,
    lengths: list[int],
    code: int,
    itemsize: int,
    values: dict[str, Any],
    version: int | None,
    single: bool,
    time_step: float | None,
) -> bytes:
    """Return the header with its extensions."""
    header = Header(version or (2 if max(lengths) > 32767 else 1), single)
    header.values = _values(volume, lengths, code, itemsize, time_step)
    header.values |= values
    extensions = _extension_bytes(volume.meta.get("extensions", ()))
    header.values["vox_offset"] = header.nbytes + len(extensions) if header.single else 0
    return header.to_bytes() + extensions


def _write(name: str, pieces: list[Any], gzipped: bool, level: int, overwrite: bool) -> None:
    nbytes = sum(map(len, pieces))
    if gzipped:
        pieces = [_Later(compressed(pieces, nbytes, level))]
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
    perpendicular = np.allclose(rotation.T @ rotation, np.eye(3), atol=_NEARLY)
    times, first = volume.meta.get("time"), 0.0
    if time_step is None and times is not None and len(times) > 1:
        time_step, first = float(times[-1] - times[0]) / (len(times) - 1) or None, float(times[0])
    vector = len(lengths) == 5
    intent = volume.meta.get("intent_code")
    if (
        intent not in _VECTORS if vector else intent != _LABEL
    ):  # others need parameters, or are of other voxels
        intent = _VECTOR if vector else 0
    bits = {128: 24, 2304: 32}.get(code, itemsize * 8)
    # The best rotation there is: readers that know only the qform should at least see the orientation
    u, _, vt = np.linalg.svd(rotation * (1, 1, handed))
    return {
        "dim": (len(lengths), *lengths, *[1] * (7 - len(lengths))),
        "datatype": code,
        "bitpix": bits,
        "pixdim": (handed, *spacing, float(len(lengths) > 3) if time_step is None else time_step, 0, 0, 0),
        "xyzt_units": 2 + 8,
        "toffset": first,
        "intent_code": intent,
        "qform_code": 1 if perpendicular else 0,
        "sform_code": 1,
        "quatern": quaternion_of(u @ vt),
        "qoffset": tuple(ras[:3, 3]),
        "srow": tuple(ras[:3].ravel()),
    }


def _bytes(text: Any) -> bytes:
    """Return as much of a text as *descrip* holds, in whole characters."""
    return text.encode()[:79].decode(errors="ignore").encode() if isinstance(text, str) else b""


def _checked_fields(fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(fields.keys() - FIELDS):
        raise ValueError(f"a NIfTI header has no field {unknown[0]!r}; there are {', '.join(sorted(FIELDS))}")
    return {name: value.encode() if isinstance(value, str) else value for name, value in fields.items()}


def _extension_bytes(extensions: Any) -> bytes:
    if not extensions:
        return bytes(4)
    parts = [b"\1\0\0\0"]
    for code, content in extensions:
        nbytes = -(-(len(content) + 8) // 16) * 16
        parts.append(struct.pack("<ii", nbytes, code) + bytes(content).ljust(nbytes - 8, b"\0"))
    joined = b"".join(parts)
    return joined + bytes(-(348 + len(joined)) % 16)
