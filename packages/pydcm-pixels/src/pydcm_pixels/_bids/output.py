"""One converted image: voxels, sidecar and gradient table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pydcm_pixels._bids.cropping import cropped
from pydcm_pixels._bids.equipment import is_3d
from pydcm_pixels._bids.files import keep_whole, write_sidecar
from pydcm_pixels._bids.nifti_fields import nifti_fields
from pydcm_pixels._bids.overlays import overlays
from pydcm_pixels._bids.voxels import Source, scaling_of
from pydcm_pixels._diffusion.text import write_table
from pydcm_pixels._formats.nifti_write import empty_like, stream_nifti, to_nifti
from pydcm_pixels._formats.nrrd import to_nrrd
from pydcm_pixels._series import fields
from pydcm_pixels._series.regular import EvenSlices, Upright, places
from pydcm_pixels._vendors.header import Header, is_planar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydcm_pixels._series.frame import Frame
    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._volume.model import Volume

__all__ = ["Choices", "Output", "Weights", "chosen", "write_output"]

#: An angle between the movement of the table and the normal of the slices from which on it is a tilt, degrees.
TILT = 0.81
#: Distances between slices that differ from the first one by more, mm, are uneven.
UNEVEN = 0.2
#: Intervals between volumes that differ by less, s, are even.
_EVEN = 0.01
#: Part of a slice that the last slice may be off for the sake of the distance that dcm2niix would write.
_UNSEEN = 0.25
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
    precise: bool | str = True
    crop: bool = False
    separate: bool = False
    comment: str = ""
    new: bool = True
    workers: int | None = None


class Output(NamedTuple):
    """One converted image.

    Attributes
    ----------
    path : str
        The NIfTI file, or the table of a recording.
    files : list of str
        All files written for it: NIfTI, those with corrected tilt or even slices, sidecar, b values, directions.
    shape : tuple of int
        ``[t, z, y, x]`` or ``[z, y, x]``; of spectra ``[dynamic, point, z, y, x]`` or ``[point, z, y, x]``, of tables
        ``[row, column]``.
    notes : list of str
        What is irregular.
    """

    path: str
    files: list[str]
    shape: tuple[int, ...]
    notes: list[str]


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
    with keep_whole(choices.new) as files:
        if choices.voxels:
            _write_voxels(stack, base, sidecar, choices, files)
        if choices.sidecar:
            files.append(write_sidecar(base, sidecar))
        if weights is not None:
            files.extend(write_table(base, *weights[:2]))
    notes = list(stack.notes)
    if not stack.regular:
        which = "the first one" if choices.regular else "their mean"
        notes.append(f"the distances between slices differ: the affine holds for {which}")
    return Output(path, files, stack.shape, notes)


def _write_voxels(
    stack: Stack, base: str, sidecar: dict[str, Any], choices: Choices, files: list[str]
) -> None:
    """Write the images of a stack and append their names to `files` as soon as they are there."""
    scaling = scaling_of(stack, choices.integers, choices.precise, choices.workers)
    options: dict[str, Any] = {
        "slope": scaling.slope,
        "intercept": scaling.intercept,
        "time_step": _time_step(stack, sidecar),
        "level": choices.level,
        "fields": nifti_fields(stack, sidecar, choices.comment),
    }
    if choices.separate and len(stack.frames) > 1:
        options["time_step"] = None
        for at in range(len(stack.frames)):
            source = Source(chosen(stack, [at]), scaling, choices.workers)
            _write_volume(source, f"{base}_{at + 1}", choices, options, files)
        return
    name = f"{base}_1" if choices.separate else base
    _write_volume(Source(stack, scaling, choices.workers), name, choices, options, files)


def _write_volume(
    source: Source, base: str, choices: Choices, options: dict[str, Any], files: list[str]
) -> None:
    stack = source.stack

    def write(volume: Volume, mark: str = "", parts: Iterable[np.ndarray] | None = None) -> None:
        name = f"{base}{mark}{choices.ending}"
        _write(volume, parts, name, options)
        files.append(name)

    affine = _first_distance(stack) if choices.regular else stack.affine
    if choices.turn and _is_slab(stack):
        volume = source.volume()
        turned = volume._like(volume.pixels, affine).reorient("RAS")
        write(turned)
        part = cropped(turned) if choices.crop else None
        if part is not None:
            write(part, "_Crop_1")
    elif _is_vector(stack):
        write(source.volume().flip("y"))
    else:
        plan = empty_like(stack.shape, source.scaling.dtype, affine, stack.axes)
        write(plan, "", source.parts())
    for number, mask in overlays(stack):
        mask = mask.reorient("RAS") if choices.turn and _is_slab(stack) else mask.flip("y")
        _write(mask, None, f"{base}_ROI{number}{choices.ending}", {**options, "slope": 1.0, "intercept": 0.0})
        files.append(f"{base}_ROI{number}{choices.ending}")
    extra = _extra(stack) if choices.regular else ""
    if extra:
        plan, parts = _regular(source, extra)
        write(plan, f"{extra}_1", parts)


def _write(volume: Volume, parts: Iterable[np.ndarray] | None, path: str, options: dict[str, Any]) -> None:
    """Write a volume as it is, or a plan and its parts with rows from the last to the first."""
    if not path.endswith(".nrrd"):
        if parts is None:
            to_nifti(volume, path, **options)
        else:
            stream_nifti(volume, parts, path, **options)
        return
    if parts is not None:
        pixels = np.concatenate([part.copy() for part in parts]).reshape(volume.pixels.shape)
        volume = volume._like(pixels, volume.affine).flip("y")
    _write_nrrd(volume, path, options)


def _write_nrrd(volume: Volume, path: str, options: dict[str, Any]) -> None:
    """Write real-world values: NRRD has no field for a scaling."""
    slope, intercept = options["slope"], options["intercept"]
    pixels = volume.pixels
    if pixels.dtype == np.int16 and slope == 1 and float(intercept).is_integer():
        low, high = int(pixels.min()) + int(intercept), int(pixels.max()) + int(intercept)
        pixels = pixels + np.array(intercept, np.int16 if -(1 << 15) <= low <= high < 1 << 15 else np.int32)
    elif (slope, intercept) != (1, 0):
        pixels = (pixels * np.float64(slope) + intercept).astype(np.float32)
    level = options["level"]
    to_nrrd(volume._like(pixels, volume.affine), path, compress=level > 0, level=level or 1)


def _is_slab(stack: Stack) -> bool:
    """Say whether an MR volume was acquired in three dimensions: dcm2niix gives it the axes of the patient."""
    header = Header(stack.first)
    volume = stack.modality == "MR" and stack.axes == "zyx" and len(stack.frames[0]) > 1
    return volume and is_3d(header) and not is_planar(header)


def _time_step(stack: Stack, sidecar: dict[str, Any]) -> float:
    """Return the seconds from volume to volume: the repetition time of MR, else what the clock says; 0 if that is not known.

    Frames of PET that do not start at even intervals have none.
    """
    starts = sidecar.get("FrameTimesStart") if stack.modality == "PT" else None
    if starts and len(starts) > 1:
        steps = np.diff(starts)
        return float(steps.mean()) if steps.min() > 0 and np.ptp(steps) < _EVEN else 0.0
    period = sidecar.get("RepetitionTime") or (Header(stack.first).number(0x00180080) or 0) / 1000
    times = stack.times if stack.modality != "MR" or not period else None
    return (times[-1] - times[0]) / (len(times) - 1) if times else period


def _is_vector(stack: Stack) -> bool:
    """Say whether voxels have several samples that are no colour of 8 bits: they are written sample by sample."""
    samples = stack.first.image.samples
    return samples > 1 and (stack.dtype != np.uint8 or samples not in (3, 4))


def _offsets(stack: Stack) -> np.ndarray | None:
    """Return where slices are along the normal, mm from the first, if their distances differ; ``None`` if not."""
    positions = [frame.position for frame in stack.frames[0]]
    if len(positions) < 3 or stack.axes not in ("zyx", "zyxc") or None in positions:
        return None
    normal = np.cross(stack.affine[:3, 0], stack.affine[:3, 1])
    gaps = np.diff(np.array(positions, dtype=np.float64) @ (normal / np.linalg.norm(normal)))
    if gaps.min() <= 0 or np.abs(gaps - gaps[0]).max() <= UNEVEN:
        return None
    return places(stack.affine, np.array(positions), tilted=_is_tilted(stack))


def _is_tilted(stack: Stack) -> bool:
    """Say whether the table moved in a direction that is not perpendicular to the slices: CT with a tilted gantry."""
    step = stack.affine[:3, 2] / np.linalg.norm(stack.affine[:3, 2])
    column = stack.affine[:3, 1] / np.linalg.norm(stack.affine[:3, 1])
    angle = abs(float(np.degrees(np.arcsin(np.clip(step @ column, -1, 1)))))
    return stack.modality == "CT" and stack.axes == "zyx" and len(stack.frames[0]) > 2 and angle > TILT


def _first_distance(stack: Stack) -> np.ndarray:
    """Return the affine with the distance of the first two slices (even ones: acquired), as dcm2niix has it.

    Of uneven slices a second file has even distances. Where positions are rounded, the mean of all distances is better,
    and is kept if the slices at the ends differ by a quarter of a slice; below, equal files are worth more.
    """
    positions = [frame.position for frame in stack.frames[0]]
    count = len(positions)
    alone = count > 1 and stack.frames[0][0].path != stack.frames[0][1].path
    if not alone or None in positions or _is_tilted(stack):
        return stack.affine
    places = np.array(positions, dtype=np.float64)
    even = _offsets(stack) is None
    backwards = even and _number(stack.frames[0][0]) > _number(stack.frames[0][-1])
    pair = places[-2:] if backwards else places[:2]
    distance, mean = float(np.linalg.norm(pair[1] - pair[0])), float(np.linalg.norm(stack.affine[:3, 2]))
    if even and abs(distance - mean) * (count - 1) > _UNSEEN * mean:
        return stack.affine
    affine = stack.affine.copy()
    affine[:3, 2] *= distance / mean
    if backwards:  # from the image acquired first
        affine[:3, 3] = places[-1] - (count - 1) * affine[:3, 2]
    return affine


def _number(frame: Frame) -> int:
    return fields.integer(frame.ds, 0x00200013) or 0


def _extra(stack: Stack) -> str:
    """Return the ending of the name of a second file on a regular grid, ``""`` if the first one is regular."""
    done = fields.text(stack.ds, 0x00082111).upper() == "MEDCOM_RESAMPLED"
    return ("_Tilt" if _is_tilted(stack) else "") + (
        "_Eq" if _offsets(stack) is not None and not done else ""
    )


def _regular(source: Source, extra: str) -> tuple[Volume, Iterator[np.ndarray]]:
    """Return the plan and the slices, ``[1, y, x]`` each, of a volume on a regular grid."""
    stack = source.stack
    count, rows, columns, *samples = stack.shape
    affine, offsets = stack.affine, _offsets(stack)
    images: Iterator[np.ndarray] = (image.copy() for part in source.parts() for image in part)
    if "_Tilt" in extra:
        padding = Header(stack.first).number(0x00280120)
        upright = Upright(affine, (count, rows, columns), offsets)
        background = source.lowest() if padding is None else source.scaling.dtype.type(padding)
        images = _upright(upright, images, background, padding is not None)
        affine, (count, rows, columns) = upright.affine, upright.shape
    if offsets is not None:
        even = EvenSlices(offsets, slack=0)
        images = even.images(images)
        affine, count = even.affine(affine), even.count
    plan = empty_like((count, rows, columns, *samples), source.scaling.dtype, affine, stack.axes)
    return plan, (image[None] for image in images)


def _upright(
    plan: Upright, images: Iterable[np.ndarray], background: Any, is_padding: bool
) -> Iterator[np.ndarray]:
    for at, image in enumerate(images):
        yield plan.image(at, image, background, is_padding)


def chosen(stack: Stack, volumes: list[int]) -> Stack:
    """Return a stack of some of the volumes."""
    varying = {name: [values[at] for at in volumes] for name, values in stack.varying.items()}
    return replace(stack, frames=[stack.frames[at] for at in volumes], varying=varying)
