"""Memory for a volume asked for while headers are still being read.

The system clears new memory when it is first written to, which for an uncompressed series takes as long as reading
it. Headers keep one processor busy; another one can do this meanwhile, if the first headers show what is to come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._series.memory import Provision, new_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm_pixels._series.frame import Frame

__all__ = ["Reserve"]

#: It does not pay for less, and more than this is not taken on suspicion.
_LEAST, _MOST = 1 << 26, 1 << 31


class Reserve:
    """Room for as many images as there are files, all like the first.

    Parameters
    ----------
    itemsize : int
        Bytes of a sample of the volume.
    """

    def __init__(self, itemsize: int) -> None:
        self._itemsize = itemsize
        self._memory: Provision | None = None
        self._stop = False
        self._like: tuple[Any, ...] | None = None
        self._answers: dict[Any, Any] | None = None

    def look(self, frames: Sequence[Frame], n_files: int) -> None:
        """Take note of the headers read so far: all frames of a scan, and how many files there are."""
        if self._stop:
            return
        if self._answers is not None and all(frame.image.answers is self._answers for frame in frames):
            return  # files that are alike
        kinds = {self._kind(frame) for frame in frames}
        if self._like is None:
            if len(kinds) == 1 and len(frames) > 1:
                (self._like,) = kinds
                self._answers = frames[0].image.answers
                self._begin(frames[0], n_files)
        elif kinds != {self._like}:
            self.drop()

    @staticmethod
    def _kind(frame: Frame) -> tuple[Any, ...]:
        return frame.index, frame.tile, frame.rows, frame.columns, frame.image.samples, frame.orientation

    def _begin(self, frame: Frame, n_files: int) -> None:
        size = n_files * frame.rows * frame.columns * frame.image.samples * self._itemsize
        if frame.index is not None or frame.tile is not None or not _LEAST <= size <= _MOST:
            self._stop = True
            return
        self._memory = Provision(new_array((size,), "u1"))
        self._memory.begin()

    def drop(self) -> None:
        """Give the memory back."""
        self._stop = True
        if self._memory is not None:
            self._memory.end()
        self._memory = None

    def take(self, shape: tuple[int, ...], dtype: Any) -> Provision | None:
        """Return the memory as an array of that shape, ``None`` if it is not what is needed."""
        import numpy as np

        memory, needed = self._memory, int(np.prod(shape)) * np.dtype(dtype).itemsize
        if memory is None or memory.array.nbytes != needed:
            self.drop()
            return None
        self._stop = True
        memory.array = memory.array.view(dtype).reshape(shape)
        return memory
