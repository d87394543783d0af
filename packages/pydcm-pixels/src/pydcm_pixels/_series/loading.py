"""The public functions: list what is there, load one volume, load a 4-D one."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, SupportsIndex

from pydcm_pixels._series.arranging import NUMBERED, join
from pydcm_pixels._series.discovery import discover
from pydcm_pixels._series.frame import NOWHERE
from pydcm_pixels._series.geometry import MEAN, TILTED
from pydcm_pixels._series.grouping import never_together
from pydcm_pixels._series.kinds import JOINED
from pydcm_pixels._series.problems import SeriesError
from pydcm_pixels._series.reading import is_coloured, read_stack
from pydcm_pixels._series.report import SeriesList
from pydcm_pixels._series.reserve import Reserve
from pydcm_pixels._series.scan import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._volume.model import Volume

    Which = int | str | Callable[[Stack], Any] | Sequence[int] | None

__all__ = ["list_series", "load_4d", "load_series"]


def list_series(
    path: Any, *, progress: bool | Callable[[int, int], Any] | None = None, workers: int | None = None
) -> SeriesList:
    """List the volumes in a folder.

    Parameters
    ----------
    path : path or iterable of paths
        Files, folders (with all that is below them) and DICOMDIRs.
    progress : bool or callable, optional
        Show a bar on standard error while headers are read; by default if it is a terminal. A callable gets
        (files done, files in all).
    workers : int, optional
        Threads that read headers.

    Returns
    -------
    SeriesList
        A list of stacks that prints as a table; its `left_out` and `unsorted` say which files are in none, and why.
        Numbers in the first column are what :func:`load_series` takes as `which`.
    """
    return _list(path, progress, workers)


def _list(path: Any, progress: Any, workers: int | None, reserve: Reserve | None = None) -> SeriesList:
    found = discover(path, progress=progress, workers=workers, reserve=reserve)
    return SeriesList(found.stacks, found.unsorted, found.left_out)


def _threads(workers: int | None) -> int:
    if workers is None:
        from pydcm_pixels._decode.parallel import available_cpus

        workers = available_cpus()
    return workers


def load_series(
    path: Any,
    *,
    which: Which = None,
    strict: bool = False,
    rescale: bool | str = True,
    dtype: Any = None,
    out: np.ndarray | None = None,
    correct_tilt: bool = False,
    resample: bool = False,
    workers: int | None = None,
    progress: bool | Callable[[int, int], Any] | None = None,
) -> Volume:
    """Assemble the images of a series into one volume.

    Parameters
    ----------
    path : path or iterable of paths
        Files, folders (with all that is below them) and DICOMDIRs, of one or more series.
    which : int, str or callable, optional
        The volume to load: a number in :func:`list_series`, a Series Instance UID, a series description, or a function
        of a stack that says whether it is the one. By default, and of several, the one with the most voxels.
    strict : bool, optional
        Raise an error where there is otherwise a warning: missing, repeated or unevenly spaced slices, unreadable files.
    rescale : bool or "display", optional
        Return real-world values (Hounsfield units for CT) instead of stored ones; ``"display"`` is for Philips' displayed
        values instead of the comparable ones.
    dtype : dtype, optional
        Type of the array; float32 by default, the stored type without `rescale` and of colours. Whole numbers are rounded, and values
        that they cannot hold become the nearest one.
    out : numpy.ndarray, optional
        Fill this array: a memory map takes a volume that is larger than memory. Not where slices are resampled.
    correct_tilt : bool, optional
        Resample the slices of a tilted stack (CT gantry tilt) so that the axes are perpendicular.
    resample : bool, optional
        Resample slices at uneven distances to even ones.
    workers : int, optional
        Threads; by default one per processor.
    progress : bool or callable, optional
        As for :func:`list_series`.

    Returns
    -------
    Volume
        ``[z, y, x]`` in patient space (LPS, mm), or ``[t, z, y, x]`` if the series holds several volumes that its
        elements tell apart; ``meta["varying"]`` says by what.

    Raises
    ------
    SeriesError
        If there is no volume, if nothing (or nothing but a number, see :func:`load_4d`) tells several images of one position
        apart, or for what `strict` refuses.
    FileNotFoundError
        If there is nothing at `path`.

    Warns
    -----
    UserWarning
        For every irregularity that the volume's ``meta["notes"]`` lists.
    """
    reserve = memory = None
    if rescale and dtype is None and out is None and _threads(workers) > 1:
        reserve = Reserve(4)
    try:
        found = _list(path, progress, workers, reserve)
        stack, others = _choose(found, which)
        notes = _after(stack.notes, correct_tilt, resample)
        resampled = (correct_tilt and bool(stack.tilt)) or (resample and stack.offsets is not None)
        if resampled and out is not None:
            raise ValueError("slices that are resampled are not those that 'out' is for: give one of them up")
        if guessed := [note for note in notes if NUMBERED in note]:
            raise SeriesError(guessed[0])
        _complain(notes, found, others, strict)
        if reserve is not None and not is_coloured(stack):
            memory = reserve.take(stack.shape, "f4")
    finally:
        if reserve is not None and memory is None:
            reserve.drop()
    array = read_stack(stack, rescale=rescale, dtype=dtype, out=out, workers=workers, memory=memory)
    volume = stack.with_pixels(array)
    if resampled:
        from pydcm_pixels._series.regular import regular_volume

        volume = regular_volume(volume, stack, correct_tilt=correct_tilt, resample=resample)
        volume.meta["notes"] = notes
    return volume


def load_4d(
    path: Any,
    *,
    which: Which = None,
    strict: bool = False,
    rescale: bool | str = True,
    dtype: Any = None,
    out: np.ndarray | None = None,
    workers: int | None = None,
    progress: bool | Callable[[int, int], Any] | None = None,
) -> Volume:
    """Assemble all volumes of a series: time points, cardiac phases, b-values, echoes, magnitude and phase.

    Parameters
    ----------
    path, which, strict, rescale, dtype, out, workers, progress
        As for :func:`load_series`; `which` may be a list of numbers, or a function that takes several stacks, also of
        different series: they follow one another if they have the same grid.

    Returns
    -------
    Volume
        ``[t, z, y, x]``, also for one volume; ``meta["varying"]`` has a list per element that differs, as long as t. Where
        images of one position differ in nothing but *Instance Number* or their frame, volumes are in that order, with a
        warning.

    Raises
    ------
    SeriesError
        If there is no volume, or if those chosen have different grids.
    """
    found = list_series(path, progress=progress, workers=workers)
    stack, others = _choose(found, which, join_all=True)
    _complain(stack.notes, found, others, strict)
    if out is not None and "t" not in stack.axes and out.shape == (1, *stack.shape):
        out = out[0]
    volume = stack.volume(rescale=rescale, dtype=dtype, out=out, workers=workers)
    if "t" not in volume.axes:
        volume = volume._like(volume.pixels[None], axes="t" + volume.axes)
    return volume


def _choose(found: SeriesList, which: Which, *, join_all: bool = False) -> tuple[Stack, list[Stack]]:
    """Return the stack asked for, and the other stacks of its series."""
    if isinstance(which, SupportsIndex) and not isinstance(which, bool):
        which = operator.index(which)
    if isinstance(which, bool) or not (
        which is None or isinstance(which, int | str | list | tuple) or callable(which)
    ):
        raise TypeError(f"'which' is a number, a UID, a description or a function, not {which!r}")
    if not found and which is None:
        raise SeriesError("\n  ".join(["there is no volume here", *found.reasons()]))
    if isinstance(which, int):
        return _by_number(found, which), []
    if isinstance(which, list | tuple):
        if not which:
            raise SeriesError(f"no number is in the list for 'which':\n{found}")
        return _join([_by_number(found, number) for number in which]), []
    if isinstance(which, str):
        candidates = [stack for stack in found if which in (stack.series_uid, stack.description)]
        failed = [one for one in found.unsorted if which in _names(one.frames[0].ds)]
    elif which is None:
        candidates, failed = list(found), found.unsorted
    else:
        candidates, failed = [stack for stack in found if which(stack)], []
        if join_all and len(candidates) > 1:
            return _join(candidates), []
    largest = max(candidates, key=lambda stack: stack.n_voxels, default=None)
    size = largest.n_voxels if largest is not None else 0
    for one in failed:
        if sum(frame.rows * frame.columns for frame in one.frames) > size:
            raise SeriesError(one.reason)
    if largest is None:
        raise SeriesError(f"no series here is {which!r}:\n{found}")
    same = largest.study_uid, largest.series_uid
    siblings = [stack for stack in candidates if (stack.study_uid, stack.series_uid) == same]
    together = [stack for stack in siblings if stack is largest or _joins(stack, largest, join_all)]
    if len(together) > 1:
        return _join(together), [stack for stack in siblings if all(stack is not one for one in together)]
    return largest, [stack for stack in siblings if stack is not largest]


def _by_number(found: SeriesList, number: int) -> Stack:
    try:
        return found[operator.index(number)]
    except TypeError:
        raise TypeError(f"a list for 'which' has numbers of list_series(), not {number!r}") from None
    except IndexError:
        raise SeriesError(f"there is no volume {number}, there are {len(found)}:\n{found}") from None


def _names(ds: Any) -> tuple[str, ...]:
    from pydcm_pixels._series import fields

    return fields.text(ds, 0x0020000E), fields.text(ds, 0x0008103E)


def _joins(one: Stack, other: Stack, any_kind: bool) -> bool:
    """Say whether two stacks of a series are volumes of one 4-D stack: the same grid, another echo (or kind).

    Pictures and films of no known place are of different things: views, projections, clips. Patients are never joined.
    """
    if one.first.position is None or one.first.position is NOWHERE:
        return False
    if not _same_grid(one, other) or never_together(one.first) != never_together(other.first):
        return False
    if any_kind:
        return True
    differing = {name for name in {*one.kind, *other.kind} if one.kind.get(name) != other.kind.get(name)}
    return differing <= JOINED and len(one.frames) == len(other.frames) == 1


def _same_grid(one: Stack, other: Stack) -> bool:
    import numpy as np

    a, b = one.first, other.first
    return (
        len(one.frames[0]) == len(other.frames[0])
        and (a.rows, a.columns, a.image.samples, a.image.dtype)
        == (b.rows, b.columns, b.image.samples, b.image.dtype)
        and bool(np.allclose(one.affine, other.affine, atol=1e-2))
    )


def _join(stacks: Sequence[Stack]) -> Stack:
    """Return one stack of the volumes of several.

    Volumes of one series are told apart as always. Those of several series, or of kinds that nothing but *Image Type*
    tells apart, follow one another.
    """
    first = stacks[0]
    for other in stacks[1:]:
        if not _same_grid(first, other):
            raise SeriesError(
                f"{first!r} and {other!r} have different grids (size, position or type) and make no 4-D volume"
            )
    same_series = len({stack.series_uid for stack in stacks}) == 1
    same_scaling = len({stack.precise for stack in stacks}) == 1
    if same_series and same_scaling:
        joined = join(stacks)
        joined.notes = list(dict.fromkeys(note for stack in stacks for note in stack.notes))
        return joined
    return _concatenate(stacks, same_series)


def _concatenate(stacks: Sequence[Stack], same_series: bool) -> Stack:
    from dataclasses import replace

    varying: dict[str, list[Any]] = {}
    done = 0
    for stack in stacks:
        count = len(stack.frames)
        own = {**{name: [value] * count for name, value in stack.kind.items()}, **stack.varying}
        if not same_series:
            own["SeriesInstanceUID"] = [stack.series_uid] * count
        for name, values in own.items():
            varying.setdefault(name, [None] * done).extend(values)
        done += count
        for values in varying.values():
            values.extend([None] * (done - len(values)))
    notes = list(dict.fromkeys(note for stack in stacks for note in stack.notes))
    scalings = {stack.precise for stack in stacks}
    if len(scalings) > 1:
        notes.append("the volumes have different Philips scalings: values are the displayed ones")
    return replace(
        stacks[0],
        frames=[volume for stack in stacks for volume in stack.frames],
        varying=varying,
        kind={},
        notes=notes,
        precise=scalings.pop() if len(scalings) == 1 else None,
    )


def _after(notes: Sequence[str], correct_tilt: bool, resample: bool) -> list[str]:
    """Return what there is to say of a stack once it is resampled."""
    left = []
    for note in notes:
        if correct_tilt and note.startswith(TILTED):
            continue
        what, mean, _ = note.partition(MEAN)
        left.append(f"{what}; resampled to even distances" if resample and mean else note)
    return left


def _complain(notes: Sequence[str], found: SeriesList, others: Sequence[Stack], strict: bool) -> None:
    """Warn of what is irregular, or raise an error of it."""
    import warnings

    problems = list(notes)
    broken = [f"{path}: {reason}" for path, reason in found.left_out if reason.startswith(UNREADABLE)]
    if broken:
        many = (
            f"{len(broken)} files cannot be read and are"
            if len(broken) > 1
            else "one file cannot be read and is"
        )
        problems.append(f"{many} left out: {broken[0]}")
    if strict and problems:
        raise SeriesError("; ".join(problems))
    if others:
        listed = ", ".join(f"{one!r}" for one in others[:3])
        problems.append(f"the series holds {len(others)} more volumes, see list_series(): {listed}")
    for problem in problems:
        warnings.warn(problem, UserWarning, stacklevel=3)
