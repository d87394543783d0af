"""From parallel images of one size and kind to stacks: one volume, several, or parts of them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from pydcm_pixels._series import fields
from pydcm_pixels._series.copies import without_copies
from pydcm_pixels._series.dimensions import (
    DIMENSIONS,
    Found,
    differing,
    discriminate,
    steady,
    unknown_differences,
)
from pydcm_pixels._series.frame import NOWHERE
from pydcm_pixels._series.geometry import directions, measure, slots_of
from pydcm_pixels._series.ordering import volume_numbers
from pydcm_pixels._series.problems import SeriesError
from pydcm_pixels._series.stack import Stack
from pydcm_pixels._series.vendors import is_philips, philips_precise, philips_scale

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from pydcm_pixels._series.copies import Copy
    from pydcm_pixels._series.frame import Frame

__all__ = ["NUMBERED", "arrange", "join", "only_numbered", "unscaled"]

#: What the note of volumes says that only the order of their images tells apart.
NUMBERED = "tells no volumes apart"

#: Elements that may differ between images of nearly the same position.
_OF_PLACES = frozenset({"ImagePositionPatient", "SliceLocation"})
#: Images of several volumes are at one position if they are as near as this part of the distance to the next one.
_NEAR = 0.05
#: What is in the order of time, whatever the order of numbers that run neither through volumes nor through positions.
_IN_ORDER = frozenset(
    "TemporalPositionIdentifier TemporalPositionIndex TriggerTime NominalPercentageOfCardiacPhase FrameReferenceTime".split()
)
#: Dates of times of the day.
_DATES = {"AcquisitionTime": 0x00080022, "ContentTime": 0x00080023}
#: At most this part of a stack's images may be second images of a position that nothing tells apart.
_FEW = 0.1


def join(stacks: Sequence[Stack]) -> Stack:
    """Return one stack of the volumes of several on one grid, told apart as the frames of a series are.

    Raises
    ------
    SeriesError
        If nothing tells them apart.
    """
    made = arrange([frame for stack in stacks for volume in stack.frames for frame in volume], [])
    if len(made) > 1:
        raise SeriesError(f"{stacks[0]!r} and {stacks[1]!r} make no 4-D volume: {'; '.join(made[0].notes)}")
    return made[0]


def arrange(frames: Sequence[Frame], copies: list[Copy]) -> list[Stack]:
    """Return the stacks that parallel frames of one size and kind make."""
    slots, known = slots_of(frames)
    if not known:
        slots, known = slots_of(without_copies([frames], copies, known=False)[0])
    elif len(slots) < len(frames):
        slots = without_copies(slots, copies)
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


def unscaled(stack: Stack) -> str:
    """Return a note of images without slope and intercept among others that have them; else nothing."""
    frames = [frame for volume in stack.frames for frame in volume]
    scalings = {(frame.slope, frame.intercept) for frame in frames}
    if len(scalings) < 2 or (1.0, 0.0) not in scalings:
        return ""
    bare = [
        frame
        for frame in frames
        if (frame.slope, frame.intercept) == (1.0, 0.0)
        and not (frame.table or frame.groups is not None)
        and not any(tag in frame.ds for tag in (0x00281052, 0x00281053, 0x3004000E))
    ]
    if not bare:
        return ""
    many = f"{len(bare)} images have" if len(bare) > 1 else "one image has"
    return f"{many} neither Rescale Slope nor Intercept, others have: {bare[0].path}"


def _precise(volumes: Sequence[Sequence[Frame]]) -> tuple[float, float] | None:
    """Return the scaling to Philips' floating-point values if slope, intercept and scale slope never change."""
    first = volumes[0][0]
    if fields.modality(first.ds) != "MR" or not is_philips(first.ds):
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
            date = _DATES.get(found.names[0])
            for slot in slots:
                slot.sort(
                    key=lambda frame: (
                        fields.text(frame.ds, date) if date else "",  # midnight may be between them
                        found.keys[id(frame)],
                        frame.order,
                    )
                )
            volumes = [list(volume) for volume in zip(*slots, strict=True)]
        return _stack(volumes, {found.names[0]: [found.keys[id(volume[0])] for volume in volumes]}, [], known)
    keys = [[found.keys[id(frame)] for frame in volume] for volume in volumes]
    regular = _regular(slots)
    numbered = all(len({frame.order for frame in slot}) == len(slot) for slot in slots)
    if (
        not numbered
        or (found.names[0] in _IN_ORDER and not regular)
        or any(len(set(row)) > 1 for row in keys)
    ):
        in_order = _ascending if found.names[0] in _IN_ORDER and not regular else None
        rank: dict[Hashable, Any] = {key: at for at, key in enumerate(_by_first_use(slots, found, in_order))}
        if any({found.keys[id(frame)] for frame in slot} != rank.keys() for slot in slots):
            if regular:  # values of slices, such as times: the numbers say whose they are
                rank = {}
            elif all(isinstance(key, float | int) for key in rank):
                rank = {key: key for key in rank}
            else:
                raise SeriesError(_nothing_tells(slots))
        if rank:
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


