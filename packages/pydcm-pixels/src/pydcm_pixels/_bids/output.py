"""One converted image: voxels, sidecar and gradient table."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pydcm.fileutil import write_atomically
from pydcm_pixels._bids.equipment import is_3d, is_planar
from pydcm_pixels._bids.header import Header
from pydcm_pixels._bids.image_type import rows_are_reversed
from pydcm_pixels._diffusion.text import write_table
from pydcm_pixels._formats.nifti_write import empty_like, stream_nifti, to_nifti
from pydcm_pixels._series.regular import even_slices, upright
from pydcm_pixels._volume.model import Volume

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack

__all__ = ["Choices", "Output", "Weights", "chosen", "write_output"]

#: Size of the parts in which voxels are read and written, bytes.
PART = 1 << 24
#: An angle between the movement of the table and the normal of the slices from which on it is a tilt, degrees.
TILT = 0.81
#: Distances between slices that differ from the first one by more, mm, are uneven.
UNEVEN = 0.2
_MOST = {np.dtype("i2"): 32000, np.dtype("u2"): 64000}
#: b values, directions, and the volumes that they are for.
Weights = tuple["np.ndarray", "np.ndarray | None", list[int]]


@dataclass(frozen=True)
class Choices:
    """How images are written; the parameters of :func:`pydcm_pixels.volume.convert_series`."""

    ending: str = ".nii.gz"
    level: int = 1
    voxels: bool = True
    sidecar: bool = True
    regular: bool = True
    turn: bool = True
    integers: str = "original"
    precise: bool = True
    workers: int | None = None


class Output(NamedTuple):
    """One converted image.

    Attributes
    ----------
    path : str
        The NIfTI file.
    files : list of str
        All files written for it: NIfTI, those with corrected tilt or even slices, sidecar, b values, directions.
    shape : tuple of int
        ``[t, z, y, x]`` or ``[z, y, x]``.
    notes : list of str
        What is irregular.
    """

    path: str
    files: list[str]
    shape: tuple[int, ...]
    notes: list[str]


class Scaling(NamedTuple):
    """How stored voxels become what is written, and what readers are to apply to that."""

    rescale: bool
    dtype: np.dtype[Any]
    slope: float = 1.0
    intercept: float = 0.0
    factor: int = 1
    reverse: bool = False  # rows of grey values that are stored in reverse order


def write_output(
    stack: Stack, base: str, sidecar: dict[str, Any], weights: Weights | None, choices: Choices
) -> Output:
    """Write the files of one image.

    Parameters
    ----------
    stack : Stack
        What to write.
    base : str
        Path without ending.
    sidecar : dict
        Is written if that was chosen.
    weights : Weights or None
        The gradient table.
    choices : Choices
        How to write.
    """
    path = base + choices.ending
    files = _write_voxels(stack, base, sidecar, choices) if choices.voxels else []
    if choices.sidecar:
        text = json.dumps(sidecar, indent="\t", ensure_ascii=False)
        write_atomically(f"{base}.json", [f"{text}\n".encode()])
        files.append(f"{base}.json")
    if weights is not None:
        files.extend(write_table(base, *weights[:2]))
    notes = list(stack.notes)
    if not stack.regular:
        notes.append("the distances between slices differ: the affine holds for their mean")
    return Output(path, files, stack.shape, notes)


def _write_voxels(stack: Stack, base: str, sidecar: dict[str, Any], choices: Choices) -> list[str]:
    scaling = _scaling(stack, choices)._replace(reverse=rows_are_reversed(Header(stack.first)))
    path = base + choices.ending
    options: dict[str, Any] = {
        "slope": scaling.slope,
        "intercept": scaling.intercept,
        "time_step": _time_step(stack, sidecar),
        "level": choices.level,
    }
    extra = _extra(stack) if choices.regular else ""
    header = Header(stack.first)
    # as dcm2niix: slabs that were acquired in three dimensions have the axes of the patient
    slab = stack.modality == "MR" and stack.axes == "zyx" and len(stack.frames[0]) > 1
    slab = slab and is_3d(header) and not is_planar(header)
    if not (extra or (slab and choices.turn) or _is_vector(stack)):
        plan = empty_like(stack.shape, scaling.dtype, stack.affine, stack.axes)
        stream_nifti(plan, _parts(stack, scaling, choices.workers), path, **options)
        return [path]
    volume = Volume(_voxels(stack, scaling, choices.workers), stack.affine, axes=stack.axes, meta={})
    if slab and choices.turn:
        to_nifti(volume.reorient("RAS"), path, **options)
    else:
        to_nifti(volume, path, flip_rows=True, **options)
    if not extra:
        return [path]
    regular = f"{base}{extra}_1{choices.ending}"
    to_nifti(_regular(volume, stack, extra), regular, flip_rows=True, **options)
    return [path, regular]


def _time_step(stack: Stack, sidecar: dict[str, Any]) -> float | None:
    """Return the seconds from volume to volume: the repetition time of MR, else what the clock says."""
    period = sidecar.get("RepetitionTime") or (Header(stack.first).number(0x00180080) or 0) / 1000
    times = stack.times if stack.modality != "MR" or not period else None
    return (times[-1] - times[0]) / (len(times) - 1) if times else period or None


def _is_vector(stack: Stack) -> bool:
    """Say whether voxels have several samples that are no colour of 8 bits: they are written sample by sample."""
    samples = stack.first.image.samples
    return samples > 1 and (stack.dtype != np.uint8 or samples not in (3, 4))


def _scaling(stack: Stack, choices: Choices) -> Scaling:
    """Return how voxels are written: stored ones if one slope and intercept holds for all, else real-world values."""
    scalings = {(frame.slope, frame.intercept) for volume in stack.frames for frame in volume}
    one = scalings.pop() if len(scalings) == 1 else None
    if choices.precise and stack.precise:
        one = stack.precise
    if one is None or stack.dtype.kind == "f":
        return Scaling(True, np.dtype(np.float32))
    dtype = stack.dtype
    slope, intercept = float(one[0]), float(one[1])
    if dtype == np.uint16 and stack.first.image.bits_stored < 16:
        dtype = np.dtype(np.int16)  # fits, and is what most readers expect
    if choices.integers == "original" or dtype not in _MOST:
        return Scaling(False, dtype, slope, intercept)
    low, high = _range(stack, dtype, choices.workers)
    if choices.integers == "int16":
        return Scaling(False, np.dtype(np.int16) if high < 1 << 15 else dtype, slope, intercept)
    most = max(high, -low)
    factor = _MOST[dtype] // most if most else 1
    return Scaling(False, dtype, slope / factor, intercept, factor)


def _range(stack: Stack, dtype: np.dtype[Any], workers: int | None) -> tuple[int, int]:
    low, high = 0, 0
    for part in stack.stream(max_bytes=PART, rescale=False, workers=workers):
        low, high = min(low, int(part.min())), max(high, int(part.max()))
    return low, high


def _parts(stack: Stack, scaling: Scaling, workers: int | None) -> Any:
    for part in stack.stream(max_bytes=PART, rescale=scaling.rescale, workers=workers):
        yield _converted(part, scaling)


def _voxels(stack: Stack, scaling: Scaling, workers: int | None) -> np.ndarray:
    return _converted(stack.read(rescale=scaling.rescale, workers=workers), scaling)


def _converted(pixels: np.ndarray, scaling: Scaling) -> np.ndarray:
    if pixels.dtype != scaling.dtype:
        pixels = pixels.view(scaling.dtype)  # 16 bits with room for a sign
    if scaling.factor > 1:
        pixels *= pixels.dtype.type(scaling.factor)
    return np.ascontiguousarray(pixels[..., ::-1, :]) if scaling.reverse else pixels


def _offsets(stack: Stack) -> np.ndarray | None:
    """Return where slices are along the normal, mm from the first, if their distances differ; ``None`` if not."""
    positions = [frame.position for frame in stack.frames[0]]
    if len(positions) < 3 or stack.axes != "zyx" or None in positions:
        return None
    normal = np.cross(stack.affine[:3, 0], stack.affine[:3, 1])
    along = np.array(positions, dtype=np.float64) @ (normal / np.linalg.norm(normal))
    gaps = np.diff(along)
    if gaps.min() <= 0 or np.abs(gaps - gaps[0]).max() <= UNEVEN:
        return None
    offsets: np.ndarray = along - along[0]
    return offsets


def _is_tilted(stack: Stack) -> bool:
    """Say whether the table moved in a direction that is not perpendicular to the slices: CT with a tilted gantry."""
    step = stack.affine[:3, 2] / np.linalg.norm(stack.affine[:3, 2])
    column = stack.affine[:3, 1] / np.linalg.norm(stack.affine[:3, 1])
    angle = abs(float(np.degrees(np.arcsin(np.clip(step @ column, -1, 1)))))
    return stack.modality == "CT" and stack.axes == "zyx" and len(stack.frames[0]) > 2 and angle > TILT


def _extra(stack: Stack) -> str:
    """Return the ending of the name of a second file on a regular grid, ``""`` if the first one is regular."""
    return ("_Tilt" if _is_tilted(stack) else "") + ("_Eq" if _offsets(stack) is not None else "")


def _regular(volume: Volume, stack: Stack, extra: str) -> Volume:
    pixels, affine = volume.pixels, volume.affine
    offsets = _offsets(stack)
    if "_Tilt" in extra:
        padding = Header(stack.first).number(0x00280120)
        pixels, affine = upright(pixels, affine, 0, offsets=offsets, padding=padding)
    if offsets is not None:
        pixels, affine = even_slices(pixels, affine, offsets, 0)
    return volume._like(np.ascontiguousarray(pixels), affine)


def chosen(stack: Stack, volumes: list[int]) -> Stack:
    """Return a stack of some of the volumes."""
    varying = {name: [values[at] for at in volumes] for name, values in stack.varying.items()}
    return replace(stack, frames=[stack.frames[at] for at in volumes], varying=varying)
