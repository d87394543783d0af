"""Results that are kept in a file as they come, so that a run that was interrupted goes on."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import os

    from pydcm_pixels._training.sources import Source

__all__ = ["Journal"]

_BEGINNING = b'{"key":"'  # of a line


class Journal:
    """Results as JSON lines; a line that was being written when a run stopped is cut off."""

    def __init__(self, path: str | os.PathLike[str], resume: bool) -> None:
        self.done: dict[str, Any] = {}
        unfinished = self._read(path)
        if not resume:
            self.done, unfinished = {}, 0
        # each line is appended by one write, so that runs at the same time do not write into each other's
        self._file: IO[bytes] = open(path, "ab", buffering=0)  # noqa: SIM115
        if unfinished is not None:
            self._file.truncate(unfinished)

    def _read(self, path: str | os.PathLike[str]) -> int | None:
        """Read what is done; return where a last line begins that was being written, if there is one."""
        at = 0
        try:
            file = open(path, "rb")  # noqa: SIM115
        except FileNotFoundError:
            return None
        with file:
            for line in file:
                if not at and not line.startswith(_BEGINNING[: len(line)]):
                    raise ValueError(f"{path} is no journal of map_series; name another file")
                if not line.endswith(b"\n"):
                    return at
                # one that is damaged, by a full disk for example, is done again; others stay
                with suppress(ValueError, KeyError, TypeError, RecursionError):
                    entry = json.loads(line)
                    self.done[entry["key"]] = entry["value"]
                at += len(line)
        return None

    def add(self, key: str, source: Source, value: Any) -> tuple[Any, str | None]:
        """Write a result and hand it to the operating system; return it as it is read again, and what is wrong with it."""
        entry = {"key": key, "series_uid": source.series_uid, "file": source.files[0], "value": value}
        try:
            line = json.dumps(entry, separators=(",", ":"), default=_of_numpy).encode()
        except (TypeError, ValueError, RecursionError) as exc:
            what = "the journal cannot keep what the function returned"
            return None, f"{what} ({exc}): return numbers, texts, lists and dicts"
        rest = memoryview(line + b"\n")
        while rest:  # on a disk that is nearly full a part of it may be written
            rest = rest[self._file.write(rest) :]
        return json.loads(line)["value"], None

    def close(self) -> None:
        """Close the file; it stays."""
        self._file.close()


def _of_numpy(value: Any) -> Any:
    import numpy as np

    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is nothing that JSON can hold")
