"""Encapsulated pixel data that is put together from buffers while it is read."""

from __future__ import annotations

import os
from bisect import bisect_right
from io import BufferedIOBase, BytesIO
from itertools import accumulate
from struct import pack

from ..fileutil import buffer_length, reset_buffer_position
from ._items import ITEM_TAG


class _BufferedItem:
    """An item whose value is in a buffer.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        The value; it may be empty.

    Attributes
    ----------
    buffer : io.BufferedIOBase
        The value.
    length : int
        The number of bytes of the item: tag, length, value and padding.
    """

    def __init__(self, buffer: BufferedIOBase) -> None:
        self.buffer = buffer
        self._blen = buffer_length(buffer)
        if self._blen > 2**32 - 2:
            raise ValueError("Buffers containing more than 4294967294 bytes are not supported")
        self._padding = self._blen % 2 == 1
        self.length = 8 + self._blen + self._padding
        self._item = ITEM_TAG + pack("<I", self.length - 8)

    def read(self, start: int, size: int) -> bytes:
        """Return up to `size` bytes of the item from `start`, where 0 is the first byte of the tag.

        Raises
        ------
        ValueError
            If `start` is not inside the item.
        """
        if not 0 <= start < self.length:
            raise ValueError(
                f"Invalid 'start' value '{start}', must be in the closed interval [0, {self.length - 1}]"
            )
        stop = min(start + size, self.length)
        parts = [self._item[start:stop]]
        begin, end = max(start - 8, 0), min(stop - 8, self._blen)
        if begin < end:
            with reset_buffer_position(self.buffer):
                self.buffer.seek(begin)
                while begin < end and (data := self.buffer.read(end - begin)):
                    parts.append(data)
                    begin += len(data)
        # No padding behind a value that has become shorter than it was
        if self._padding and stop == self.length and begin >= end:
            parts.append(b"\x00")
        return b"".join(parts)


class EncapsulatedBuffer(BufferedIOBase):
    """Encapsulated pixel data that is put together from buffers while it is read.

    Parameters
    ----------
    buffers : list of io.BufferedIOBase
        The frames, each compressed in a buffer of its own, readable and seekable. They must stay as they are.
    use_bot : bool, optional
        Whether the frames are listed in the Basic Offset Table.

    Raises
    ------
    TypeError
        If `buffers` is no list, or has something else than buffers.
    ValueError
        If a buffer is closed or holds too much for an item.
    """

    def __init__(self, buffers: list[BufferedIOBase], use_bot: bool = False) -> None:
        if not isinstance(buffers, list):
            raise TypeError("'buffers' must be a list of objects that inherit from 'io.BufferedIOBase'")
        self._items = [_BufferedItem(buffer) for buffer in buffers]
        self._use_bot = use_bot
        self._lengths = [item.length for item in self._items]
        #: Offsets behind the table: of each item, and of the end
        self._borders = [0, *accumulate(self._lengths)]
        self._table = self._encode_table()
        self._sources = [_BufferedItem(BytesIO(self._table[8:])), *self._items]
        self._starts = [0, *(len(self._table) + border for border in self._borders)]
        self._offset = 0

    def _encode_table(self) -> bytes:
        offsets = self._borders[:-1] if self._use_bot else []
        if offsets and offsets[-1] > 2**32 - 1:
            raise ValueError(
                f"The offset of the last frame ({offsets[-1]}) is greater than the maximum allowed by the Basic "
                f"Offset Table ({2**32 - 1}), use the Extended Offset Table instead"
            )
        return ITEM_TAG + pack(f"<I{len(offsets)}I", 4 * len(offsets), *offsets)

    @property
    def basic_offset_table(self) -> bytes:
        """The item of the Basic Offset Table."""
        return self._table

    @property
    def closed(self) -> bool:
        """Whether any of the buffers is closed."""
        return any(item.buffer.closed for item in self._items)

    @property
    def lengths(self) -> list[int]:
        """The number of bytes of each item, tag and length included."""
        return list(self._lengths)

    @property
    def offsets(self) -> list[int]:
        """Where the item of each frame begins, counted from the end of the Basic Offset Table."""
        return self._borders[:-1]

    @property
    def extended_offsets(self) -> bytes:
        """A value for (7FE0,0001) *Extended Offset Table*."""
        return pack(f"<{len(self._items)}Q", *self.offsets)

    @property
    def extended_lengths(self) -> bytes:
        """A value for (7FE0,0002) *Extended Offset Table Lengths*."""
        return pack(f"<{len(self._items)}Q", *(length - 8 for length in self._lengths))

    @property
    def encapsulated_length(self) -> int:
        """The number of bytes altogether."""
        return self._starts[-1]

    def read(self, size: int | None = 8192, /) -> bytes:
        """Return up to `size` bytes; all that are left if it is ``None`` or negative."""
        end = self.encapsulated_length
        stop = end if size is None or size < 0 else min(end, self._offset + size)
        parts = []
        while self._offset < stop:
            number = bisect_right(self._starts, self._offset) - 1
            data = self._sources[number].read(self._offset - self._starts[number], stop - self._offset)
            if not data:
                break
            parts.append(data)
            self._offset += len(data)
        return b"".join(parts)

    def readable(self) -> bool:
        """Return whether all of the buffers are readable."""
        return all(item.buffer.readable() for item in self._items)

    def seekable(self) -> bool:
        """Return whether all of the buffers are seekable."""
        return all(item.buffer.seekable() for item in self._items)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move to a position and return it.

        Parameters
        ----------
        offset : int
            The position, relative to what `whence` says.
        whence : int, optional
            The start (0, default), the present position (1) or the end (2).

        Raises
        ------
        ValueError
            If `whence` is something else, or a position from the start is negative.
        """
        if whence not in (os.SEEK_SET, os.SEEK_CUR, os.SEEK_END):
            raise ValueError("Invalid 'whence' value, should be 0, 1 or 2")
        if whence == os.SEEK_SET and offset < 0:
            raise ValueError(f"Negative seek 'offset' value {offset}")
        base = (0, self._offset, self.encapsulated_length)[whence]
        self._offset = max(0, base + offset)
        return self._offset

    def tell(self) -> int:
        """Return the position."""
        return self._offset