def _by_first_use(
    slots: Sequence[Sequence[Frame]], found: Found, in_order: Callable[[Hashable], Any] | None = None
) -> list[Hashable]:
    """Return the keys in the order in which they were acquired first, or from small to large if numbers do not say.

    With `in_order`, they are in its order whatever the numbers say.
    """
    first: dict[Hashable, tuple[Any, ...]] = {}
    for slot in slots:
        for frame in slot:
            key = found.keys[id(frame)]
            if key not in first or frame.order < first[key]:
                first[key] = frame.order
    return sorted(first, key=in_order or (lambda key: (first[key], _ascending(key))))


def _ascending(key: Hashable) -> tuple[Any, ...]:
    """Return what sorts values: nothing before numbers, and these from small to large; texts stay in their order."""
    if isinstance(key, tuple):
        return 3, tuple(map(_ascending, key))
    if key is None:
        return (0,)
    return (1, key) if isinstance(key, float | int) else (2,)


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


def only_numbered(stack: Stack) -> str:
    """Return a note of it if only the numbers of files or frames tell the volumes of a stack apart; else nothing."""
    if stack.first.position is None or stack.first.position is NOWHERE:  # equal to one that is really there
        return ""
    first, last = stack.frames[0][0], stack.frames[-1][0]
    if list(stack.varying) == ["InstanceNumber"]:
        same = not differing((first, last)) and not {*unknown_differences((first, last))} - _OF_PLACES
    elif list(stack.varying) == ["FrameNumber"]:
        same = first.groups is not None and first.groups == last.groups
    else:
        same = False
    if not same:
        return ""
    count, paths = len(stack.frames), " and ".join(dict.fromkeys((first.path, last.path)))
    return (
        f"{count} images are at one position ({paths}) and differ in nothing but "
        f"{next(iter(stack.varying))}, which {NUMBERED}: load_4d() takes them for {count} volumes in its order"
    )


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
        if (moved := _moved([[frame for (frame,) in part] for part in parts.values()])) is not None:
            volumes = [[frame for (frame,) in part] for part in parts.values()]
            note = f"slices of several volumes are taken to be at one position: they are up to {moved:.3g} mm apart"
            return [_stack(volumes, _varying(found, list(parts)), [note], known)]
        same: dict[tuple[int, ...], list[Hashable]] = {}
        for key, where in places.items():
            same.setdefault(tuple(where), []).append(key)
        made = []
        verb = f"{' and '.join(found.names)} {'tells' if len(found.names) == 1 else 'tell'}"
        note = f"positions have different numbers of images: {verb} them apart"
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


def _moved(volumes: Sequence[Sequence[Frame]]) -> float | None:
    """Return by how much positions differ between volumes (mm), ``None`` if that is more than noise."""
    import numpy as np

    normal = directions(volumes[0][0].orientation)
    lengths = {len(volume) for volume in volumes}
    if normal is None or len(volumes) < 2 or lengths != {len(volumes[0])} or lengths == {1}:
        return None
    along = np.array([[frame.position or NOWHERE for frame in volume] for volume in volumes]) @ normal[2]
    apart = float(np.ptp(along, axis=0).max())
    return apart if apart <= _NEAR * float(np.diff(along).min()) else None


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
