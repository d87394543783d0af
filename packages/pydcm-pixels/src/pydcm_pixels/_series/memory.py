"""Memory for volumes.

A volume is written once from end to end, and the system clears new memory when it is first written to, which for an
uncompressed series takes longer than reading the files does. Threads can do this beforehand, together.

Huge pages are cleared four times as fast as small ones. But where the system has to find them first, or in virtual
machines that give memory back, they can take up to a second for a volume. So they are asked for as long as they come
quickly.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pydcm_pixels._series.crew import Crew

if TYPE_CHECKING:
    import numpy as np

__all__ = ["HUGE", "LARGE", "Provision", "new_array"]

#: Arrays from this size on are treated specially, bytes.
LARGE = 1 << 25
#: Size of a huge page on most processors.
HUGE = 1 << 21


def new_array(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return a new C-contiguous array whose content does not matter; a large one has its pages to be asked for."""
    import numpy as np

    kind = np.dtype(dtype)
    nbytes = int(np.prod(shape, dtype=object)) * kind.itemsize
    if nbytes < LARGE or not sys.platform.startswith("linux") or kind.hasobject:
        return np.empty(shape, dtype=kind)
    import mmap

    try:
        memory = mmap.mmap(-1, nbytes + HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except (OSError, OverflowError) as exc:
        raise MemoryError(f"there is no memory for {nbytes} bytes") from exc
    whole = np.frombuffer(memory, dtype=np.uint8)
    start = -whole.ctypes.data % HUGE
    try:
        memory.madvise(mmap.MADV_HUGEPAGE, start, nbytes)
    except (AttributeError, OSError):
        pass  # a system without huge pages
    return whole[start : start + nbytes].view(kind).reshape(shape)


class Provision:
    """Has the system provide the pages of a new array, in threads.

    Parameters
    ----------
    array : numpy.ndarray
        What :func:`new_array` returned.

    Attributes
    ----------
    array : numpy.ndarray
        The array.
    crew : Crew
        The threads.
    """

    def __init__(self, array: np.ndarray) -> None:
        import numpy as np

        self.array = array
        self.crew = Crew()
        self._memory = array.reshape(-1).view(np.uint8)
        self._state = np.zeros(3, dtype=np.int64)

    def begin(self, threads: int = 1) -> None:
        """Have threads do it."""
        from pydcm_pixels._core._slices import touch

        self._state[1] = 0
        self.crew.give(threads, touch, self._memory, self._state)

    def finish(self, threads: int) -> None:
        """Return when all pages are there; this thread is one of those that see to it."""
        from pydcm_pixels._core._slices import touch

        self.begin(threads - 1)
        touch(self._memory, self._state)
        if errors := self.crew.wait():
            raise errors[0]

    def pause(self) -> Any:
        """Have the threads stop, and return the state of the memory: the rest is asked for by whoever fills it.

        A thread may go on for the tenth of a millisecond. What it asks for may be filled meanwhile.
        """
        self._state[1] = 1
        return self._state

    def end(self) -> None:
        """Let the threads go, whether all pages are there or not."""
        self.pause()
        self.crew.end()
