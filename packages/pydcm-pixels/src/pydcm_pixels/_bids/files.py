"""What belongs to one output: all of its files, or none."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from pydcm.fileutil import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["keep_whole", "write_sidecar"]


@contextmanager
def keep_whole(new: bool) -> Iterator[list[str]]:
    """Give a list for the names of the files that were written; if writing fails and they are `new`, they are removed."""
    files: list[str] = []
    try:
        yield files
    except BaseException:
        if new:  # an image without its sidecar, or the other way round, is worth nothing
            for name in files:
                with suppress(OSError):
                    os.remove(name)
        raise


def write_sidecar(base: str, sidecar: dict[str, Any]) -> str:
    """Write a sidecar; return the name of the file."""
    text = json.dumps(sidecar, indent="\t", ensure_ascii=False)
    write_atomically(f"{base}.json", [f"{text}\n".encode()])
    return f"{base}.json"
