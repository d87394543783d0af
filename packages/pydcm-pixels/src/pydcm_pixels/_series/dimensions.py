"""What tells several images of one position apart: time, echo, diffusion weighting, phase, repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydcm_pixels._series import fields
from pydcm_pixels._series.private import find_private
from pydcm_pixels._series.vendors import diffusion_key

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from pydcm.dataset import Dataset
    from pydcm_pixels._series.frame import Frame

__all__ = ["DIMENSIONS", "Dimension", "Found", "differing", "discriminate", "steady", "unknown_differences"]


class Dimension(NamedTuple):
    """Something that may differ between images of one position.

    Attributes
    ----------
    name : str
        A keyword, or what stands for it.
    read : callable
        From a frame to a hashable value, ``None`` if it has none.
    clock : bool
        Whether it is a time: it may differ from slice to slice within a volume.
    same : bool
        Whether it counts only if its values are the same at every position.
    """

    name: str
    read: Callable[[Frame], Hashable]
    clock: bool = False
    same: bool = False


_PHASE = 0x20011008


class Found(NamedTuple):
    """How the images of one position are told apart."""

    names: tuple[str, ...]
    keys: dict[int, Hashable]  # by id() of the frame
    clock: bool


def _number(*tags: int) -> Callable[[Frame], Hashable]:
    def read(frame: Frame) -> Hashable:
        for tag in tags:
            holder = frame.find(tag) if frame.groups is not None else frame.ds
            if holder is not None:
                value = fields.floats(holder, tag)
                if value:
                    return value[0] if len(value) == 1 else value
        return None

    return read


def _text(*tags: int) -> Callable[[Frame], Hashable]:
    def read(frame: Frame) -> Hashable:
        for tag in tags:
            holder = frame.find(tag) if frame.groups is not None else frame.ds
            if holder is not None and (value := fields.text(holder, tag)):
                return value
        return None

    return read


def _phase(frame: Frame) -> Hashable:
    """Return Philips' number of a phase of the heart."""
    if frame.groups is not None:
        return _number(_PHASE)(frame)
    tag = find_private(frame.ds, 0x2001, "Philips Imaging DD 001", 0x08)
    return fields.integer(frame.ds, tag) if tag is not None else None


def _slot(tag: int) -> Callable[[Frame], Hashable]:
    """Return a reader of a vector with a number per frame (NM, PET: PS3.3 §C.8.4.8)."""

    def read(frame: Frame) -> Hashable:
        vector = fields.floats(frame.ds, tag) if frame.index is not None else ()
        return vector[frame.index] if frame.index is not None and frame.index < len(vector) else None

    return read


def _frame_time(frame: Frame) -> Hashable:
    """Return when a frame of a cine begins, ms (PS3.3 §C.7.6.5)."""
    if frame.index is None:
        return None
    step = fields.number(frame.ds, 0x00181063)
    if step:
        return frame.index * step
    steps = fields.floats(frame.ds, 0x00181065)
    return sum(steps[: frame.index + 1]) if frame.index < len(steps) else None


#: In the order in which they are tried.
DIMENSIONS = (
    Dimension("EchoTime", _number(0x00189082, 0x00180081)),
    Dimension("EchoNumbers", _number(0x00180086)),
    Dimension("DiffusionBValue", diffusion_key),
    Dimension("TemporalPositionIdentifier", _number(0x00200100)),
    Dimension("TemporalPositionIndex", _number(0x00209128)),
    Dimension("InversionTime", _number(0x00189079, 0x00180082)),
    Dimension("FlipAngle", _number(0x00181314)),
    Dimension("TriggerTime", _number(0x00209153, 0x00181060)),
    Dimension("NominalPercentageOfCardiacPhase", _number(0x00209241)),
    Dimension("PhaseNumber", _phase),
    Dimension("FrameReferenceTime", _number(0x00541300)),
    Dimension("TimeSlotVector", _slot(0x00540070)),
    Dimension("TimeSliceVector", _slot(0x00540100)),
    Dimension("PhaseVector", _slot(0x00540030)),
    Dimension("RRIntervalVector", _slot(0x00540060)),
    Dimension("EnergyWindowVector", _slot(0x00540010)),
    Dimension("DetectorVector", _slot(0x00540020)),
    Dimension("AngularViewVector", _slot(0x00540090)),
    Dimension("RotationVector", _slot(0x00540050)),
    Dimension("FrameTime", _frame_time),
    Dimension("ContrastBolusStartTime", _text(0x00181042)),
    Dimension("ImageType", _text(0x00089007, 0x00080008)),
    Dimension("KVP", _number(0x00180060)),
    Dimension("ConvolutionKernel", _text(0x00181210)),
    Dimension("ReceiveCoilName", _text(0x00181250)),
    Dimension("SequenceName", _text(0x00180024), same=True),
    Dimension("ScanOptions", _text(0x00180022), same=True),
    Dimension("ScanningSequence", _text(0x00180020), same=True),
    Dimension("NumberOfAverages", _number(0x00180083), same=True),
    Dimension("ContrastBolusAgent", _text(0x00180010), same=True),
    Dimension("SliceThickness", _number(0x00180050), same=True),
    Dimension("AcquisitionNumber", _number(0x00209156, 0x00200012)),
    Dimension("AcquisitionDateTime", _text(0x00189074, 0x0008002A), True),
    Dimension("AcquisitionTime", _text(0x00080032), True),
    Dimension("TriggerTime", _number(0x00209153, 0x00181060), True),
    Dimension("ContentTime", _text(0x00080033), True),
    Dimension("RepetitionTime", _number(0x00180080), same=True),
    Dimension("StackID", _text(0x00209056)),
    Dimension("ImageComments", _text(0x00204000)),
    Dimension("SeriesDescription", _text(0x0008103E)),
    Dimension("Manufacturer", _text(0x00080070)),
)


