"""Offset tables that do not point to the frames are left out of account (PS3.5 §A.4, PS3.3 §C.7.6.3.1.8)."""

from __future__ import annotations

from io import SEEK_CUR, SEEK_END, RawIOBase
from operator import lt
from struct import Struct, unpack
from typing import TYPE_CHECKING, Any

from pydcm_pixels._decode.agreement import warn_once

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm_pixels._decode.runner import DecodeRunner

_ITEM = b"\xfe\xff\x00\xe0"
_HEADER = Struct("<4sI")
_NO_TABLE = _ITEM + bytes(4)


class _WithoutTable(RawIOBase):
    """A file-like at its pixel data, where it stays, seen with an empty Basic Offset Table; its first item is at `start`."""

    def __init__(self, stream: Any, start: int) -> None:
        self._stream = stream
        self._start = start - len(_NO_TABLE)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if whence == SEEK_CUR:
            offset += self._at
        elif whence == SEEK_END:
            position = self._stream.tell()
            offset += self._stream.seek(0, SEEK_END) - self._start
            self._stream.seek(position)
        self._at = max(0, offset)
        return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        size = -1 if size is None else size
        data = _NO_TABLE[self._at : None if size < 0 else self._at + size]
        if size < 0 or len(data) < size:
            position = self._stream.tell()  # from which the next frame is looked for
            self._stream.seek(self._start + self._at + len(data))
            data += self._stream.read(-1 if size < 0 else size - len(data))
            self._stream.seek(position)
        self._at += len(data)
        return data


def trusted_source(runner: DecodeRunner, index: int | None = None) -> tuple[Any, Any]:
    """Return the encapsulated pixel data and the extended offsets, the tables that are wrong taken out.

    Parameters
    ----------
    runner : DecodeRunner
        The run; it warns of a wrong table.
    index : int, optional
        The only frame that is wanted; all of them by default.

    Returns
    -------
    bytes-like or file-like
        The pixel data, its own or with an empty Basic Offset Table.
    tuple or None
        The extended offsets and lengths.
    """
    src, extended = runner.src, runner.extended_offsets
    base = src.tell() if runner.is_binary else 0
    head = bytes(runner.get_data(src, base, 8))
    if len(head) < 8 or head[:4] != _ITEM:
        return src, extended  # whoever takes it apart says what is wrong
    size = _HEADER.unpack(head)[1]
    start = base + 8 + size
    if extended:
        offsets, lengths = (_numbers(column, "Q") for column in extended)
        problem = _problem(runner, start, offsets, lengths, index)
        if problem is not None:
            _warn(runner, "(7FE0,0001) 'Extended Offset Table'", problem)
            extended = None
    if not size or extended:
        return src, extended
    offsets = _numbers(bytes(runner.get_data(src, base + 8, size)), "L")
    problem = _problem(runner, start, offsets, None, index)
    if problem is None:
        return src, None
    _warn(runner, "Basic Offset Table", problem)
    if runner.is_binary:
        return _WithoutTable(src, start), None
    return _NO_TABLE + bytes(memoryview(src)[start:]), None


def _warn(runner: DecodeRunner, table: str, problem: str) -> None:
    warn_once(runner, table, f"The {table} is ignored: {problem}")


def _numbers(column: Any, kind: str) -> Sequence[int]:
    if not isinstance(column, bytes | bytearray | memoryview):
        return list(column)
    width = 8 if kind == "Q" else 4
    return unpack(f"<{len(column) // width}{kind}", column[: len(column) // width * width])


def _problem(
    runner: DecodeRunner, start: int, offsets: Sequence[int], lengths: Sequence[int] | None, index: int | None
) -> str | None:
    """Return what is wrong with a table, ``None`` if all of it, or what concerns frame `index`, looks right."""
    stated = runner.number_of_frames
    if len(offsets) < stated and _fragments(runner, start) >= stated:
        return f"it has {len(offsets)} offsets but the (0028,0008) 'Number of Frames' is {stated}"
    if offsets and offsets[0] != 0:
        return f"its first offset is {offsets[0]}, not 0"
    if not all(map(lt, offsets, offsets[1:])):
        return "its offsets are not in ascending order"
    chosen = range(len(offsets)) if index is None else range(index, min(index + 2, len(offsets)))
    for at in chosen:
        head = bytes(runner.get_data(runner.src, start + offsets[at], 8))
        if len(head) < 8 or head[:4] != _ITEM:
            return f"there is no item at its offset {offsets[at]} of frame {at + 1}"
        length = _HEADER.unpack(head)[1]
        # A length may leave the padding byte out.
        if lengths is not None and not length - 1 <= lengths[at] <= length:
            return f"the item of frame {at + 1} has {length} bytes, its length says {lengths[at]}"
    return None


def _fragments(runner: DecodeRunner, start: int) -> int:
    from pydcm.encaps import parse_fragments

    if not runner.is_binary:
        return parse_fragments(memoryview(runner.src)[start:])[0]
    position = runner.src.tell()
    runner.src.seek(start)
    count = parse_fragments(runner.src)[0]
    runner.src.seek(position)
    return count


def count_fragments(runner: DecodeRunner) -> int:
    """Return how many fragments there are, which no number of frames can exceed."""
    base = runner.src.tell() if runner.is_binary else 0
    head = bytes(runner.get_data(runner.src, base, 8))
    return _fragments(runner, base + 8 + _HEADER.unpack(head)[1]) if len(head) == 8 else 0
