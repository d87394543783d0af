"""Results that are kept in a file as they come, so that a run that was interrupted goes on."""

from __future__ import annotations

import json
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
        keep = self._usable(path) if resume else 0
        # each line is appended by one write, so that runs at the same time do not write into each other's
        self._file: IO[bytes] = open(path, "ab", buffering=0)  # noqa: SIM115
        if self._file.tell() > keep:
            self._file.truncate(keep)

    def _usable(self, path: str | os.PathLike[str]) -> int:
        length = 0
        try:
            file = open(path, "rb")  # noqa: SIM115
        except FileNotFoundError:
            return 0
        with file:
            for line in file:
                try:
                    entry = json.loads(line)
                    key, value = entry["key"], entry["value"]
                except (ValueError, KeyError, TypeError, RecursionError):
                    if not length and not line.startswith(_BEGINNING[: len(line)]):
                        raise ValueError(f"{path} is no journal of map_series; name another file") from None
                    break
                if not line.endswith(b"\n"):
                    break
                self.done[key] = value
                length += len(line)
        return length

    def add(self, key: str, source: Source, value: Any) -> tuple[Any, str | None]:
        """Write a result and hand it to the operating system; return it as it is read again, and what is wrong with it."""
        entry = {"key": key, "series_uid": source.series_uid, "file": source.files[0], "value": value}
        try:
            line = json.dumps(entry, separators=(",", ":"), default=_of_numpy).encode()
        except (TypeError, ValueError, RecursionError) as exc:
            what = "the journal cannot keep what the function returned"
            return None, f"{what} ({exc}): return numbers, texts, lists and dicts"
        self._file.write(line + b"\n")
        return json.loads(line)["value"], None

    def close(self) -> None:
        """Close the file; it stays."""
        self._file.close()


def _of_numpy(value: Any) -> Any:
    import numpy as np

    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is nothing that JSON can hold")
