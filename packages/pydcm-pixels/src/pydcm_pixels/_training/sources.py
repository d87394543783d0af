"""Volumes named by their files, so that another process can find and read them again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydcm_pixels._series import fields
from pydcm_pixels._series.problems import SeriesError
from pydcm_pixels._series.scan import expand, reporter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pydcm_pixels._series.discovery import Discovery, Unsorted
    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._volume.model import Volume

__all__ = ["Source", "discovered", "sources_of", "unsorted_sources"]

#: Files whose headers, 4 to 130 KB each, are held at once.
MANY = 1000


@dataclass(frozen=True)
class Source:
    """A volume that is not read yet: plain values, no headers, no open files.

    Attributes
    ----------
    files : tuple of str
        Its files.
    number : int
        Which of the volumes in just these files it is.
    split : str
        As for :func:`pydcm_pixels._series.discovery.find_stacks`.
    series_uid, study_uid, modality, description : str
        As its headers have them.
    """

    files: tuple[str, ...]
    number: int
    split: str
    series_uid: str
    study_uid: str
    modality: str
    description: str

    def stack(self) -> Stack:
        """Read the headers again.

        Raises
        ------
        SeriesError
            If the files changed and the volume is no longer in them.
        """
        from pydcm_pixels._series.discovery import find_stacks

        stacks = find_stacks(self.files, progress=False, workers=1, split=self.split)
        same = [stack for stack in stacks if set(stack.files) == set(self.files)]
        if self.number >= len(same):
            raise SeriesError(
                f"the {len(self.files)} files of {self.description or self.series_uid!r} make up that volume "
                f"no longer: {self.files[0]}"
            )
        return same[self.number]

    def volume(
        self,
        *,
        rescale: bool | str = True,
        dtype: Any = None,
        correct_tilt: bool = False,
        resample: bool = False,
        workers: int | None = None,
    ) -> Volume:
        """Read the volume; the options are those of :func:`pydcm.load_series`."""
        stack = self.stack()
        volume = stack.volume(rescale=rescale, dtype=dtype, workers=workers)
        if (correct_tilt and stack.tilt) or (resample and stack.offsets is not None):
            from pydcm_pixels._series.regular import regular_volume

            volume = regular_volume(volume, stack, correct_tilt=correct_tilt, resample=resample)
        return volume


def discovered(
    root: Any,
    *,
    split: str,
    workers: int | None = None,
    progress: bool | Callable[[int, int], Any] | None = None,
) -> Iterator[Discovery]:
    """Yield what there is, a few series at a time: an archive's headers together would not fit in memory.

    The parameters are those of :func:`pydcm_pixels._series.discovery.find_stacks`.
    """
    from pydcm_pixels._series.discovery import discover

    files = list(expand(root))
    report = reporter(progress, len(files))
    done = 0
    for batch in _batches(files, workers):
        yield discover(
            batch,
            split=split,
            workers=workers,
            progress=lambda at, _, before=done: report(before + at),
        )
        done += len(batch)


def _batches(files: list[str], workers: int | None) -> Iterator[list[str]]:
    """Yield files such that no series is in two batches."""
    if len(files) <= MANY:
        yield files
        return
    from pydcm import index

    # what a series has in common, whatever the maker: see grouping.series_key()
    tags = ["StudyInstanceUID", "SeriesNumber"]
    table = index(filter(os.path.isfile, files), tags=tags, workers=workers, progress=False, to="dict")
    keys = dict(zip(table["path"], zip(*(table[tag] for tag in tags), strict=True), strict=True))
    series: dict[Any, list[str]] = {}
    for file in files:
        series.setdefault(keys.get(file), []).append(file)
    batch: list[str] = []
    for members in series.values():
        if batch and len(batch) + len(members) > MANY:
            yield batch
            batch = []
        batch = batch + members
    yield batch


def unsorted_sources(unsorted: Iterable[Unsorted], split: str) -> list[tuple[Source, str]]:
    """Return what stands for images that make no volume, and why they do not."""
    found = []
    for one in unsorted:
        ds = one.frames[0].ds
        files = tuple(dict.fromkeys(frame.path for frame in one.frames))
        texts = [fields.text(ds, tag) for tag in (0x0020000E, 0x0020000D, 0x00080060, 0x0008103E)]
        found.append((Source(files, 0, split, *texts), one.reason))
    return found


def sources_of(stacks: Iterable[Stack], split: str) -> list[Source]:
    """Return the stacks' sources, in the same order."""
    seen: dict[frozenset[str], int] = {}
    found = []
    for stack in stacks:
        files = tuple(stack.files)
        number = seen.get(frozenset(files), 0)
        seen[frozenset(files)] = number + 1
        found.append(
            Source(files, number, split, stack.series_uid, stack.study_uid, stack.modality, stack.description)
        )
    return found
