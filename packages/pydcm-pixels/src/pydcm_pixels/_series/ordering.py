"""The order of volumes where the numbers of images may run through places or weightings: Philips MR, PET."""

from __future__ import annotations

import itertools
from math import inf
from typing import TYPE_CHECKING

from pydcm_pixels._series import fields
from pydcm_pixels._series.geometry import directions
from pydcm_pixels._series.private import find_private
from pydcm_pixels._series.vendors import is_philips

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm.dataset import Dataset
    from pydcm_pixels._series.frame import Frame

__all__ = ["frame_orders", "volume_numbers"]

#: Sorts frames.
Order = tuple[float, ...]

_IMAGE = "Philips Imaging DD 001"
_OWN = "Philips MR Imaging DD 001"
_VOLUMES = "Philips MR Imaging DD 006"
#: Up to this version dimension indices tell frames apart.
_INDEXED = 10.0
_WEIGHTING = "Philips MR Imaging DD 005"
_REFERENCE_TIME = 0x00541300
_SAME_STEP = 0.2  # mm
#: From this version on (2005,xx96) no longer counts the volumes.
_LATER = 11.0


def volume_numbers(slots: Sequence[Sequence[Frame]]) -> dict[int, float] | None:
    """Return a number for each frame, by its ``id``, that is smaller the earlier its volume is.

    The rules are dcm2niix's, so that volumes come out in the same order.

    Parameters
    ----------
    slots : sequence of sequence of Frame
        The images of each position, positions along the normal.

    Returns
    -------
    dict or None
        ``None`` if the instance numbers run through each volume in turn: then they order the volumes. The same for
        volumes of fewer than three slices, for other makers, and for multi-frame files.
    """
    first = slots[0][0]
    modality = fields.modality(first.ds)
    philips = modality == "MR" and is_philips(first.ds)
    if len(slots) < 3 or first.index is not None or not (philips or modality == "PT"):
        return None
    frames = sorted((frame for slot in slots for frame in slot), key=lambda frame: frame.order)
    if _run_through_volumes(frames, len(slots)):
        return None
    if modality == "PT":
        times = {id(frame): fields.number(frame.ds, _REFERENCE_TIME) for frame in frames}
        known = {key: float(int(time)) for key, time in times.items() if time is not None and 0 <= time < inf}
        return known if len(known) == len(times) else None
    counts = {id(frame): _counted(frame.ds) for frame in frames}
    volumes = [volume for volume, _, _ in counts.values() if volume < inf]
    lowest, highest = min(volumes, default=-1), max(volumes, default=-1)
    phases = max(phase for _, phase, _ in counts.values())
    labeled = any(label for _, _, label in counts.values())
    traced = len(volumes) < len(counts)
    if not labeled and phases == 1 and lowest == highest:
        return {id(frame): float(frame.order[0]) for frame in frames}  # nothing else counts
    numbers = {}
    for key, (volume, phase, label) in counts.items():
        if labeled:
            number = phase + (phases if label == "LABEL" else 0) + (volume - 1) * 2 * phases
        elif phases > 1 and lowest == highest and not traced:
            number = phase
        elif phases > 1:
            # (2005,xx12) counts the b values, the volumes are counted for each of them; not so with a trace image
            number = inf if traced else volume + phase * highest
        else:
            number = volume
        numbers[key] = number
    return numbers


def frame_orders(
    ds: Dataset, groups: Sequence[Dataset], indices: Sequence[Sequence[float]]
) -> list[Order] | None:
    """Return what sorts the frames of a multi-frame file in the order of acquisition, ``None`` if their indices do.

    Some releases count diffusion-weighted volumes in a private element, later ones have dimension indices that do not tell
    frames apart: private counters do then, by the same rules as dcm2niix's.

    Parameters
    ----------
    ds : Dataset
        The file.
    groups : sequence of Dataset
        Functional groups of each frame.
    indices : sequence of sequence of float
        *Dimension Index Values* of each frame.
    """
    if not is_philips(ds):
        return None
    version = _version(ds)
    own = [_own(item) for item in groups]
    if version <= _INDEXED:
        volumes = [_integer(item, 0x2005, _VOLUMES, 0x96) or 0 for item in own]
        places = [_integer(item, 0x2001, _IMAGE, 0x0A) or 0 for item in own]
        return [(volume,) for volume in volumes] if min(volumes) > 0 < min(places) else None
    return [_counters(item, index) for item, index in zip(own, indices, strict=True)]


