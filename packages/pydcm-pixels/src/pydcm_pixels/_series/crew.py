"""Threads that do one thing after another.

Those of :mod:`threading` are waited for until they run, and a processor that sleeps takes its time to wake up: for one
volume of 200 slices this happened twice, and took a twentieth of the whole time.
"""

from __future__ import annotations

import _thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from queue import SimpleQueue

__all__ = ["Crew"]


class _Call:
    """A call that a thread is asked for."""

    __slots__ = ("arguments", "done", "error", "function")

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.function = function
        self.arguments = arguments
        self.error: BaseException | None = None
        self.done = _thread.allocate_lock()
        self.done.acquire()


def _serve(calls: SimpleQueue[_Call | None]) -> None:
    while (call := calls.get()) is not None:
        try:
            call.function(*call.arguments)
        except BaseException as exc:
            call.error = exc
        call.arguments = ()  # memory is free once it was used
        call.done.release()


class Crew:
    """Threads that help the one that has made it; :meth:`end` lets them go."""

    def __init__(self) -> None:
        self._queues: list[SimpleQueue[_Call | None]] = []
        self._calls: list[_Call] = []

    def __len__(self) -> int:
        return len(self._queues)

    def give(self, count: int, function: Callable[..., Any], *arguments: Any) -> None:
        """Have `count` threads call a function once they have done what they were given before."""
        from queue import SimpleQueue

        while len(self._queues) < count:
            queue: SimpleQueue[_Call | None] = SimpleQueue()
            _thread.start_new_thread(_serve, (queue,))
            self._queues.append(queue)
        for queue in self._queues[: max(0, count)]:
            call = _Call(function, arguments)
            self._calls.append(call)
            queue.put(call)

    def wait(self) -> list[BaseException]:
        """Return when all is done: the errors."""
        for call in self._calls:
            with call.done:
                pass
        errors = [call.error for call in self._calls if call.error is not None]
        self._calls.clear()
        return errors

    def end(self) -> None:
        """Let the threads go when they have done what they were given; this one does not wait for them."""
        for queue in self._queues:
            queue.put(None)
        self._queues.clear()

    def __del__(self) -> None:
        self.end()
