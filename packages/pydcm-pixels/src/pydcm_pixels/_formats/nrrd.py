"""NRRD ("nearly raw raster data", https://teem.sourceforge.net/nrrd/format.html): ``.nrrd``, or ``.nhdr`` with its voxels beside it."""

from __future__ import annotations

import math
import os
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm.fileutil import write_atomically
from pydcm_pixels._formats.gzipped import compressed
from pydcm_pixels._formats.raw import (
    data_file,
    in_patient_space,
    numbers,
    plain,
    read_voxels,
    write_pair,
)
from pydcm_pixels._volume.geometry import times_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from pydcm_pixels._volume.model import Volume

__all__ = ["from_nrrd", "to_nrrd"]

_TYPES = {
    "i1": ("int8", "signed char", "int8_t"),
    "u1": ("uint8", "uchar", "unsigned char", "uint8_t"),
    "i2": ("int16", "short", "short int", "signed short", "signed short int", "int16_t"),
    "u2": ("uint16", "ushort", "unsigned short", "unsigned short int", "uint16_t"),
    "i4": ("int32", "int", "signed int", "int32_t"),
    "u4": ("uint32", "uint", "unsigned int", "uint32_t"),
    "i8": (
        "int64",
        "longlong",
        "long long",
        "long long int",
        "signed long long",
        "signed long long int",
        "int64_t",
    ),
    "u8": ("uint64", "ulonglong", "unsigned long long", "unsigned long long int", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_KINDS = {name: kind for kind, names in _TYPES.items() for name in names}
# What positive numbers along the space's axes mean, as signs on the way to LPS
_SPACES = {
    "left-posterior-superior": (1, 1, 1), "lps": (1, 1, 1), "right-anterior-superior": (-1, -1, 1), "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1), "las": (1, -1, 1),
}  # fmt: skip
_LENGTHS = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 1e-3, "micron": 1e-3, "microns": 1e-3}
_SECONDS = {"ms": 1e-3, "us": 1e-6, "min": 60.0}  # other units are taken for seconds
_HEADER = 1 << 20


def to_nrrd(
    volume: Volume,
    path: str | PathLike[str],
    *,
    compress: bool = True,
    level: int = 1,
    overwrite: bool = True,
) -> None:
    """Write a volume as NRRD, space directions and origin in LPS.

    Parameters
    ----------
    volume : Volume
        ``[z, y, x]``, ``[t, z, y, x]`` or ``[z, y, x, c]`` of whole or floating-point numbers.
    path : str or PathLike
        ``.nrrd`` for one file, ``.nhdr`` for a header with the voxels beside it, in ``.raw`` or ``.raw.gz``.
    compress : bool, optional
        Write with gzip encoding.
    level : int, optional
        Of compression: 1 (fast) to 9 (small).
    overwrite : bool, optional
        ``False`` refuses to replace a file.

    Raises
    ------
    ValueError
        If NRRD has no such type or axes, or the name another ending.
    """
    name = os.fsdecode(path)
    base, ending = os.path.splitext(name)
    if ending.lower() not in (".nrrd", ".nhdr"):
        raise ValueError(f"an NRRD file's name ends in .nrrd or .nhdr: {name}")
    beside = f"{base}.raw.gz" if compress else f"{base}.raw"
    array = plain(volume, "NRRD")
    steps = ["(" + ",".join(f"{value:.17g}" for value in column) + ")" for column in volume.affine[:3, :3].T]
    kinds = ["domain"] * 3
    if volume.axes == "zyxc":
        steps.insert(0, "none")
        kinds.insert(0, "vector")
    elif volume.axes == "tzyx":
        steps.append("none")
        kinds.append("list")
    origin = ",".join(f"{value:.17g}" for value in volume.affine[:3, 3])
    lines = [
        "NRRD0005",
        f"type: {_TYPES[array.dtype.str[1:]][0]}",
        f"dimension: {array.ndim}",
        "space: left-posterior-superior",
        f"sizes: {' '.join(map(str, array.shape[::-1]))}",
        f"space directions: {' '.join(steps)}",
        f"kinds: {' '.join(kinds)}",
        *_time_lines(volume),
        *(["endian: little"] if array.dtype.itemsize > 1 else []),
        f"encoding: {'gzip' if compress else 'raw'}",
        f"space origin: ({origin})",
        *([f"data file: {os.path.basename(beside)}"] if ending.lower() == ".nhdr" else []),
    ]
    voxels: Any = [array.reshape(-1).view(np.uint8).data]
    if compress:
        voxels = compressed(voxels, array.nbytes, level)
    header = ("\n".join(lines) + "\n\n").encode()
    if ending.lower() == ".nrrd":
        write_atomically(name, [header, *voxels], overwrite=overwrite)
        return
    write_pair(name, [header], beside, voxels, overwrite)


def _time_lines(volume: Volume) -> list[str]:
    """Return the lines that say when the volumes of a 4-D one are."""
    times = volume.meta.get("time")
    if volume.axes[0] != "t" or times is None or len(times) < 2:
        return []
    first, step = times_of(volume)
    return [
        f"spacings: nan nan nan {step:.17g}",
        f"axis mins: nan nan nan {first:.17g}",
        'units: "" "" "" "s"',
    ]


def _first_samples(fields: dict[str, str], directions: Sequence[Any]) -> np.ndarray:
    """Return where the first sample of each spatial axis is, from *axis mins*: in a cell's middle, or on a node."""
    count = len(directions)
    mins = fields.get("axis mins", fields.get("axismins", "")).split()
    centres = fields.get("centerings", fields.get("centers", "")).lower().split()
    if len(mins) != count:
        return np.zeros(3)
    where = [at for at, step in enumerate(directions) if step is not None]
    firsts = np.array(numbers(" ".join(mins[at] for at in where), 3, "axis mins"))
    nodes = [len(centres) == count and centres[at] == "node" for at in where]
    return firsts + [
        0.0 if node else float(np.linalg.norm(directions[at])) / 2
        for node, at in zip(nodes, where, strict=True)
    ]


def _times(
    fields: dict[str, str], directions: Sequence[Any], origin: np.ndarray, count: int
) -> list[float] | None:
    """Return when the volumes of a 4-D file are, if it says so: the fourth number of its vectors, or the last of its axes."""
    if len(origin) == 4:
        first, step = float(origin[3]), max(float(one[3]) for one in directions if one is not None)
    else:
        try:
            first, step = (float(fields.get(name, "nan").split()[-1]) for name in ("axis mins", "spacings"))
        except (ValueError, IndexError):
            return None
        first = first if math.isfinite(first) else 0.0
    units = re.findall(r'"([^"]*)"', fields.get("units", ""))
    step, first = (one * _SECONDS.get(units[-1] if units else "", 1.0) for one in (step, first))
    return [first + i * step for i in range(count)] if math.isfinite(step) and step > 0 else None


def from_nrrd(path: str | PathLike[str]) -> Volume:
    """Read an NRRD file.

    Parameters
    ----------
    path : str or PathLike
        ``.nrrd``, or ``.nhdr`` whose voxels are in one file of the same folder; raw or gzip encoding.

    Returns
    -------
    Volume
        ``[z, y, x]``, ``[t, z, y, x]`` or ``[z, y, x, c]`` in the file's type; key/value pairs are in ``meta``.

    Raises
    ------
    ValueError
        If it is no NRRD file, damaged, or of a kind that is not a volume in patient space.
    """
    from pydcm_pixels._volume.model import Volume

    name = os.fsdecode(path)
    fields, meta, start = _header(name)
    kind = _KINDS.get(fields.get("type", "").lower())
    if kind is None:
        raise ValueError(f"{name}: voxels of type {fields.get('type')!r} cannot be read")
    encoding = fields.get("encoding", "").lower()
    if encoding not in ("raw", "gzip", "gz"):
        raise ValueError(f"{name}: encoding {encoding!r} cannot be read; raw and gzip can")
    sizes = [int(n) for n in numbers(fields.get("sizes", ""), len(fields.get("sizes", "").split()), "sizes")]
    if not 3 <= len(sizes) <= 4 or min(sizes) < 1:
        raise ValueError(f"{name}: sizes {sizes} are not a volume")
    space = fields.get("space", "left-posterior-superior").lower()
    rank = 4 if space.endswith("-time") or fields.get("space dimension") == "4" else 3
    directions = _vectors(fields.get("space directions", ""), rank)
    if not directions and (spacings := fields.get("spacings")):
        directions = [np.eye(3)[i] * float(step) for i, step in enumerate(spacings.split()[-3:])]
        directions = [None] * (len(sizes) - 3) + directions
    stepping = directions
    if rank == 4:  # the axis along the fourth direction is time, and no direction in space
        directions = [None if step is None or not step[:3].any() else step for step in directions]
        if any(step is not None and step[3] for step in directions):
            raise ValueError(
                f"{name}: axes lead through space and time at once: {fields.get('space directions')!r}"
            )
        directions = [step if step is None else step[:3] for step in directions]
    if len(directions) != len(sizes) or sum(step is not None for step in directions) != 3:
        raise ValueError(f"{name}: three axes need a direction in space: {fields.get('space directions')!r}")
    where = [step is None for step in directions]
    first_kind = fields.get("kinds", "").lower().partition(" ")[0]
    axes = "zyx" if len(sizes) == 3 else "zyxc" if where[0] else "tzyx" if where[-1] else ""
    if not axes:
        raise ValueError(f"{name}: the axis without a direction is neither the first nor the last")
    origins = _vectors(fields.get("space origin", ""), rank)
    origin = next((one for one in origins if one is not None), np.zeros(rank))
    if not origins and "space directions" not in fields:
        origin = _first_samples(fields, directions)
    space = space.removesuffix("-time")
    if space not in _SPACES:
        raise ValueError(f"{name}: the space {space!r} is not the patient's")
    unit = _unit(fields.get("space units", ""), name)
    affine = in_patient_space([step for step in directions if step is not None], origin[:3], _SPACES[space])
    affine[:3] *= unit
    dtype = np.dtype((">" if fields.get("endian", "little").lower() == "big" else "<") + kind)
    source, first = name, start
    if named := fields.get("data file", fields.get("datafile")):
        if named.split()[0] == "LIST" or "%" in named:
            raise ValueError(f"{name}: voxels in several files ({named!r}) cannot be read")
        source, first = data_file(name, named), 0
    lines, skip = (_count(fields, f"{what} skip", name) for what in ("line", "byte"))
    if encoding != "raw" and (lines or skip):
        raise ValueError(f"{name}: compressed voxels behind {lines} lines and {skip} bytes cannot be read")
    if skip < 0:
        first = os.path.getsize(source) - math.prod(sizes) * dtype.itemsize
    else:
        first = _behind_lines(source, first, lines) + skip
    array = read_voxels(source, first, tuple(sizes[::-1]), dtype, encoding != "raw")
    if axes == "zyxc" and first_kind in (
        "list",
        "time",
    ):  # volumes, of which each voxel has the numbers side by side
        array, axes = np.moveaxis(array, -1, 0), "tzyx"
    if axes == "tzyx" and (times := _times(fields, stepping, origin, array.shape[0])):
        meta["time"] = times
    return Volume(array, affine, axes=axes, meta=meta)


def _count(fields: dict[str, str], what: str, name: str) -> int:
    """Return how many lines or bytes are to be skipped; only for bytes there is -1."""
    text = fields.get(what, fields.get(what.replace(" ", ""), "0"))
    if not text.lstrip("-").isdigit() or int(text) < (-1 if what.startswith("byte") else 0):
        raise ValueError(f"{name}: {what} is a number, not {text[:80]!r}")
    return int(text)


def _behind_lines(name: str, start: int, count: int) -> int:
    """Return where `count` lines from `start` on end."""
    with open(name, "rb") as stream:
        stream.seek(start)
        for _ in range(count):
            if not stream.readline(_HEADER):
                raise ValueError(f"{name} has not the {count} lines that are to be skipped")
        return stream.tell()


def _unit(text: str, name: str) -> float:
    """Return how many mm the unit of space is; mm if the header does not say."""
    units = {part for part in text.replace('"', " ").split() if part != "???"}
    if not units:
        return 1.0
    if len(units) > 1 or not units <= _LENGTHS.keys():
        raise ValueError(f"{name}: the unit of space is one of {', '.join(_LENGTHS)}, not {text[:80]!r}")
    return _LENGTHS[units.pop()]


def _header(name: str) -> tuple[dict[str, str], dict[str, Any], int]:
    with open(name, "rb") as stream:
        content = stream.read(_HEADER)
    if not content.startswith(b"NRRD000"):
        raise ValueError(f"{name} is no NRRD file: it begins with {content[:8]!r}")
    unix, dos = content.find(b"\n\n"), content.find(b"\r\n\r\n")
    end, gap = (dos, 4) if dos >= 0 and (unix < 0 or dos < unix) else (unix, 2)
    if end < 0:  # a detached header may end with the file
        end, gap = len(content), 0
    fields: dict[str, str] = {}
    meta: dict[str, Any] = {}
    for line in content[:end].decode("utf-8", "replace").splitlines()[1:]:
        if line.startswith("#"):
            continue
        key, mark, value = line.partition(":=")
        if mark and ": " not in key:
            meta[key] = value
            continue
        key, _, value = line.partition(":")
        fields[key.strip().lower()] = value.strip()
    return fields, meta, end + gap


def _vectors(text: str, rank: int) -> list[Any]:
    """Return the vectors of `rank` numbers in ``(1,0,0) none (0,1,0)``; ``None`` for "none"."""
    found: list[Any] = []
    for part in text.replace("(", " (").replace(")", ") ").split(") "):
        for piece in part.split("("):
            piece = piece.strip(" )")
            if "," in piece:
                found.append(np.array(numbers(piece.replace(",", " "), rank, "a vector of the space")))
            else:
                found += [None] * piece.split().count("none")
    return found
