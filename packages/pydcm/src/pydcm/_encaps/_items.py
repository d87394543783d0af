"""The items of encapsulated pixel data: the Basic Offset Table and the fragments (PS3.5 §A.4)."""

from __future__ import annotations

import os
import sys
from array import array
from struct import unpack

from .. import limits
from .._core._fragments import DELIMITER, END, LIMIT, NO_ITEM, NO_ITEM_LENGTH, NO_LENGTH, walk
from ..errors import DicomLimitError
from ..tag import BaseTag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap
    from typing import TypeAlias

    from ..filebase import ReadableBuffer

    Encapsulated: TypeAlias = "bytes | bytearray | memoryview | mmap | ReadableBuffer"

ITEM = 0xFFFEE000
ITEM_TAG = b"\xfe\xff\x00\xe0"
"""The tag of an item in little endian, the only byte order in which pixel data is encapsulated."""
SEQUENCE_DELIMITER = 0xFFFEE0DD

#: How many items are looked up at a time where they are handed out one by one.
_BATCH = 1024


class ByteCursor:
    """Bytes in memory, read like a file but without copying them first."""

    __slots__ = ("_position", "view")

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self.view = memoryview(data).cast("B")
        self._position = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return the next `size` bytes, or what is left."""
        stop = len(self.view) if size < 0 else self._position + size
        data = bytes(self.view[self._position : stop])
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move to a position, which may lie behind the end."""
        base = (0, self._position, len(self.view))[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position


def as_readable(buffer: Encapsulated) -> ReadableBuffer:
    """Return something to read from: the buffer itself if it is like a file, else a cursor at its start."""
    if isinstance(buffer, bytes | bytearray | memoryview):
        return ByteCursor(buffer)
    return buffer  # type: ignore[return-value] # before 3.13 mmap.seek() returns nothing; nobody looks


def in_memory(source: ReadableBuffer) -> memoryview | mmap | None:
    """Return the whole of a source if it can be addressed as bytes, positions counted from its start."""
    if isinstance(source, ByteCursor):
        return source.view
    # Who has a memory-mapped file has imported its module
    mmap_module = sys.modules.get("mmap")
    if mmap_module is not None and isinstance(source, mmap_module.mmap):
        return source  # type: ignore[return-value]
    return None


def read_at_most(source: ReadableBuffer, size: int) -> bytes:
    """Return `size` bytes, or what is left; a large size is first compared with what there is."""
    if size > 1 << 16 and not isinstance(source, ByteCursor):
        size = min(size, max(0, end_of(source) - source.tell()))
    return source.read(size)


def end_of(source: ReadableBuffer) -> int:
    """Return the position of the end."""
    position = source.tell()
    source.seek(0, os.SEEK_END)
    end = source.tell()
    source.seek(position)
    return end


def read_range(source: ReadableBuffer, offset: int, length: int) -> bytes:
    """Return `length` bytes at a position, or what there is of them.

    Raises
    ------
    ValueError
        If no file can have such a position.
    """
    source.seek(possible_offset(offset))
    return read_at_most(source, length)


def possible_offset(offset: int) -> int:
    """Return a position that comes from an offset table, if a file can have it.

    Raises
    ------
    ValueError
        If it does not fit into a signed 64-bit number.
    """
    if offset >= 1 << 63:
        raise ValueError(f"There cannot be a frame at offset {offset} of the encapsulated pixel data")
    return offset


def fault(why: int, position: int, tag: int = 0) -> ValueError | None:
    """Return the exception for why a walk ended at `position`, ``None`` if it ended well."""
    if why == NO_LENGTH:
        return ValueError(
            f"Unable to determine the length of the item at offset {position} as the end of the data has been "
            "reached - the encapsulated pixel data may be invalid"
        )
    if why == NO_ITEM_LENGTH:
        return ValueError(
            f"Undefined item length at offset {position + 4} when parsing the encapsulated pixel data fragments"
        )
    if why == NO_ITEM:
        return ValueError(
            f"Unexpected tag '{BaseTag(tag)}' at offset {position} when parsing the encapsulated pixel data "
            "fragment items"
        )
    return None


def _next_item(source: ReadableBuffer, endianness: str) -> tuple[int, int, int]:
    """Read the header of an item: why there is none, or ``LIMIT``; its length; the tag found."""
    raw_tag = source.read(4)
    if len(raw_tag) < 4:
        return END, 0, 0
    group, element = unpack(f"{endianness}HH", raw_tag)
    tag = group << 16 | element
    if tag == SEQUENCE_DELIMITER:
        return DELIMITER, 0, tag
    if tag != ITEM:
        return NO_ITEM, 0, tag
    raw_length = source.read(4)
    if len(raw_length) < 4:
        return NO_LENGTH, 0, tag
    (length,) = unpack(f"{endianness}L", raw_length)
    return (NO_ITEM_LENGTH if length == 0xFFFFFFFF else LIMIT), length, tag


def locate(source: ReadableBuffer, endianness: str) -> tuple[array[int], array[int]]:
    """Return where the items from the present position on are, and return the source to it.

    Returns
    -------
    offsets, lengths : array of int64, shape (fragments,)
        Where the value of each item begins, and how many bytes of it there are.

    Raises
    ------
    ValueError
        If there is something that is neither an item nor the sequence delimiter.
    DicomLimitError
        If there are more than :data:`pydcm.limits.MAX_FRAGMENTS`.
    """
    start = source.tell()
    memory = in_memory(source)
    if memory is not None:
        offsets, lengths, position, why = walk(memory, start, endianness == "<", limits.MAX_FRAGMENTS)
        tag = tag_at(memory[position : position + 4], endianness) if why == NO_ITEM else 0
    else:
        offsets, lengths, position, why, tag = _locate_in_file(source, endianness)
        source.seek(start)
    if why == LIMIT:
        raise DicomLimitError(
            f"The encapsulated pixel data has more than {limits.MAX_FRAGMENTS} fragments",
            limit="MAX_FRAGMENTS",
            offset=position,
        )
    if problem := fault(why, position, tag):
        raise problem
    return offsets, lengths


def tag_at(raw: bytes | memoryview, endianness: str) -> int:
    """Return the tag encoded in four bytes."""
    group, element = unpack(f"{endianness}HH", raw)
    return group << 16 | element


def _locate_in_file(source: ReadableBuffer, endianness: str) -> tuple[array[int], array[int], int, int, int]:
    """Do what ``walk`` does by seeking from item to item."""
    offsets, lengths = array("q"), array("q")
    position = source.tell()
    size = end_of(source)
    while True:
        why, length, tag = _next_item(source, endianness)
        if why == LIMIT and len(offsets) < limits.MAX_FRAGMENTS:
            position += 8
            offsets.append(position)
            lengths.append(min(length, size - position))
            position += length
            source.seek(position)
        else:
            return offsets, lengths, position, why, tag


def parse_basic_offsets(buffer: Encapsulated, *, endianness: str = "<") -> list[int]:
    """Return the offsets of the Basic Offset Table.

    Parameters
    ----------
    buffer : bytes-like or readable buffer
        The encapsulated pixel data, at the item of the Basic Offset Table. An object with ``read()``,
        ``tell()`` and ``seek()`` is left at the first fragment.
    endianness : {"<", ">"}, optional
        The byte order, little endian by default.

    Returns
    -------
    list of int
        For each frame the offset of its first item tag from the first item tag behind the table; empty if the
        table is.

    Raises
    ------
    ValueError
        If it is no item, or its length is no multiple of 4 or more than there is.
    """
    source = as_readable(buffer)
    header = source.read(8)
    tag = tag_at(header[:4], endianness) if len(header) >= 4 else 0
    if len(header) >= 4 and tag != ITEM:
        raise ValueError(
            f"Found unexpected tag {BaseTag(tag)} instead of (FFFE,E000) when parsing the Basic Offset Table item"
        )
    if len(header) < 8:
        raise ValueError(
            f"The encapsulated pixel data ends within the Basic Offset Table item, of which there are only "
            f"{len(header)} bytes"
        )
    (length,) = unpack(f"{endianness}L", header[4:])
    if length % 4:
        raise ValueError("The length of the Basic Offset Table item is not a multiple of 4")
    table = read_at_most(source, length)
    if len(table) < length:
        raise ValueError(
            f"The Basic Offset Table item should have {length} bytes, but the encapsulated pixel data ends after "
            f"{len(table)} of them"
        )
    return list(unpack(f"{endianness}{length // 4}L", table))


def parse_fragments(buffer: Encapsulated, *, endianness: str = "<") -> tuple[int, list[int]]:
    """Return how many fragments there are and where.

    Parameters
    ----------
    buffer : bytes-like or readable buffer
        The encapsulated pixel data, at the item of a fragment, such as behind the Basic Offset Table. An object
        with ``read()``, ``tell()`` and ``seek()`` is left where it is.
    endianness : {"<", ">"}, optional
        The byte order, little endian by default.

    Returns
    -------
    int
        The number of fragments.
    list of int
        The position of the item tag of each.

    Raises
    ------
    ValueError
        If there is something that is neither an item nor the sequence delimiter.
    """
    offsets, _ = locate(as_readable(buffer), endianness)
    return len(offsets), [offset - 8 for offset in offsets]


def generate_fragments(buffer: Encapsulated, *, endianness: str = "<") -> Iterator[bytes]:
    """Yield the fragments.

    Parameters
    ----------
    buffer : bytes-like or readable buffer
        As for :func:`parse_fragments`. An object with ``read()``, ``tell()`` and ``seek()`` is left behind the
        fragments that were taken.
    endianness : {"<", ">"}, optional
        The byte order, little endian by default.

    Yields
    ------
    bytes
        A fragment.

    Raises
    ------
    ValueError
        As for :func:`parse_fragments`, where the iteration gets to it.
    """
    source = as_readable(buffer)
    if isinstance(source, ByteCursor):
        yield from _generate_from_memory(source, endianness)
        return
    while True:
        position = source.tell()
        why, length, tag = _next_item(source, endianness)
        if why != LIMIT:
            if problem := fault(why, position, tag):
                raise problem
            return
        yield read_at_most(source, length)


def _generate_from_memory(source: ByteCursor, endianness: str) -> Iterator[bytes]:
    """Yield the fragments, which are looked up in batches, and move the cursor along."""
    view, position, why = source.view, source.tell(), LIMIT
    while why == LIMIT:
        offsets, lengths, position, why = walk(view, position, endianness == "<", _BATCH)
        for offset, length in zip(offsets, lengths, strict=True):
            source.seek(offset + length)
            yield bytes(view[offset : offset + length])
    tag = tag_at(view[position : position + 4], endianness) if why == NO_ITEM else 0
    if problem := fault(why, position, tag):
        raise problem
