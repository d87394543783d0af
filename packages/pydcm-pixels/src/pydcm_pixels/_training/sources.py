"""Volumes named by their files, so that another process can find and read them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydcm_pixels._series import fields
from pydcm_pixels._series.problems import SeriesError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydcm_pixels._series.discovery import Unsorted
    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._volume.model import Volume

__all__ = ["Source", "sources_of", "unsorted_sources"]


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
