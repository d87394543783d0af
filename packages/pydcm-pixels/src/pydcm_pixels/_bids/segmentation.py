"""Segmentations as NIfTI masks: a volume for each segment, or one of labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._bids.files import keep_whole, write_sidecar
from pydcm_pixels._bids.nifti_fields import description
from pydcm_pixels._bids.output import Output
from pydcm_pixels._formats.nifti_write import empty_like, stream_nifti
from pydcm_pixels._series import fields
from pydcm_pixels._series.enhanced import frames_of
from pydcm_pixels._series.frame import ImageFile
from pydcm_pixels._series.geometry import cluster_orientations, directions, slots_of, thickness
from pydcm_pixels._series.problems import LeftOut
from pydcm_pixels._vendors.header import Header, header_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydcm.dataset import Dataset
    from pydcm_pixels._bids.output import Choices
    from pydcm_pixels._series.frame import Frame

__all__ = ["Segmentation", "segmentation_of", "write_segmentation"]

#: A step between planes that is off a multiple of the smallest one by more than this part of it is of no grid.
_OFF_GRID = 0.1
#: Planes that may be written for each one that is stored (empty ones need not be), and planes of a volume.
_MOST_EMPTY, _MOST_PLANES = 256, 1 << 15


@dataclass(frozen=True)
class Segmentation:
    """Where the planes of a segmentation are.

    Attributes
    ----------
    path : str
        The file.
    header : Header
        Of its first frame.
    numbers : list of int
        Of the segments, ascending; one of labels has none, but a 0.
    labels : list of str
        What the segments are called.
    planes : dict of (int, int) to int
        Which frame is at a place, by segment (counted from 0) and plane.
    shape : tuple of int
        Planes, rows and columns.
    affine : numpy.ndarray
        To LPS, mm.
    notes : list of str
        What is irregular.
    """

    path: str
    header: Header
    numbers: list[int]
    labels: list[str]
    planes: dict[tuple[int, int], int]
    shape: tuple[int, int, int]
    affine: np.ndarray
    notes: list[str]


def segmentation_of(path: str, ds: Dataset) -> Segmentation:
    """Return where the planes of a segmentation are (PS3.3 §C.8.20).

    Raises
    ------
    LeftOut
        If they make no grid.
    """
    image = ImageFile(path, ds)
    frames = frames_of(image) if image.rows and image.columns else []
    if not frames or any(frame.position is None for frame in frames):
        raise LeftOut(
            "a segmentation without positions in the patient, as of whole slides: pydcm.seg reads it"
        )
    if len(cluster_orientations(frames)) > 1:
        raise LeftOut("a segmentation with planes of several orientations: pydcm.seg reads it")
    stated = [_segment(frame) for frame in frames]
    numbers = sorted(set(stated))
    rank = {number: at for at, number in enumerate(numbers)}
    place = _places(frames)
    if len(numbers) * place.count > _MOST_EMPTY * len(frames):
        raise LeftOut(
            f"a segmentation of {len(numbers)} segments and {place.count} planes, of which {len(frames)} are stored: "
            "the masks would be empty but for those; pydcm.seg reads it"
        )
    planes: dict[tuple[int, int], int] = {}
    for at, (frame, number) in enumerate(zip(frames, stated, strict=True)):
        key = rank[number], place.index[id(frame)]
        if key in planes:
            raise LeftOut(
                f"a segmentation with several frames of segment {number} at one place: pydcm.seg reads it"
            )
        planes[key] = at
    names = {
        fields.integer(item, 0x00620004) or 0: fields.text(item, 0x00620005)
        for item in fields.items(ds, 0x00620002)
    }
    labels = [names.get(number, "") for number in (numbers if numbers != [0] else sorted(names))]
    shape = place.count, frames[0].rows, frames[0].columns
    return Segmentation(path, header_of(ds, path), numbers, labels, planes, shape, place.affine, place.notes)


def _segment(frame: Frame) -> int:
    """Return the number of the segment that a frame is of, 0 for labels."""
    item = frame.find(0x0062000B)
    return (fields.integer(item, 0x0062000B) or 0) if item is not None else 0


@dataclass
class _Places:
    index: dict[int, int]
    count: int
    affine: np.ndarray
    notes: list[str]


def _places(frames: list[Frame]) -> _Places:
    """Return the plane of each frame, by its identity, and the grid; planes that are not stored are counted."""
    slots, _ = slots_of(frames)
    plane = directions(frames[0].orientation)
    if plane is None:
        raise LeftOut("a segmentation without an orientation in the patient: pydcm.seg reads it")
    row, column, normal = plane
    positions = np.array([slot[0].position for slot in slots], dtype=np.float64)
    along = (positions - positions[0]) @ normal
    step = float(np.diff(along).min()) if len(slots) > 1 else thickness(frames[0]) or 1.0
    index = np.round(along / step).astype(np.int64)
    notes = []
    uneven = np.abs(along / step - index).max() > _OFF_GRID
    if uneven or index[-1] >= min(_MOST_EMPTY * len(slots), _MOST_PLANES):
        index = np.arange(len(slots))
        notes.append("the distances between planes differ: the affine has their mean")
    elif index[-1] >= len(slots):
        notes.append(f"{index[-1] + 1 - len(slots)} planes are not stored and written empty")
    across = (positions[-1] - positions[0]) / index[-1] if index[-1] else normal * step
    affine = np.eye(4)
    affine[:3] = np.column_stack(
        [row * frames[0].spacing[1], column * frames[0].spacing[0], across, positions[0]]
    )
    places = {id(frame): int(at) for at, slot in zip(index, slots, strict=True) for frame in slot}
    return _Places(places, int(index[-1]) + 1, affine, notes)


def write_segmentation(
    one: Segmentation, base: str, sidecar: dict[str, Any], choices: Choices
) -> Iterator[Output]:
    """Write a segmentation: ``[segment, z, y, x]``, or ``[z, y, x]`` of one segment or of labels.

    Parameters
    ----------
    one : Segmentation
        What to write.
    base : str
        Path without ending.
    sidecar : dict
        The sidecar of an image with this header.
    choices : Choices
        How to write.
    """
    from pydcm_pixels.decoding import decode

    path = f"{base}{choices.ending}"
    several = len(one.numbers) > 1
    shape = (len(one.numbers), *one.shape) if several else one.shape
    with keep_whole(choices.new) as files:
        if choices.voxels:
            pixels = decode(one.path)
            if pixels.ndim != 3 or pixels.shape[1:] != one.shape[1:]:
                raise ValueError(f"frames of {pixels.shape[1:]} pixels, {one.shape[1:]} expected")
            plan = empty_like(shape, pixels.dtype, one.affine, "tzyx" if several else "zyx")
            stream_nifti(
                plan,
                _parts(one, pixels),
                path,
                level=choices.level,
                time_step=0.0,
                fields={"aux_file": choices.comment.encode(), "descrip": description(one.header, sidecar)},
            )
            files.append(path)
        if choices.sidecar:
            sidecar = {name: value for name, value in sidecar.items() if name != "ConversionSoftware"} | {
                "SegmentLabels": one.labels,
                "ConversionSoftware": sidecar.get("ConversionSoftware"),
            }
            files.append(write_sidecar(base, sidecar))
    yield Output(path, list(files), shape, list(one.notes))


def _parts(one: Segmentation, pixels: np.ndarray) -> Iterator[np.ndarray]:
    empty = np.zeros((1, *one.shape[1:]), pixels.dtype)
    for segment in range(len(one.numbers)):
        for plane in range(one.shape[0]):
            at = one.planes.get((segment, plane))
            yield empty if at is None or at >= len(pixels) else pixels[at : at + 1]
