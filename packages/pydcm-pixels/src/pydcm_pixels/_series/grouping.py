"""From frames to stacks: what belongs into one array."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from pydcm_pixels._series import fields
from pydcm_pixels._series.dimensions import (
    DIMENSIONS,
    Found,
    differing,
    discriminate,
    steady,
    unknown_differences,
)
from pydcm_pixels._series.enhanced import gather_views
from pydcm_pixels._series.geometry import (
    cluster_orientations,
    directions,
    measure,
    slots_of,
    thickness,
)
from pydcm_pixels._series.kinds import contrast_of, distinguishing, kind_of
from pydcm_pixels._series.ordering import volume_numbers
from pydcm_pixels._series.problems import SeriesError
from pydcm_pixels._series.stack import Stack
from pydcm_pixels._series.vendors import philips_precise, philips_scale, series_uid

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from pydcm_pixels._series.frame import Frame

__all__ = ["join", "never_together", "series_key", "split_series", "stacks_of"]

#: At most this part of a stack's images may be second images of a position that nothing tells apart.
_FEW = 0.1
#: Pixel spacings that differ by less (mm) are one.
SAME_SPACING = 1e-4


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


def never_together(frame: Frame) -> tuple[Hashable, ...]:
    """Return what images of one volume have in common whatever their UIDs say: the patient, and whether they are scouts."""
    kind = fields.text(frame.ds, 0x00080008).upper().split("\\")
    return fields.text(frame.ds, 0x00100020), fields.text(frame.ds, 0x00100010), "LOCALIZER" in kind[2:]


class SortedOut(NamedTuple):
    """A series taken apart: its stacks, images that make none with the reason, and second copies of images."""

    stacks: list[Stack]
    unsorted: list[tuple[list[Frame], str]]
    twice: list[Frame]


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
    if not like_dcm2niix:
        gather_views(frames)
    groups: dict[tuple[Hashable, Any], list[Frame]] = {}
    spacings: dict[tuple[float, ...], tuple[float, ...]] = {}
    for frame in frames:
        apart = () if like_dcm2niix else never_together(frame)
        key = (
            (_layout(frame, spacings), apart),
            kind_of(frame, like_dcm2niix=like_dcm2niix) if split == "outputs" else (),
        )
        groups.setdefault(key, []).append(frame)
    if split == "outputs":
        groups = {key: part for group in groups.items() for key, part in _by_contrast(*group)}
    shown = distinguishing({kind for _, kind in groups})
    for (_, kind), members in groups.items():
        for parallel in cluster_orientations(members) if like_dcm2niix else _placed(members):
            try:
                made = _arrange(parallel, result.twice)
                if not all(stack.regular for stack in made) and len(blocks := _by_stack_id(parallel)) > 1:
                    made = [stack for block in blocks for stack in _arrange(block, [])]
                if len(made) == 1 and not like_dcm2niix and (blocks := _blocks(parallel, made[0].regular)):
                    made = [stack for block in blocks for stack in _arrange(block, [])]
            except SeriesError as exc:
                if like_dcm2niix or not (blocks := _blocks(parallel, False)):
                    result.unsorted.append((parallel, str(exc)))
                    continue
                made = [stack for block in blocks for stack in _arrange(block, [])]
            for stack in made:
                stack.kind = {
                    name: value
                    for name, value in kind
                    if name in shown
                    and name not in ("file", "image")
                    and (value not in (None, "") or name == "echo_time")  # no echo among echoes
                }
            result.stacks.extend(made)
    return result


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
                references.setdefault(fields.text(frame.ds, 0x00200052), []).append(frame)
            few = min(map(len, references.values())) < 3
            found.extend([parallel] if few else references.values())
    return found


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
        spans.append([float(normal[2] @ slot[0].position) for slot in (slots[0], slots[-1])])
    over = all(max(a[0], b[0]) < min(a[1], b[1]) for a, b in itertools.combinations(spans, 2))
    return blocks if over else []


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


def _without_copies(slots: Sequence[Sequence[Frame]], twice: list[Frame]) -> list[list[Frame]]:
    """Return positions with each image once; the other copies are added to `twice`."""
    kept: list[list[Frame]] = []
    for slot in slots:
        seen: set[Hashable] = set()
        kept.append([])
        for frame in slot:
            uid = fields.text(frame.ds, 0x00080018)
            key = (uid, frame.index, frame.tile)
            (twice if uid and key in seen else kept[-1]).append(frame)
            seen.add(key)
    return kept


def join(stacks: Sequence[Stack]) -> Stack:
    """Return one stack of the volumes of several on one grid, told apart as the frames of a series are.

    Raises
    ------
    SeriesError
        If nothing tells them apart.
    """
    made = _arrange([frame for stack in stacks for volume in stack.frames for frame in volume], [])
    if len(made) > 1:
        raise SeriesError(f"{stacks[0]!r} and {stacks[1]!r} make no 4-D volume: {'; '.join(made[0].notes)}")
    return made[0]


def _arrange(frames: Sequence[Frame], twice: list[Frame]) -> list[Stack]:
    """Return the stacks that parallel frames of one size and kind make."""
    slots, known = slots_of(frames)
    if not known:
        slots, known = slots_of(_without_copies([frames], twice)[0])
    elif len(slots) < len(frames):
        slots = _without_copies(slots, twice)
    counts = {len(slot) for slot in slots}
    if counts == {1}:
        return [_stack([[slot[0] for slot in slots]], {}, [], known)]
    found = discriminate(slots)
    if counts == {len(slots[0])}:
        return [_several(slots, found, known)]
    return _uneven(slots, found, known)


def _stack(volumes: list[list[Frame]], varying: dict[str, list[Any]], notes: list[str], known: bool) -> Stack:
    geometry = measure(volumes[0], known)
    return Stack(
        volumes,
        geometry.affine,
        varying=varying,
        notes=[*notes, *geometry.notes],
        tilt=geometry.tilt,
        regular=geometry.regular,
        offsets=geometry.offsets,
        precise=_precise(volumes),
    )


def _precise(volumes: Sequence[Sequence[Frame]]) -> tuple[float, float] | None:
    """Return the scaling to Philips' floating-point values if slope, intercept and scale slope never change."""
    first = volumes[0][0]
    if fields.text(first.ds, 0x00080060) != "MR" or not fields.text(first.ds, 0x00080070).upper().startswith(
        "PHILIPS"
    ):
        return None
    scalings = {
        (frame.slope, frame.intercept, philips_scale(frame)) for volume in volumes for frame in volume
    }
    return philips_precise(*scalings.pop()) if len(scalings) == 1 else None