def _own(groups: Dataset) -> Dataset:
    tag = find_private(groups, 0x2005, _WEIGHTING, 0x0F)
    found = fields.items(groups, tag) if tag is not None else ()
    return found[0] if found else groups


def _counters(own: Dataset, index: Sequence[float]) -> Order:
    third, fourth = (index[at] if at < len(index) else 0 for at in (2, 3))
    tag = find_private(own, 0x2005, _WEIGHTING, 0x29)
    label = fields.text(own, tag) if tag is not None else ""
    return (
        _integer(own, 0x2005, _OWN, 0x63) or 0,
        fourth,
        _integer(own, 0x2005, _WEIGHTING, 0x13) or 0,
        _integer(own, 0x2005, _WEIGHTING, 0x12) or 0,
        float(label == "LABEL") if label else third,
        _integer(own, 0x2001, _IMAGE, 0x08) or 0,
    )


def _run_through_volumes(frames: Sequence[Frame], count: int) -> bool:
    """Whether the slices of each `count` frames follow one another at even distances."""
    axes = directions(frames[0].orientation)
    if axes is None or any(frame.position is None for frame in frames):
        return True
    heights = [float(axes[2] @ frame.position) for frame in frames]
    for start in range(0, len(heights), count):
        steps = [b - a for a, b in itertools.pairwise(heights[start : start + count])]
        if any(abs(step - steps[0]) > _SAME_STEP for step in steps):
            return False
    return True


def _counted(ds: Dataset) -> tuple[float, int, str]:
    """Return the number of an image's volume (infinite for trace images), its phase, and what was done to blood."""
    volume = fields.integer(ds, 0x00200100)
    if volume is None or volume <= 0:
        volume = _integer(ds, 0x2005, _OWN, 0x63) or -1
    phase = max(_integer(ds, 0x2001, _IMAGE, 0x08) or 1, 1)
    counted = _integer(ds, 0x2005, _VOLUMES, 0x96)
    if counted and counted > 0 and _version(ds) < _LATER:
        return counted, 1, ""
    phase = max(phase, _integer(ds, 0x2005, _WEIGHTING, 0x12) or 1)
    volume = max(volume, _integer(ds, 0x2005, _WEIGHTING, 0x13) or -1)
    tag = find_private(ds, 0x2005, _WEIGHTING, 0x29)
    label = fields.text(ds, tag) if tag is not None else ""
    return (inf if _is_trace(ds) else volume), phase, label


def _version(ds: Dataset) -> float:
    parts = fields.texts(ds, 0x00181020)[:1]
    try:
        return float(".".join(parts[0].split(".")[:2])) if parts else 0.0
    except ValueError:
        return 0.0


def _is_trace(ds: Dataset) -> bool:
    """Whether an image is weighted without a direction."""
    tag = find_private(ds, 0x2001, _IMAGE, 0x03)
    value = fields.number(ds, 0x00189087)
    value = (fields.number(ds, tag) if tag is not None else None) if value is None else value
    if not value:
        return False
    parts = [find_private(ds, 0x2005, _OWN, element) for element in (0xB0, 0xB1, 0xB2)]
    direction = fields.floats(ds, 0x00189089) or [fields.number(ds, tag) for tag in parts if tag is not None]
    return not any(direction)


def _integer(ds: Dataset, group: int, creator: str, element: int) -> int | None:
    tag = find_private(ds, group, creator, element)
    return fields.integer(ds, tag) if tag is not None else None