def discriminate(slots: Sequence[Sequence[Frame]]) -> Found | None:
    """Find what tells the images of each position apart.

    One element is looked for first, then two together, then all that differ.

    Returns
    -------
    Found or None
        ``None`` if no element known here does.
    """
    crowded = [slot for slot in slots if len(slot) > 1]
    candidates: list[tuple[Dimension, dict[int, Hashable]]] = []
    for dimension in DIMENSIONS:
        # the fullest position shows quickly whether the element differs at all
        if len({dimension.read(frame) for frame in crowded[0]}) < 2:
            continue
        values = {id(frame): dimension.read(frame) for slot in slots for frame in slot}
        if dimension.clock and None in values.values():
            continue
        if dimension.same and len({frozenset(values[id(frame)] for frame in slot) for slot in crowded}) > 1:
            continue
        if _separates(values, crowded):
            return Found((dimension.name,), values, dimension.clock)
        if dimension.clock:
            continue
        candidates.append((dimension, values))
    for at, (first, one) in enumerate(candidates):
        for second, other in candidates[at + 1 :]:
            both: dict[int, Hashable] = {key: (one[key], other[key]) for key in one}
            if _separates(both, crowded):
                return Found((first.name, second.name), both, False)
    if len(candidates) > 2:
        every: dict[int, Hashable] = {
            id(frame): tuple(values[id(frame)] for _, values in candidates)
            for slot in slots
            for frame in slot
        }
        if _separates(every, crowded):
            return Found(tuple(dimension.name for dimension, _ in candidates), every, False)
    return None


#: Elements that say nothing about the image.
_INCIDENTAL = frozenset({"ImageComments", "SeriesDescription", "Manufacturer", "ReceiveCoilName", "StackID"})


def steady(volumes: Sequence[Sequence[Frame]]) -> dict[str, list[Hashable]]:
    """Return what has one value throughout each volume and not the same in all."""
    found: dict[str, list[Hashable]] = {}
    for dimension in DIMENSIONS:
        if dimension.name in found or dimension.name in _INCIDENTAL:
            continue
        values = [dimension.read(volume[0]) for volume in volumes]
        if None in values or len(set(values)) < 2:
            continue
        pairs = zip(volumes, values, strict=True)
        if all(dimension.read(frame) == value for volume, value in pairs for frame in volume):
            found[dimension.name] = values
    return found


def _separates(values: dict[int, Hashable], slots: Sequence[Sequence[Frame]]) -> bool:
    return all(len({values[id(frame)] for frame in slot}) == len(slot) for slot in slots)


def differing(frames: Sequence[Frame]) -> list[str]:
    """Return the names of all that differs between some frames."""
    return [
        dimension.name for dimension in DIMENSIONS if len({dimension.read(frame) for frame in frames}) > 1
    ]


#: What differs between any two images, or says how to show them: numbers, window, smallest and largest value, offsets.
_OF_EACH = frozenset(
    {0x00080012, 0x00080013, 0x00200013, 0x00201041, 0x00280106, 0x00280107, 0x00281050, 0x00281051}
)


def unknown_differences(frames: Sequence[Frame], most: int = 5) -> list[str]:
    """Return the keywords (tags of private elements) of other elements with values that differ between files."""
    headers = list({id(frame.ds): frame.ds for frame in frames}.values())
    found: list[str] = []
    for tag in sorted({tag for ds in headers for tag in ds.keys()}):  # noqa: SIM118
        if int(tag) in _OF_EACH or not int(tag) & 0xFFFF or len(found) == most:  # nor lengths of groups
            continue
        values = {_shown(ds, tag) for ds in headers}
        if len(values) > 1:
            found.append(next(ds for ds in headers if tag in ds)[tag].keyword or f"{tag}")
    return found


def _shown(ds: Dataset, tag: int) -> str:
    try:
        element = ds.get(tag)
        return "" if element is None or element.VR in ("UI", "SQ") else str(element.value)
    except Exception:  # a broken element says nothing
        return ""
