"""Where each frame of encapsulated pixel data is: random access, also to files larger than the memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array

from .._core._fragments import frames_by_marker
from ._frames import ends_frame, extended_table, warn_incomplete
from ._items import (
    ByteCursor,
    as_readable,
    end_of,
    in_memory,
    locate,
    parse_basic_offsets,
    possible_offset,
    read_range,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..filebase import ReadableBuffer
    from ._frames import ExtendedOffsets
    from ._items import Encapsulated


class FrameIndex(ABC):
    """The frames of encapsulated pixel data as a sequence; made by :func:`frame_index`.

    ``index[i]`` is frame `i` as bytes, ``len(index)`` the number of frames. Only what is asked for is read.
    On bytes-like objects and memory-mapped files all methods may be called from several threads at a time; on
    other files only :meth:`ranges` may.
    """

    def __init__(self, source: ReadableBuffer, start: int, count: int) -> None:
        self._source = source
        self._start = start
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> bytes:
        """Return a frame, its fragments put together."""
        return b"".join(self._parts(index))

    def __iter__(self) -> Iterator[bytes]:
        for index in range(self._count):
            yield self[index]

    def view(self, index: int) -> memoryview:
        """Return a frame without copying it, if it is one fragment of a bytes-like object or mapped file.

        Parameters
        ----------
        index : int
            Which frame, counted from 0.

        Returns
        -------
        memoryview of bytes
            The frame, its fragments put together.
        """
        parts = self._parts(index)
        return memoryview(parts[0] if len(parts) == 1 else b"".join(parts))

    def ranges(self, index: int) -> list[tuple[int, int]]:
        """Return where a frame is.

        Parameters
        ----------
        index : int
            Which frame, counted from 0.

        Returns
        -------
        list of tuple[int, int]
            For each fragment its position in the buffer, item header excluded, and its number of bytes.

        Raises
        ------
        IndexError
            If there is no such frame.
        ValueError
            If the offset table does not point to items.
        """
        position = index + self._count if index < 0 else index
        if not 0 <= position < self._count:
            raise IndexError(
                f"There is no frame {index}, the encapsulated pixel data has {self._count} frames"
            )
        return self._ranges(position)

    @abstractmethod
    def _ranges(self, index: int) -> list[tuple[int, int]]:
        """Do what :meth:`ranges` does for an index that is known to be good."""

    def _parts(self, index: int) -> list[bytes | memoryview]:
        """Return the fragments of a frame."""
        memory = in_memory(self._source)
        if memory is None:
            return [read_range(self._source, offset, length) for offset, length in self.ranges(index)]
        view = memoryview(memory)
        return [view[offset : offset + length] for offset, length in self.ranges(index)]


class _ByExtendedOffsets(FrameIndex):
    """One fragment a frame, offset and length given."""

    def __init__(self, source: ReadableBuffer, start: int, offsets: list[int], lengths: list[int]) -> None:
        super().__init__(source, start, min(len(offsets), len(lengths)))
        self._offsets, self._lengths = offsets, lengths
        self._end = end_of(source)

    def _ranges(self, index: int) -> list[tuple[int, int]]:
        begin = possible_offset(self._start + self._offsets[index] + 8)
        return [(begin, max(0, min(self._lengths[index], self._end - begin)))]


class _ByBasicOffsets(FrameIndex):
    """The offset of a frame's first item is given; its items are looked up when the frame is asked for."""

    def __init__(self, source: ReadableBuffer, start: int, offsets: list[int], endianness: str) -> None:
        super().__init__(source, start, len(offsets))
        self._offsets, self._endianness = array("L", offsets), endianness

    def _ranges(self, index: int) -> list[tuple[int, int]]:
        begin = self._start + self._offsets[index]
        last = index + 1 == self._count
        size = None if last else self._offsets[index + 1] - self._offsets[index]
        memory = in_memory(self._source)
        if memory is not None:
            view = memoryview(memory)
            items: ReadableBuffer = ByteCursor(
                view[begin:] if size is None else view[begin : begin + max(0, size)]
            )
            moved = begin
        elif size is None:
            self._source.seek(begin)
            items, moved = self._source, 0
        else:
            items, moved = ByteCursor(read_range(self._source, begin, max(0, size))), begin
        found = zip(*locate(items, self._endianness), strict=True)
        return [(moved + offset, length) for offset, length in found]