def _several(slots: list[list[Frame]], found: Found | None, known: bool) -> Stack:
    """Return one stack of as many volumes as each position has images."""
    numbers = volume_numbers(slots)
    if numbers is not None:
        for slot in slots:
            slot.sort(key=lambda frame: (numbers[id(frame)], frame.order))
    volumes = [list(volume) for volume in zip(*slots, strict=True)]
    if numbers is not None and found is not None:
        return _stack(volumes, _varying(found, [found.keys[id(volume[0])] for volume in volumes]), [], known)
    if numbers is not None and all(
        len({numbers[id(frame)] for frame in slot}) == len(slot) for slot in slots
    ):
        return _stack(volumes, _numbered(volumes), [], known)
    if found is None:
        if not _regular(slots):
            raise SeriesError(_nothing_tells(slots))
        return _stack(volumes, _numbered(volumes), [], known)
    if found.clock:
        if not _regular(slots):  # the numbers say nothing, the clock does
            for slot in slots:
                slot.sort(key=lambda frame: (found.keys[id(frame)], frame.order))
            volumes = [list(volume) for volume in zip(*slots, strict=True)]
        return _stack(volumes, {found.names[0]: [found.keys[id(volume[0])] for volume in volumes]}, [], known)
    keys = [[found.keys[id(frame)] for frame in volume] for volume in volumes]
    if any(len(set(row)) > 1 for row in keys):
        rank = {key: at for at, key in enumerate(_by_first_use(slots, found))}
        if {found.keys[id(frame)] for frame in slots[0]} == set(rank) and all(
            {found.keys[id(frame)] for frame in slot} == set(rank) for slot in slots
        ):
            for slot in slots:
                slot.sort(key=lambda frame: rank[found.keys[id(frame)]])
            volumes = [list(volume) for volume in zip(*slots, strict=True)]
    return _stack(volumes, _varying(found, [found.keys[id(volume[0])] for volume in volumes]), [], known)


def _varying(found: Found, keys: Sequence[Any]) -> dict[str, list[Any]]:
    columns = (
        [list(keys)]
        if len(found.names) == 1
        else [[key[at] for key in keys] for at in range(len(found.names))]
    )
    return _apart(dict(zip(found.names, columns, strict=True)))


