"""Find the stacks in folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydcm_pixels._series.grouping import split_series, stacks_of
from pydcm_pixels._series.scan import scan

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack

__all__ = ["Discovery", "discover", "find_stacks"]


class Discovery(NamedTuple):
    """What was found.

    Attributes
    ----------
    stacks : list of Stack
        By series, in the order of the files.
    left_out : list of (str, str)
        Files that are in no stack, and why.
    """

    stacks: list[Stack]
    left_out: list[tuple[str, str]]


def discover(
    paths: Any, *, progress: Any = None, workers: int | None = None, split: str = "outputs"
) -> Discovery:
    """Return all stacks of files and folders and what was left out; see :func:`find_stacks`."""
    frames, left_out = scan(paths, progress=progress, workers=workers)
    stacks: list[Stack] = []
    for members in split_series(frames).values():
        made, others = stacks_of(members, split=split)
        stacks.extend(made)
        for frame, reason in others:
            if not left_out or left_out[-1] != (frame.path, reason):
                left_out.append((frame.path, reason))
    return Discovery(stacks, left_out)


def find_stacks(
    paths: Any, *, progress: Any = None, workers: int | None = None, split: str = "outputs"
) -> list[Stack]:
    """Return the stacks that files and folders hold.

    Parameters
    ----------
    paths : path or iterable of paths
        Files, folders (with all that is below them) and DICOMDIRs.
    progress : bool or callable, optional
        Show a bar on standard error; by default if it is a terminal. A callable gets (files done, files in all).
    workers : int, optional
        Threads that read headers.
    split : {"outputs", "series"}, optional
        Whether the echoes and the components (magnitude, phase, …) of a series are stacks of their own.

    Returns
    -------
    list of Stack
        By series, in the order of the files.
    """
    return discover(paths, progress=progress, workers=workers, split=split).stacks
