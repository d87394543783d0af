"""From frames to stacks: what belongs into one array."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from pydcm_pixels._series import fields
from pydcm_pixels._series.alike import of_common
from pydcm_pixels._series.arranging import arrange, only_numbered, unscaled
from pydcm_pixels._series.copies import Copy, note_of, without_second_files
from pydcm_pixels._series.dimensions import DIMENSIONS
from pydcm_pixels._series.enhanced import gather_views, undescribed
from pydcm_pixels._series.geometry import (
    cluster_orientations,
    directions,
    measure,
    slots_of,
    thickness,
)
from pydcm_pixels._series.kinds import contrast_of, kind_of, telling
from pydcm_pixels._series.problems import SeriesError
from pydcm_pixels._series.vendors import series_uid

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from pydcm_pixels._series.frame import Frame
    from pydcm_pixels._series.stack import Stack

__all__ = ["never_together", "series_key", "split_series", "stacks_of"]

#: What does not differ from slice to slice of a volume.
_OF_VOLUMES = frozenset(
    "TemporalPositionIdentifier TemporalPositionIndex DiffusionBValue NominalPercentageOfCardiacPhase KVP "
    "ConvolutionKernel".split()
)
#: What may differ between the parts of one volume that follow one another.
_OF_SCANS = ("KVP", "ConvolutionKernel")
#: Pixel spacings that differ by less (mm) are one.
SAME_SPACING = 1e-4


@of_common
def series_key(frame: Frame) -> tuple[str, str]:
    """Return what files of one series share; the description stands in for a UID that was removed."""
    ds = frame.ds
    study, number = fields.text(ds, 0x0020000D), fields.text(ds, 0x00200011)
    return study, f"{number} {series_uid(frame) or fields.text(ds, 0x0008103E)}"


def split_series(frames: Iterable[Frame]) -> dict[Hashable, list[Frame]]:
    """Group frames by series."""
    groups: dict[Hashable, list[Frame]] = {}
    for frame in frames:
        groups.setdefault(frame.image.series or series_key(frame), []).append(frame)
    return groups


def _layout(frame: Frame, spacings: dict[tuple[float, ...], tuple[float, ...]]) -> tuple[Hashable, ...]:
    """Return what images of one stack have in common; `spacings` has those met so far and what each is taken for."""
    image, spacing = frame.image, frame.spacing
    if spacing not in spacings:
        alike = (
            other
            for other in spacings.values()
            if abs(other[0] - spacing[0]) < SAME_SPACING > abs(other[1] - spacing[1])
        )
        spacings[spacing] = next(alike, spacing)
    return frame.rows, frame.columns, image.samples, image.dtype, spacings[spacing]


@of_common
def never_together(frame: Frame) -> tuple[Hashable, ...]:
    """Return what images of one volume have in common whatever their UIDs say: the patient, and whether they are scouts."""
    kind = fields.text(frame.ds, 0x00080008).upper().split("\\")
    return fields.text(frame.ds, 0x00100020), fields.text(frame.ds, 0x00100010), "LOCALIZER" in kind[2:]


@of_common
def studied(frame: Frame) -> tuple[Hashable, ...]:
    """Return what keeps images apart that share the UID of their series: dcm2niix compares when the study began.

    It takes images of several patients for one series; nobody wants that.
    """
    return tuple(fields.text(frame.ds, tag) for tag in (0x00100020, 0x00100010, 0x00080020, 0x00080030))


class SortedOut(NamedTuple):
    """A series taken apart: its stacks, images that make none with the reason, and second copies of images."""

    stacks: list[Stack]
    unsorted: list[tuple[list[Frame], str]]
    copies: list[Copy]


def stacks_of(frames: Sequence[Frame], *, split: str = "outputs", like_dcm2niix: bool = False) -> SortedOut:
    """Return the stacks of one series and the frames that fit in none.

    Parameters
    ----------
    frames : sequence of Frame
        All frames of the series.
    split : {"outputs", "series"}
        Whether echoes and components are stacks of their own.
    like_dcm2niix : bool, optional
        Leave images without a position or of another frame of reference, localizers, views from several angles, and
        slices of other reconstructions and scans among the others.
    """
    result = SortedOut([], [], [])
    frames = without_second_files(frames, result.copies)
    if not like_dcm2niix:
        gather_views(frames)
    twice = list(result.copies)
    groups: dict[tuple[Hashable, Any], list[Frame]] = {}
    spacings: dict[tuple[float, ...], tuple[float, ...]] = {}
    for frame in frames:
        apart = (studied if like_dcm2niix else never_together)(frame)
        key = (
            (_layout(frame, spacings), apart),
            kind_of(frame, like_dcm2niix=like_dcm2niix) if split == "outputs" else (),
        )
        groups.setdefault(key, []).append(frame)
    if split == "outputs":
        groups = {key: part for group in groups.items() for key, part in _by_contrast(*group)}
    kinds = [kind for _, kind in groups]
    if like_dcm2niix and len(groups) > 1 and all(frame.groups is None for frame in frames):
        ordered = sorted(groups.items(), key=lambda group: min(frame.order for frame in group[1]))
        kinds = [kind for (_, kind), _ in ordered]
    shown = telling(kinds, like_dcm2niix=like_dcm2niix)
    for (_, kind), members in groups.items():
        for parallel in cluster_orientations(members) if like_dcm2niix else _placed(members):
            copies = twice.copy()
            try:
                made = arrange(parallel, copies)
                if not all(stack.regular for stack in made) and len(blocks := _by_stack_id(parallel)) > 1:
                    made = [stack for block in blocks for stack in arrange(block, [])]
                if (
                    len(made) == 1
                    and not like_dcm2niix
                    and (blocks := _volumes_between(made[0]) or _blocks(parallel, made[0].regular))
                ):
                    made = [stack for block in blocks for stack in arrange(block, [])]
            except SeriesError as exc:
                if like_dcm2niix:
                    made = _scans(parallel)
                else:
                    made = [stack for block in _blocks(parallel, False) for stack in arrange(block, [])]
                if not made:
                    result.unsorted.append((parallel, str(exc)))
                    continue
            notes = [] if like_dcm2niix else _lost(members, parallel)
            if note := note_of(copies):
                notes.append(note)
            result.copies.extend(copies[len(twice) :])
            for stack in made:
                stack.notes.extend(notes)
                stack.notes.extend(filter(None, (undescribed(stack.first), unscaled(stack))))
                if not like_dcm2niix and (note := only_numbered(stack)):
                    stack.notes.append(note)
                stack.kind = {
                    name: value
                    for name, value in kind
                    if name in shown[kind]
                    and name not in ("file", "image")
                    and (value not in (None, "") or name == "echo_time")  # no echo among echoes
                }
            result.stacks.extend(made)
    return result


@of_common
def _reference(frame: Frame) -> str:
    return fields.text(frame.ds, 0x00200052)


def _placed(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Group frames whose places can be compared: of one orientation and frame of reference, with a position or without.

    Files that share their *Frame of Reference UID* with hardly any other have lost the true one, and are not taken apart.
    """
    positions: dict[bool, list[Frame]] = {}
    for frame in frames:
        positions.setdefault(frame.position is None, []).append(frame)
    found: list[list[Frame]] = []
    for group in positions.values():
        for parallel in cluster_orientations(group):
            references: dict[str, list[Frame]] = {}
            for frame in parallel:
                references.setdefault(_reference(frame), []).append(frame)
            few = min(map(len, references.values())) < 3
            found.extend([parallel] if few else references.values())
    return found


