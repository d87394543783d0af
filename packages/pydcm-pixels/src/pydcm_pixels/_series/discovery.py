"""Find the stacks in folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydcm_pixels._series.grouping import split_series, stacks_of
from pydcm_pixels._series.scan import scan, unreadable

if TYPE_CHECKING:
    from pydcm_pixels._series.frame import Frame
    from pydcm_pixels._series.reserve import Reserve
    from pydcm_pixels._series.stack import Stack

__all__ = ["Discovery", "Unsorted", "discover", "find_stacks"]


class Unsorted(NamedTuple):
    """Images that make no volume.

    Attributes
    ----------
    frames : list of Frame
        The images.
    reason : str
        Why they do not.
    """

    frames: list[Frame]
    reason: str


class Discovery(NamedTuple):
    """What was found.

    Attributes
    ----------
    stacks : list of Stack
        By series, in the order of the files.
    unsorted : list of Unsorted
        Images that make no volume.
    left_out : list of (str, str)
        Files that are in no stack, and why.
    """

    stacks: list[Stack]
    unsorted: list[Unsorted]
    left_out: list[tuple[str, str]]


def discover(
    paths: Any,
    *,
    progress: Any = None,
    workers: int | None = None,
    split: str = "outputs",
    reserve: Reserve | None = None,
    like_dcm2niix: bool = False,
) -> Discovery:
    """Return all stacks of files and folders and what was left out; see :func:`find_stacks`.

    With `like_dcm2niix` images without a position or of another frame of reference, localizers, views from several angles
    (NM), and slices of other reconstructions and scans are left among the others, as in its outputs.
    """
    if split not in ("outputs", "series"):
        raise ValueError(f"'split' is 'outputs' or 'series', not {split!r}")
    frames, left_out = scan(paths, progress=progress, workers=workers, reserve=reserve)
    stacks: list[Stack] = []
    unsorted: list[Unsorted] = []
    groups = list(split_series(frames).values())
    for members in groups:
        members = _with_headers(members, left_out)
        sorted_out = stacks_of(members, split=split, like_dcm2niix=like_dcm2niix)
        stacks.extend(sorted_out.stacks)
        unsorted.extend(Unsorted(*one) for one in sorted_out.unsorted)
        left_out.extend(
            (path, "the same image (SOP Instance UID) is there twice")
            for path in dict.fromkeys(one.frame.path for one in sorted_out.copies)
        )
        for frame in members:
            frame.image.release()
    return Discovery(stacks, unsorted, left_out)


def _with_headers(frames: list[Frame], left_out: list[tuple[str, str]]) -> list[Frame]:
    """Return those frames whose headers are there; released ones are read again."""
    found = []
    for frame in frames:
        try:
            frame.image.recall()
            found.append(frame)
        except Exception as exc:  # it was there a moment ago
            left_out.append((frame.path, unreadable(exc)))
    return found


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
