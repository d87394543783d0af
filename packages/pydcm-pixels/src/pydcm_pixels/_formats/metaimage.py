"""MetaImage (ITK's format): ``.mha``, or ``.mhd`` with its voxels in a ``.raw`` or ``.zraw`` file beside it."""

from __future__ import annotations

import math
import os
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm.fileutil import write_atomically
from pydcm_pixels._formats.raw import (
    data_file,
    in_patient_space,
    numbers,
    plain,
    read_voxels,
    write_pair,
)
from pydcm_pixels._volume.geometry import OPPOSITE, times_of

if TYPE_CHECKING:
    from os import PathLike

    from pydcm_pixels._volume.model import Volume

__all__ = ["from_metaimage", "to_metaimage"]

_TYPES = {
    "i1": "MET_CHAR", "u1": "MET_UCHAR", "i2": "MET_SHORT", "u2": "MET_USHORT", "i4": "MET_INT", "u4": "MET_UINT",
    "i8": "MET_LONG_LONG", "u8": "MET_ULONG_LONG", "f4": "MET_FLOAT", "f8": "MET_DOUBLE",
}  # fmt: skip
_KINDS = {name: kind for kind, name in _TYPES.items()}
_HEADER = 1 << 16


def to_metaimage(
    volume: Volume,
    path: str | PathLike[str],
    *,
    compress: bool = False,
    level: int = 1,
    overwrite: bool = True,
) -> None:
    """Write a volume as MetaImage.

    Parameters
    ----------
    volume : Volume
        ``[z, y, x]``, ``[t, z, y, x]`` or ``[z, y, x, c]`` of whole or floating-point numbers.
    path : str or PathLike
        ``.mha`` for one file, ``.mhd`` for a header with the voxels beside it.
    compress : bool, optional
        Compress the voxels (zlib).
    level : int, optional
        Of compression: 1 (fast) to 9 (small).
    overwrite : bool, optional
        ``False`` refuses to replace a file.

    Raises
    ------
    ValueError
        If MetaImage has no such type or axes, or the name another ending.
    """
    name = os.fsdecode(path)
    base, ending = os.path.splitext(name)
    if ending.lower() not in (".mha", ".mhd"):
        raise ValueError(f"a MetaImage file's name ends in .mha or .mhd: {name}")
    array = plain(volume, "MetaImage")
    direction, origin, spacing = volume.direction, volume.affine[:3, 3], np.array(volume.spacing)
    lengths = array.shape[::-1]
    if volume.axes == "zyxc":
        lengths = lengths[1:]
    elif volume.axes == "tzyx":
        first, step = times_of(volume)
        direction = np.block([[direction, np.zeros((3, 1))], [np.zeros((1, 3)), np.ones((1, 1))]])
        origin, spacing = np.append(origin, first), np.append(spacing, step)
    voxels: Any = array.reshape(-1).view(np.uint8).data
    if compress:
        from imagecodecs import zlib_encode

        voxels = zlib_encode(voxels, level=level) if array.nbytes < 1 << 30 else zlib.compress(voxels, level)
    raw = f"{os.path.basename(base)}.{'zraw' if compress else 'raw'}"
    lines = [
        "ObjectType = Image",
        f"NDims = {len(lengths)}",
        "BinaryData = True",
        "BinaryDataByteOrderMSB = False",
        f"CompressedData = {compress}",
        *([f"CompressedDataSize = {len(voxels)}"] if compress else []),
        f"TransformMatrix = {_text(direction.T.ravel())}",
        f"Offset = {_text(origin)}",
        f"CenterOfRotation = {_text(np.zeros(len(lengths)))}",
        f"AnatomicalOrientation = {_anatomical(volume.axcodes)}",
        f"ElementSpacing = {_text(spacing)}",
        f"DimSize = {' '.join(map(str, lengths))}",
        *([f"ElementNumberOfChannels = {array.shape[-1]}"] if volume.axes == "zyxc" else []),
        f"ElementType = {_TYPES[array.dtype.str[1:]]}",
        f"ElementDataFile = {'LOCAL' if ending.lower() == '.mha' else raw}",
    ]
    header = ("\n".join(lines) + "\n").encode()
    if ending.lower() == ".mha":
        write_atomically(name, [header, voxels], overwrite=overwrite)
    else:
        write_pair(name, [header], os.path.join(os.path.dirname(name), raw), [voxels], overwrite)


def _text(values: Any) -> str:
    return " ".join(f"{value:.17g}" for value in values)


def _anatomical(axcodes: str) -> str:
    """Return where the axes come from, as MetaImage says it: RAI for axes that lead to LPS."""
    return axcodes.translate(OPPOSITE)


