"""Rows kept on disk while an index is made, so that an interrupted one goes on where it stopped."""

from __future__ import annotations

import json
import os
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ._columns import Column, Row

__all__ = ["Journal"]


class Journal:
    """A file of JSON lines beside the output: a header with the columns, then one row per line.

    Parameters
    ----------
    path : str
        The journal's own path.
    columns : sequence of Column
        What is indexed; a journal with other columns is not continued.
    resume : bool
        Whether to continue a journal that is there.
    """

    def __init__(self, path: str, columns: Sequence[Column], *, resume: bool) -> None:
        self.path = path
        self._header = {"columns": [[column.name, column.kind, column.many] for column in columns]}
        self.done: set[str] = set()
        keep = self._usable_length() if resume else 0
        # "r+b" keeps what is usable and cuts off a line that was being written when the run stopped
        self._file: IO[bytes] = open(path, "r+b" if keep else "wb")  # noqa: SIM115
        self._file.truncate(keep)
        self._file.seek(keep)
        if not keep:
            self._write_line(self._header)

    def _usable_length(self) -> int:
        """Read an earlier journal; return how many of its bytes are whole lines of the same index."""
        length = 0
        try:
            file = open(self.path, "rb")  # noqa: SIM115
        except FileNotFoundError:
            return 0
        with file:
            for number, line in enumerate(file):
                try:
                    entry = json.loads(line)
                except ValueError:
                    break
                if not line.endswith(b"\n"):
                    break
                if number == 0:
                    if entry != self._header:
                        return 0
                else:
                    self.done.add(entry[0])
                length += len(line)
        return length

    def add(self, rows: Iterable[Row]) -> None:
        """Append rows and hand them to the operating system."""
        for row in rows:
            self._write_line(row)
            self.done.add(row[0])
        self._file.flush()

    def _write_line(self, entry: Any) -> None:
        self._file.write(json.dumps(entry, separators=(",", ":")).encode() + b"\n")

    def rows(self) -> Iterator[Row]:
        """Yield every row in the order in which they were added."""
        self._file.flush()
        with open(self.path, "rb") as file:
            next(file)
            for line in file:
                path, values, error = json.loads(line)
                yield path, values, error

    def close(self) -> None:
        """Close the file and leave it there for another run."""
        self._file.close()

    def remove(self) -> None:
        """Close and delete the file: the output is complete."""
        self.close()
        os.unlink(self.path)