class _ByFragments(FrameIndex):
    """All fragments are known, and which of them begins a frame; without that every one is a frame."""

    def __init__(
        self,
        source: ReadableBuffer,
        start: int,
        offsets: array[int],
        lengths: array[int],
        firsts: array[int] | None = None,
    ) -> None:
        super().__init__(source, start, len(offsets) if firsts is None else len(firsts) - 1)
        self._offsets, self._lengths, self._firsts = offsets, lengths, firsts

    def _ranges(self, index: int) -> list[tuple[int, int]]:
        if self._firsts is None:
            return [(self._offsets[index], self._lengths[index])]
        part = slice(self._firsts[index], self._firsts[index + 1])
        return list(zip(self._offsets[part], self._lengths[part], strict=True))


def frame_index(
    buffer: Encapsulated,
    *,
    number_of_frames: int | None = None,
    extended_offsets: ExtendedOffsets | None = None,
    endianness: str = "<",
) -> FrameIndex:
    """Return where each frame is, for access to frames in any order.

    The items are walked only if both offset tables are empty, and then once: eight bytes of each are read.

    Parameters
    ----------
    buffer : bytes-like or readable buffer
        The encapsulated pixel data, at the item of the Basic Offset Table. A memory-mapped file or an object
        with ``read()``, ``tell()`` and ``seek()`` is left where it is. It must stay open and unchanged as long
        as the index is used.
    number_of_frames : int, optional
        The value of (0028,0008) *Number of Frames*; needed if both tables are empty.
    extended_offsets : tuple of (list of int, list of int) or tuple of (bytes, bytes), optional
        The values of (7FE0,0001) *Extended Offset Table* and (7FE0,0002) *Extended Offset Table Lengths*.
    endianness : {"<", ">"}, optional
        The byte order, little endian by default.

    Returns
    -------
    FrameIndex
        A sequence of frames.

    Raises
    ------
    ValueError
        If the data is malformed, or the frames cannot be told apart.
    DicomLimitError
        If there are more fragments than :data:`pydcm.limits.MAX_FRAGMENTS`.
    """
    source = as_readable(buffer)
    begin = source.tell()
    basic_offsets = parse_basic_offsets(source, endianness=endianness)
    start = source.tell()
    index: FrameIndex
    if extended_offsets:
        index = _ByExtendedOffsets(source, start, *extended_table(extended_offsets, endianness))
    elif basic_offsets:
        index = _ByBasicOffsets(source, start, basic_offsets, endianness)
    else:
        index = _without_table(source, start, number_of_frames, endianness)
    source.seek(begin)
    return index


def _without_table(
    source: ReadableBuffer, start: int, number_of_frames: int | None, endianness: str
) -> FrameIndex:
    """Return the index that follows from the fragments alone."""
    offsets, lengths = locate(source, endianness)
    count = len(offsets)
    if count == 1 or (count and count == number_of_frames):
        return _ByFragments(source, start, offsets, lengths)
    if not number_of_frames:
        raise ValueError(
            "Unable to determine the frame boundaries for the encapsulated pixel data as there is no Basic or "
            "Extended Offset Table and the number of frames has not been supplied"
        )
    if number_of_frames == 1:
        return _ByFragments(source, start, offsets, lengths, array("q", (0, count)))
    if count < number_of_frames:
        raise ValueError(
            f"The encapsulated pixel data has {count} fragments, too few for {number_of_frames} frames; the "
            "dataset may be corrupt or the number of frames may be incorrect"
        )
    firsts = _firsts_by_marker(source, offsets, lengths)
    frames, rest = len(firsts) - 1, firsts[-1] < count
    warn_incomplete(frames, number_of_frames, rest, stacklevel=3)
    if rest:
        firsts.append(count)
    return _ByFragments(source, start, offsets, lengths, firsts)


def _firsts_by_marker(source: ReadableBuffer, offsets: array[int], lengths: array[int]) -> array[int]:
    """Return the number of the first fragment of each frame, and at the end that of those in a frame."""
    memory = in_memory(source)
    if memory is not None:
        return frames_by_marker(memory, offsets, lengths)
    firsts = array("q", (0,))
    for number, (offset, length) in enumerate(zip(offsets, lengths, strict=True), start=1):
        tail = min(10, length)
        if ends_frame(read_range(source, offset + length - tail, tail)):
            firsts.append(number)
    return firsts
