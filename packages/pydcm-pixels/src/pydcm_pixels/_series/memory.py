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

if TYPE_CHECKING:
    from threading import Thread

    import numpy as np

__all__ = ["LARGE", "Provision", "new_array"]

#: Arrays from this size on are treated specially, bytes.
LARGE = 1 << 25
#: Size of a huge page on most processors.
_HUGE = 1 << 21


def new_array(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return a new C-contiguous array whose content does not matter; a large one has its pages to be asked for."""
    import numpy as np

    kind = np.dtype(dtype)
    nbytes = int(np.prod(shape, dtype=object)) * kind.itemsize
    if nbytes < LARGE or not sys.platform.startswith("linux") or kind.hasobject:
        return np.empty(shape, dtype=kind)
    import mmap

    try:
        memory = mmap.mmap(-1, nbytes + _HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except (OSError, OverflowError) as exc:
        raise MemoryError(f"there is no memory for {nbytes} bytes") from exc
    whole = np.frombuffer(memory, dtype=np.uint8)
    start = -whole.ctypes.data % _HUGE
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
    """

    def __init__(self, array: np.ndarray) -> None:
        import numpy as np

        self.array = array
        self._memory = array.reshape(-1).view(np.uint8)
        self._state = np.zeros(3, dtype=np.int64)
        self._threads: list[Thread] = []

    def begin(self, threads: int = 1) -> None:
        """Start threads that do it."""
        import threading

        from pydcm_pixels._core._slices import touch

        for _ in range(threads):
            thread = threading.Thread(
                target=touch, args=(self._memory, self._state), name="pydcm-memory", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def finish(self, threads: int) -> None:
        """Return when all pages are there; this thread is one of those that see to it."""
        from pydcm_pixels._core._slices import touch

        self.begin(max(0, threads - 1 - len(self._threads)))
        touch(self._memory, self._state)
        self._join()

    def pause(self) -> Any:
        """Stop, and return the state of the memory: the rest is asked for by whoever fills it."""
        self._state[1] = 1
        self._join()
        self._state[1] = 0
        return self._state

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()
        self._threads.clear()
