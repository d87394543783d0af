"""Volumes named by their files, so that another process can find and read them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydcm_pixels._series.problems import SeriesError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._volume.model import Volume

__all__ = ["Source", "sources_of"]


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

    def volume(self, *, workers: int | None = None, **options: Any) -> Volume:
        """Read the volume; `options` are those of ``Stack.read``."""
        return self.stack().volume(workers=workers, **options)


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
