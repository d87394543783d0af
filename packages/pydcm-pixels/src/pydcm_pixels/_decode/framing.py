"""Where the frames of plain encapsulated pixel data are, and their bytes (PS3.5 §A.4).

Whatever is not plain, fragments that belong to frames in no obvious way or tables that point elsewhere, is left to a run.
"""

from __future__ import annotations

import os
from struct import unpack
from threading import Lock
from typing import TYPE_CHECKING, Any

from pydcm_pixels._core._image_header import fragment

if TYPE_CHECKING:
    from io import FileIO
    from typing import TypeAlias

    Spans: TypeAlias = list[tuple[int, int]]
    Extended: TypeAlias = tuple[bytes, bytes] | None

_ITEM = b"\xfe\xff\x00\xe0"
SEQUENCE_END = b"\xfe\xff\xdd\xe0\0\0\0\0"
_UNDEFINED = 0xFFFFFFFF
_MAX_FRAGMENTS = 4096


class NotPlainError(Exception):
    """A frame that a run has to look at."""


class FileParts:
    """Parts of a file, for several threads.

    Parameters
    ----------
    stream : FileIO
        The file.
    head : bytes
        Its beginning.
    size : int
        Its length in bytes.
    """

    def __init__(self, stream: FileIO, head: bytes, size: int) -> None:
        self.stream = stream
        self.head = head
        self.size = size
        self._descriptor = stream.fileno()
        self._lock = Lock()
        self._read_at = getattr(os, "pread", None)

    def fetch(self, start: int, nbytes: int) -> bytes:
        """Return `nbytes` bytes from `start` on, fewer at the file's end."""
        if start + nbytes <= len(self.head):
            return self.head[start : start + nbytes]
        if self._read_at is not None:
            data: bytes = self._read_at(self._descriptor, nbytes, start)
            return data
        with self._lock:
            self.stream.seek(start)
            return self.stream.read(nbytes)

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`, all of them."""
        data = self.fetch(start, end - start)
        if len(data) < end - start:
            raise NotPlainError
        return data


class MemoryParts:
    """Parts of an encapsulated value in memory; a delimiter that is not there, as in some values, is added."""

    def __init__(self, value: bytes | memoryview) -> None:
        self.head = value
        self._end = len(value)
        delimited = bytes(value[-8:]) == SEQUENCE_END
        self.size = len(value) if delimited else len(value) + 8

    def fetch(self, start: int, nbytes: int) -> bytes:
        """Return `nbytes` bytes from `start` on, fewer at the value's end."""
        return SEQUENCE_END[:nbytes] if start == self._end else bytes(self.head[start : start + nbytes])

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`, all of them."""
        if end > self._end:
            raise NotPlainError
        return bytes(self.head[start:end])


def only_frame(parts: FileParts | MemoryParts, offset: int) -> Spans | None:
    """Return where the fragments of the only frame are, ``None`` if that is not plain.

    Parameters
    ----------
    parts : FileParts or MemoryParts
        What the pixel data is in.
    offset : int
        Where its value starts.
    """
    first = fragment(parts.head, offset)
    if first is None:
        return None
    start, nbytes = first
    spans: Spans = []
    while start + nbytes + 8 <= parts.size:
        end = start + nbytes
        spans.append((start, end))
        item = parts.fetch(end, 8)
        if item == SEQUENCE_END:
            return spans
        nbytes = int.from_bytes(item[4:], "little")
        if item[:4] != _ITEM or nbytes in (0, _UNDEFINED) or len(spans) == _MAX_FRAGMENTS:
            return None
        start = end + 8
    return None


def _tables(extended: Extended, n_frames: int) -> tuple[Any, Any] | None:
    """Return the numbers of the extended offset table and its lengths, ``None`` if they are not for so many frames."""
    if extended is None or len(extended[0]) != 8 * n_frames or len(extended[1]) != 8 * n_frames:
        return None
    return unpack(f"<{n_frames}Q", extended[0]), unpack(f"<{n_frames}Q", extended[1])


def one_of_several(
    parts: FileParts | MemoryParts, offset: int, n_frames: int, index: int, extended: Extended = None
) -> tuple[int, int] | None:
    """Return where the frame is that an offset table points to.

    Parameters
    ----------
    parts : FileParts or MemoryParts
        What the pixel data is in.
    offset : int
        Where its value starts.
    n_frames : int
        How many frames there are.
    index : int
        The frame that is wanted, counted from 0.
    extended : tuple[bytes, bytes], optional
        The extended offset table and the lengths (PS3.3 §C.7.6.3.1.8).

    Returns
    -------
    tuple[int, int] or None
        Its start and its end; ``None`` if there is no table, or if the frame is not exactly one fragment up to where the
        next one starts.
    """
    width, number, stated = 4, _u32, None
    item = parts.fetch(offset, 12)
    table = int.from_bytes(item[4:8], "little")
    if item[:4] != _ITEM:
        return None
    if extended is not None:
        if table or len(extended[0]) != 8 * n_frames or len(extended[1]) != 8 * n_frames:
            return None
        width, number = 8, _u64
        offsets = extended[0][8 * index : 8 * index + 16]
        stated = _u64(extended[1][8 * index : 8 * index + 8])
        if _u64(extended[0][:8]):
            return None
    elif table != 4 * n_frames or item[8:] != bytes(4):
        return None
    else:
        offsets = parts.fetch(offset + 8 + 4 * index, 8)
    first = offset + 8 + table
    start = first + number(offsets[:width])
    if start >= parts.size:
        return None
    item = parts.fetch(start, 8)
    nbytes = _u32(item[4:])
    if item[:4] != _ITEM or nbytes in (0, _UNDEFINED):
        return None
    end = start + 8 + nbytes
    if index + 1 < n_frames:
        if first + number(offsets[width:]) != end or parts.fetch(end, 4) != _ITEM:
            return None
    elif parts.fetch(end, 8) != SEQUENCE_END:
        return None
    return _stated_span(start + 8, end, stated)


def _u32(data: bytes) -> int:
    return int.from_bytes(data[:4], "little")


def _u64(data: bytes) -> int:
    return int.from_bytes(data[:8], "little")


def _stated_span(start: int, end: int, nbytes: int | None) -> tuple[int, int] | None:
    """Return where a frame is whose item is that, and whose length, if stated, may leave a padding byte out."""
    if nbytes is None:
        return start, end
    return (start, start + nbytes) if 0 <= end - start - nbytes <= 1 else None


def all_of_several(
    parts: FileParts | MemoryParts, offset: int, n_frames: int, extended: Extended = None
) -> Spans | None:
    """Return where the frames are, if each is one fragment; parameters as for :func:`one_of_several`.

    ``None`` if the items are not plainly so many frames, which an offset table, if there is one, confirms.
    """
    item = parts.fetch(offset, 8)
    length = _u32(item[4:])
    if item[:4] != _ITEM or length not in (0, 4 * n_frames):
        return None
    offsets: Any = None
    lengths: Any = [None] * n_frames
    if extended is not None:
        numbers = _tables(extended, n_frames)
        if numbers is None or length:
            return None
        offsets, lengths = numbers
    elif length:
        table = parts.fetch(offset + 8, length)
        if len(table) < length:
            return None
        offsets = unpack(f"<{n_frames}I", table)
    at = first = offset + 8 + length
    spans: Spans = []
    for i in range(n_frames):
        if offsets is not None and offsets[i] != at - first:
            return None
        item = parts.fetch(at, 8)
        nbytes = _u32(item[4:])
        if item[:4] != _ITEM or nbytes in (0, _UNDEFINED):
            return None
        span = _stated_span(at + 8, at + 8 + nbytes, lengths[i])
        if span is None:
            return None
        spans.append(span)
        at += 8 + nbytes
    return spans if parts.fetch(at, 8) == SEQUENCE_END else None