def from_metaimage(path: str | PathLike[str]) -> Volume:
    """Read a MetaImage file.

    Parameters
    ----------
    path : str or PathLike
        ``.mha``, or ``.mhd`` whose voxels are in one file of the same folder.

    Returns
    -------
    Volume
        ``[z, y, x]``, ``[t, z, y, x]`` or ``[z, y, x, c]`` in the file's type.

    Raises
    ------
    ValueError
        If it is no MetaImage file, or damaged.
    """
    from pydcm_pixels._volume.model import Volume

    name = os.fsdecode(path)
    fields, start = _header(name)
    rank = int(fields.get("ndims", "0")) if fields.get("ndims", "0").isdigit() else 0
    kind = _KINDS.get(fields.get("elementtype", "").removesuffix("_ARRAY"))
    if rank not in (3, 4) or kind is None:
        raise ValueError(f"{name}: {rank} dimensions of type {fields.get('elementtype')!r} are not a volume")
    lengths = [int(n) for n in numbers(fields.get("dimsize", ""), rank, "DimSize")]
    (channels,) = map(int, numbers(fields.get("elementnumberofchannels", "1"), 1, "ElementNumberOfChannels"))
    matrix = np.eye(rank).ravel()
    for key in ("transformmatrix", "orientation", "rotation"):
        if key in fields:
            matrix = np.array(numbers(fields[key], rank * rank, key))
    origin = [0.0] * rank
    for key in ("offset", "origin", "position"):
        if key in fields:
            origin = numbers(fields[key], rank, key)
    spacing = numbers(
        fields.get("elementspacing", fields.get("elementsize", " ".join("1" * rank))), rank, "ElementSpacing"
    )
    steps = matrix.reshape(rank, rank)[:3, :3] * np.array(spacing[:3])[:, None]
    affine = in_patient_space(steps, origin[:3], (1, 1, 1))
    big = _is_true(fields, "binarydatabyteordermsb", "elementbyteordermsb")
    named = fields.get("elementdatafile", "")
    source, first = name, start
    if named.upper() == "LIST" or "%" in named:
        raise ValueError(f"{name}: voxels in several files ({named!r}) cannot be read")
    if named.upper() != "LOCAL":
        source, first = data_file(name, named), _skipped(fields, name)
    if min(lengths) < 1 or not 1 <= channels <= 64:
        raise ValueError(f"{name}: DimSize {lengths} of {channels} channels are not a volume")
    shape = tuple(lengths[::-1]) + ((channels,) if channels > 1 else ())
    zipped = _is_true(fields, "compresseddata")
    if "binarydata" in fields and not _is_true(fields, "binarydata"):
        raise ValueError(f"{name}: voxels written as text cannot be read, only binary ones")
    dtype = np.dtype((">" if big else "<") + kind)
    if first < 0:  # the voxels are what the file ends with
        first = max(os.path.getsize(source) - math.prod(shape) * dtype.itemsize, 0)
    array = read_voxels(source, first, shape, dtype, zipped)
    axes = ("t" if rank == 4 else "") + "zyx" + ("c" if channels > 1 else "")
    meta = {"time": [origin[3] + i * spacing[3] for i in range(lengths[3])]} if rank == 4 else {}
    return Volume(array, affine, axes=axes, meta=meta)


def _is_true(fields: dict[str, str], *names: str) -> bool:
    """Return whether the first of these fields that is there is true: True, T or 1 (metaIO looks at the first letter)."""
    value = next((fields[name] for name in names if name in fields), "")
    return value[:1] in ("T", "t", "1")


def _skipped(fields: dict[str, str], name: str) -> int:
    """Return how many bytes of the file of voxels come before them; -1 is for all but the voxels."""
    text = fields.get("headersize", "0")
    try:
        return max(int(text), -1)
    except ValueError:
        raise ValueError(f"{name}: HeaderSize is a number of bytes, not {text[:80]!r}") from None


def _header(name: str) -> tuple[dict[str, str], int]:
    with open(name, "rb") as stream:
        content = stream.read(_HEADER)
    fields: dict[str, str] = {}
    position = 0
    while position < len(content):
        end = content.find(b"\n", position)
        end = len(content) if end < 0 else end
        key, mark, value = content[position:end].decode("latin-1").partition("=")
        position = end + 1
        if not mark:
            break
        fields[key.strip().lower()] = value.strip()
        if key.strip().lower() == "elementdatafile":
            return fields, position
    raise ValueError(f"{name} is no MetaImage file: there is no line 'ElementDataFile = …'")