def _lost(members: Sequence[Frame], parallel: Sequence[Frame]) -> list[str]:
    """Return a note of images that say less than the others of their series about where they are."""
    lost = [frame for frame in members if frame.position is None or directions(frame.orientation) is None]
    if not lost or len(lost) == len(members) or lost[0] in parallel:
        return []
    many = f"{len(lost)} images have" if len(lost) > 1 else "one image has"
    return [f"{many} no usable position or orientation and cannot be placed: {lost[0].path}"]


def _by_stack_id(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Group frames of multi-frame files by *Stack ID*: blocks of slices with gaps between them."""
    blocks: dict[str, list[Frame]] = {}
    for frame in frames:
        holder = frame.find(0x00209056) if frame.groups is not None else None
        blocks.setdefault(fields.text(holder, 0x00209056) if holder is not None else "", []).append(frame)
    return list(blocks.values())


def _acquisition(frame: Frame) -> Hashable:
    return fields.integer(frame.ds, 0x00200012)


def _acquired(frame: Frame) -> Hashable:
    return fields.text(frame.ds, 0x00080032)


def _scans(frames: Sequence[Frame]) -> list[Stack]:
    """Return the stacks of several scans under one UID, told by number or time; none if that leaves any of them unsorted."""
    for read in (_acquisition, _acquired):
        parts: dict[Hashable, list[Frame]] = {}
        for frame in frames:
            parts.setdefault(read(frame), []).append(frame)
        if 1 < len(parts) < 5 and min(map(len, parts.values())) > 1:
            try:
                return [stack for part in parts.values() for stack in arrange(part, [])]
            except SeriesError:
                continue
    return []


def _blocks(frames: Sequence[Frame], regular: bool) -> list[list[Frame]]:
    """Group slices of several volumes that lie between one another: reconstructions, scans, beds; nothing if they do not.

    Parameters
    ----------
    frames : sequence of Frame
        Parallel frames of one size and kind.
    regular : bool
        Whether together they make an even stack. Then only scans of CT are taken apart: there, slices of a scan are not
        acquired between those of another, while in MR they are.
    """
    if regular:
        modality = fields.text(frames[0].ds, 0x00080060)
        return _between(frames, _acquisition) if modality == "CT" and len(frames) > 5 else []
    for read in (thickness, _acquisition, _acquired):
        if blocks := _between(frames, read):
            return blocks
    return []


def _volumes_between(stack: Stack) -> list[list[Frame]]:
    """Group slices of several times or weightings that lie between one another; nothing if there is one of them.

    Where nobody knows the places of slices, as many of each time or weighting are volumes, too.
    """
    if len(stack.frames) > 1 or len(column := stack.frames[0]) < 4:
        return []
    sample = (*column[:2], column[len(column) // 2], column[-1])
    for dimension in DIMENSIONS:
        if dimension.name not in _OF_VOLUMES or len({dimension.read(frame) for frame in sample}) < 2:
            continue
        parts: dict[Hashable, list[int]] = {}
        for at, frame in enumerate(column):
            parts.setdefault(dimension.read(frame), []).append(at)
        spans = [(places[0], places[-1]) for places in parts.values()]
        counts = {len(places) for places in parts.values()}
        nowhere = stack.first.position is None and len(counts) == 1 and dimension.name not in _OF_SCANS
        if min(counts) > 1 and (nowhere or _overlap(spans)):
            return [[column[at] for at in places] for places in parts.values()]
    return []


def _overlap(spans: Sequence[tuple[float, float]]) -> bool:
    return all(max(a[0], b[0]) < min(a[1], b[1]) for a, b in itertools.combinations(spans, 2))


def _between(frames: Sequence[Frame], read: Callable[[Frame], Hashable]) -> list[list[Frame]]:
    """Group slices by what `read` says of them if each group is an even stack and lies among the others.

    Slices of several thicknesses that follow one another are one stack: nothing is returned, as for anything else.
    """
    parts: dict[Hashable, list[Frame]] = {}
    for frame in frames:
        if frame.groups is not None:
            return []
        parts.setdefault(read(frame), []).append(frame)
    if not 1 < len(parts) < 5 or min(map(len, parts.values())) < 3:
        return []
    blocks = list(parts.values())
    spans = []
    for block in blocks:
        slots, known = slots_of(block)
        if not known or len(slots) < len(block) or not measure([slot[0] for slot in slots], known).regular:
            return []
        normal = directions(block[0].orientation)
        assert normal is not None  # or the positions were not known
        first, last = (float(normal[2] @ slot[0].position) for slot in (slots[0], slots[-1]))
        spans.append((first, last))
    return blocks if _overlap(spans) else []


def _by_contrast(
    key: tuple[Hashable, Any], frames: list[Frame]
) -> list[tuple[tuple[Hashable, Any], list[Frame]]]:
    """Split frames by flip angle and repetition time if each has an image of every position, else leave them together.

    Times that differ from slice to slice (by the heart's rhythm, for example) make no other volumes.
    """
    parts: dict[Any, list[Frame]] = {}
    for frame in frames:
        parts.setdefault(contrast_of(frame), []).append(frame)
    if len(parts) < 2:
        return [(key, frames)]
    places = [sorted(str(frame.position) for frame in part) for part in parts.values()]
    if any(place != places[0] for place in places) or len(places[0]) < 2:
        return [(key, frames)]
    return [((key[0], (*key[1], *kind)), part) for kind, part in parts.items()]
