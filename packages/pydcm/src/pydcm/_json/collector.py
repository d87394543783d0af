"""The garbage collector does not help while a large tree without cycles is built: it only walks it again and again."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class PausedCollector:
    """Keeps the garbage collector from running in a ``with`` block, unless it is switched off anyway."""

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._was_on:
            gc.enable()