def _apart(varying: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return b values and directions as lists of their own."""
    weightings = varying.pop("DiffusionBValue", None)
    if weightings is not None:
        varying["DiffusionBValue"] = [None if one is None else one[0] for one in weightings]
        if any(one and one[1:] for one in weightings):
            directions = [one[1:] or None if one else None for one in weightings]
            varying["DiffusionGradientOrientation"] = directions
    return varying


def _by_first_use(slots: Sequence[Sequence[Frame]], found: Found) -> list[Hashable]:
    """Return the keys in the order in which they were acquired first."""
    first: dict[Hashable, tuple[Any, ...]] = {}
    for slot in slots:
        for frame in slot:
            key = found.keys[id(frame)]
            if key not in first or frame.order < first[key]:
                first[key] = frame.order
    return sorted(first, key=lambda key: first[key])


def _numbered(volumes: Sequence[Sequence[Frame]]) -> dict[str, list[Any]]:
    """Return what tells volumes apart if no element does at every position.

    It is the number of the frame in its file, or of the file; what else each volume has a value of its own for is added.
    """
    varying = _apart(steady(volumes))
    paths = {frame.path for volume in volumes for frame in volume}
    if len(paths) == 1:
        varying["FrameNumber"] = [min(frame.index or 0 for frame in volume) + 1 for volume in volumes]
    else:
        varying["InstanceNumber"] = [min(frame.order for frame in volume)[0] for volume in volumes]
    return varying


def _regular(slots: Sequence[Sequence[Frame]]) -> bool:
    """Say whether the order of acquisition runs through all positions volume by volume, or position by position."""
    orders = [[frame.order for frame in slot] for slot in slots]
    if len({order for slot in orders for order in slot}) < sum(map(len, orders)):
        return False
    volumes = list(zip(*orders, strict=True))
    if all(max(a) < min(b) for a, b in itertools.pairwise(volumes)):
        return True
    spans = sorted((min(slot), max(slot)) for slot in orders)
    return all(a[1] < b[0] for a, b in itertools.pairwise(spans))


def _nothing_tells(slots: Sequence[Sequence[Frame]]) -> str:
    crowded = max(slots, key=len)
    if names := differing(crowded):
        values = {tuple(one.read(frame) for one in DIMENSIONS) for frame in crowded}
        why = "not at every position" if len(values) == len(crowded) else "some have the same values"
        what = f"they differ in {', '.join(names)}, but {why}"
    elif names := unknown_differences(crowded):
        what = f"they differ in {', '.join(names)}, none of which tells volumes apart"
    else:
        what = "nothing known differs"
    return (
        f"{len(crowded)} images are at one position ({crowded[0].path} and {crowded[1].path}) and no element tells them "
        f"apart: {what}; pass the files of one volume"
    )


def _uneven(slots: list[list[Frame]], found: Found | None, known: bool) -> list[Stack]:
    """Return stacks of positions with different numbers of images: two series over one another, an aborted one."""
    if found is not None and not found.clock:
        parts: dict[Hashable, list[list[Frame]]] = {key: [] for key in _by_first_use(slots, found)}
        places: dict[Hashable, list[int]] = {key: [] for key in parts}
        for at, slot in enumerate(slots):
            for frame in slot:
                parts[found.keys[id(frame)]].append([frame])
                places[found.keys[id(frame)]].append(at)
        same: dict[tuple[int, ...], list[Hashable]] = {}
        for key, where in places.items():
            same.setdefault(tuple(where), []).append(key)
        made = []
        note = f"positions have different numbers of images: {' and '.join(found.names)} tell them apart"
        for keys in same.values():
            volumes = [[frame for (frame,) in parts[key]] for key in keys]
            varying = _varying(found, keys) if len(keys) > 1 else {}
            made.append(_stack(volumes, varying, [note], known))
        return made
    runs = _runs(slots)
    if runs is not None:
        return _runs_to_stacks(runs, known)
    extra = sum(len(slot) - 1 for slot in slots)
    if extra <= max(1, _FEW * len(slots)):
        notes = [
            f"{len(slot)} images at slice {at}: nothing tells them apart, {slot[0].path} is taken"
            for at, slot in enumerate(slots)
            if len(slot) > 1
        ]
        return [_stack([[slot[0] for slot in slots]], {}, notes, known)]
    raise SeriesError(_nothing_tells(slots))


def _runs(slots: Sequence[Sequence[Frame]]) -> list[dict[int, Frame]] | None:
    """Cut the frames, in order of acquisition, into runs through the positions; ``None`` if most are not whole."""
    sequence = sorted(
        ((frame.order, at, frame) for at, slot in enumerate(slots) for frame in slot), key=lambda one: one[:2]
    )
    runs: list[dict[int, Frame]] = [{}]
    for _, at, frame in sequence:
        if at in runs[-1]:
            runs.append({})
        runs[-1][at] = frame
    whole = [run for run in runs if len(run) == len(slots)]
    return (
        runs
        if whole and 2 * len(whole) * len(slots) > len(sequence) and len(runs) - len(whole) <= 1
        else None
    )


def _runs_to_stacks(runs: list[dict[int, Frame]], known: bool) -> list[Stack]:
    """Return a stack of the whole runs, and one of what an aborted run has."""
    size = max(map(len, runs))
    whole = [run for run in runs if len(run) == size]
    rest = [run for run in runs if len(run) < size]
    volumes = [[run[at] for at in range(size)] for run in whole]
    notes = [f"a volume has {len(run)} of {size} slices and is a stack of its own" for run in rest]
    varying = _numbered(volumes) if len(volumes) > 1 else {}
    stacks = [_stack(volumes, varying, notes, known)]
    stacks.extend(
        _stack([[run[at] for at in sorted(run)]], {}, ["part of an incomplete volume"], known) for run in rest
    )
    return stacks
