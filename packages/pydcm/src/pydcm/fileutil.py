"""Helpers for reading files up to a delimiter, and for buffers used as element values."""

from __future__ import annotations

import os
from contextlib import contextmanager
from io import BufferedIOBase
from struct import pack, unpack

from . import config
from .misc import size_in_bytes
from .tag import BaseTag, ItemTag, SequenceDelimiterTag, Tag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any, BinaryIO

    from .filebase import ReadableBuffer, WriteableBuffer

PathType = str | bytes | os.PathLike
"""What names a file."""

# ------------------------------------------------------------------------------------------ delimiters


def _encoded(tag: int, is_little_endian: bool) -> bytes:
    """Return the four bytes of a tag."""
    return pack("<HH" if is_little_endian else ">HH", tag >> 16, tag & 0xFFFF)


def _read_fully(fp: BinaryIO, size: int) -> bytes:
    """Return `size` bytes, or fewer at the end of the file; one short read does not mean the end."""
    data = fp.read(size)
    if len(data) < size:
        data += fp.read(size - len(data))
    return data


def absorb_delimiter_item(fp: BinaryIO, is_little_endian: bool, delimiter: BaseTag) -> None:
    """Read a delimiter and its length; leave `fp` where it is if something else comes there.

    Parameters
    ----------
    fp : file-like
        The file, positioned at the delimiter.
    is_little_endian : bool
        ``True`` if the least significant byte of a number comes first.
    delimiter : BaseTag
        The delimiter that is expected.

    Raises
    ------
    EOFError
        If there are fewer than eight bytes left.
    """
    from .datadict import dictionary_description

    start = fp.tell()
    header = _read_fully(fp, 8)
    if len(header) < 8:
        raise EOFError(
            f"Unexpected end of file at position 0x{start:X}, where the delimiter {delimiter} should be"
        )
    group, element, length = unpack("<HHL" if is_little_endian else ">HHL", header)
    tag = BaseTag(group << 16 | element)
    logger = config.logger
    if tag != delimiter:
        logger.warning(
            "Did not find expected delimiter '%s', instead found %s at file position 0x%X",
            dictionary_description(delimiter),
            tag,
            start,
        )
        fp.seek(start)
        return
    logger.debug("%04x: Found Delimiter '%s'", start, dictionary_description(delimiter))
    if length == 0:
        logger.debug("%04x: Read 0 bytes after delimiter", start + 4)
    else:
        logger.debug("%04x: Expected 0x00000000 after delimiter, found 0x%x", start + 4, length)


def find_bytes(fp: BinaryIO, bytes_to_find: bytes, read_size: int = 128, rewind: bool = True) -> int | None:
    """Return where the next occurrence of some bytes begins.

    Parameters
    ----------
    fp : file-like
        The file; it is searched from its present position.
    bytes_to_find : bytes
        The bytes, in the byte order of the file.
    read_size : int, optional
        How many bytes to read at a time.
    rewind : bool, optional
        ``True`` (default) to return `fp` to where it was; otherwise it is left behind the bytes found, or at
        the end of the file.

    Returns
    -------
    int or None
        The position in the file; ``None`` if the bytes do not occur.
    """
    start = position = fp.tell()
    overlap = len(bytes_to_find) - 1
    tail = b""
    found: int | None = None
    while True:
        chunk = _read_fully(fp, read_size)
        block = tail + chunk
        index = block.find(bytes_to_find)
        if index >= 0:
            found = position + index
            break
        if len(chunk) < read_size:
            break
        # The bytes may lie across the border of two reads
        tail = block[max(0, len(block) - overlap) :]
        position += len(block) - len(tail)
    if rewind:
        fp.seek(start)
    elif found is not None:
        fp.seek(found + len(bytes_to_find))
    return found


def find_delimiter(
    fp: BinaryIO, delimiter: BaseTag, is_little_endian: bool, read_size: int = 128, rewind: bool = True
) -> int | None:
    """Return where the next occurrence of a tag begins.

    Parameters
    ----------
    fp : file-like
        The file; it is searched from its present position.
    delimiter : int
        The tag.
    is_little_endian : bool
        ``True`` if the least significant byte of a number comes first.
    read_size, rewind
        As for :func:`find_bytes`.

    Returns
    -------
    int or None
        The position in the file; ``None`` if the tag does not occur.
    """
    return find_bytes(fp, _encoded(Tag(delimiter), is_little_endian), read_size=read_size, rewind=rewind)


def length_of_undefined_length(
    fp: BinaryIO, delimiter: BaseTag, is_little_endian: bool, read_size: int = 128, rewind: bool = True
) -> int | None:
    """Return how many bytes there are before the next occurrence of a tag.

    Parameters
    ----------
    fp, delimiter, is_little_endian, read_size, rewind
        As for :func:`find_delimiter`.

    Returns
    -------
    int or None
        The number of bytes; ``None`` if the tag does not occur.
    """
    start = fp.tell()
    found = find_delimiter(fp, delimiter, is_little_endian, read_size=read_size, rewind=rewind)
    return None if found is None else found - start


def read_undefined_length_value(
    fp: BinaryIO,
    is_little_endian: bool,
    delimiter_tag: BaseTag,
    defer_size: int | float | None = None,
    read_size: int = 1024 * 8,
) -> bytes | None:
    """Read a value of undefined length and its delimiter.

    A value that ends in a sequence delimiter is walked item by item, as the delimiter's bytes may occur inside
    an item (PS3.5 §A.4). If that fails it ends where these bytes first occur.

    Parameters
    ----------
    fp : file-like
        The file, positioned at the value; afterwards behind the delimiter and its length.
    is_little_endian : bool
        ``True`` if the least significant byte of a number comes first.
    delimiter_tag : BaseTag
        The tag that ends the value.
    defer_size : int, float, str or None, optional
        Values of this size and more are skipped. See :func:`~pydcm.filereader.dcmread`.
    read_size : int, optional
        How many bytes to read at a time.

    Returns
    -------
    bytes or None
        The value without its delimiter, or ``None`` if it was skipped.

    Raises
    ------
    EOFError
        If the delimiter does not occur; `fp` is then where it was.
    """
    limit = size_in_bytes(defer_size)
    start = fp.tell()
    end = _walk_items(fp, is_little_endian) if delimiter_tag == SequenceDelimiterTag else None
    fp.seek(start)
    if end is not None:
        # Counted with its delimiter, as it has always been when items are walked
        deferred = limit is not None and end + 4 - start >= limit
        report = config.logger.debug
    else:
        end = find_delimiter(fp, delimiter_tag, is_little_endian, read_size=read_size)
        if end is None:
            raise EOFError(f"End of file reached before delimiter {delimiter_tag!r} found")
        deferred = limit is not None and end - start >= limit
        report = config.logger.error
    value = None if deferred else fp.read(end - start)
    fp.seek(end + 4)
    if fp.read(4) != b"\0\0\0\0":
        report(f"Expected 4 zero bytes after undefined length delimiter at pos {end + 4:04x}")
    fp.seek(end + 8)
    return value


def _walk_items(fp: BinaryIO, is_little_endian: bool) -> int | None:
    """Return where the sequence delimiter behind a run of items begins; ``None`` if there is none."""
    item, end_of_items = _encoded(ItemTag, is_little_endian), _encoded(SequenceDelimiterTag, is_little_endian)
    position = fp.tell()
    while True:
        header = _read_fully(fp, 8)
        tag = header[:4]
        if tag == end_of_items:
            return position
        if tag != item or len(header) < 8:
            config.logger.debug(
                "No item, but the bytes '%s' at position 0x%x of an undefined length value. Falling back to a "
                "search for its delimiter.",
                header.hex(),
                position,
            )
            return None
        (length,) = unpack("<L" if is_little_endian else ">L", header[4:])
        position += 8 + length
        # Past the end of the file, nothing can be read there
        fp.seek(position)


# --------------------------------------------------------------------------------------- paths, buffers


def path_from_pathlike(
    file_object: PathType | BinaryIO | ReadableBuffer | WriteableBuffer,
) -> str | bytes | BinaryIO:
    """Return the path that an object stands for, or the object itself if it is no path.

    Parameters
    ----------
    file_object : str, bytes, os.PathLike or file-like
        The object.
    """
    try:
        return os.fspath(file_object)  # type: ignore[arg-type]
    except TypeError:
        return file_object  # type: ignore[return-value]


def check_buffer(buffer: BufferedIOBase) -> None:
    """Raise an exception unless a buffer can be the value of an element.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        The buffer.

    Raises
    ------
    TypeError
        If it is no :class:`io.BufferedIOBase`.
    ValueError
        If it is closed, or is not both readable and seekable.
    """
    if not isinstance(buffer, BufferedIOBase):
        raise TypeError("the buffer must inherit from 'io.BufferedIOBase'")
    if buffer.closed:
        raise ValueError("the buffer has been closed")
    if not (buffer.readable() and buffer.seekable()):
        raise ValueError("the buffer must be readable and seekable")


@contextmanager
def reset_buffer_position(buffer: BufferedIOBase) -> Generator[int]:
    """Return a buffer to its present position at the end of the ``with`` block.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        The buffer.

    Yields
    ------
    int
        The present position.
    """
    check_buffer(buffer)
    position = buffer.tell()
    try:
        yield position
    finally:
        if not buffer.closed:
            buffer.seek(position)


def read_buffer(buffer: BufferedIOBase, *, chunk_size: int | None = None) -> Iterator[bytes]:
    """Read a buffer from its present position to its end, where it stays.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        The buffer.
    chunk_size : int, optional
        How many bytes to read at a time; by default
        :attr:`settings.buffered_read_size <pydcm.config.Settings.buffered_read_size>`.

    Yields
    ------
    bytes
        At most `chunk_size` bytes.

    Raises
    ------
    ValueError
        If `chunk_size` is less than 1.
    """
    if chunk_size is None:
        chunk_size = config.settings.buffered_read_size
    if chunk_size <= 0:
        raise ValueError(f"Invalid 'chunk_size' value '{chunk_size}', must be greater than 0")
    check_buffer(buffer)
    while chunk := buffer.read(chunk_size):
        yield chunk


def buffer_length(buffer: BufferedIOBase) -> int:
    """Return how many bytes a buffer holds, whatever its position.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        The buffer.
    """
    with reset_buffer_position(buffer):
        return buffer.seek(0, os.SEEK_END)


def buffer_remaining(buffer: BufferedIOBase) -> int:
    """Return how many bytes a buffer holds after its position.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        The buffer.
    """
    with reset_buffer_position(buffer) as position:
        return buffer.seek(0, os.SEEK_END) - position


def buffer_equality(buffer: BufferedIOBase, other: bytes | bytearray | BufferedIOBase) -> bool:
    """Return whether a buffer and something else hold the same bytes; only a part at a time is in memory.

    Parameters
    ----------
    buffer : io.BufferedIOBase
        The buffer; its position does not matter and is restored.
    other : bytes, bytearray or io.BufferedIOBase
        What to compare it with. Anything else is never equal.
    """
    if not isinstance(other, bytes | bytearray | BufferedIOBase):
        return False
    if buffer is other:
        return True
    if isinstance(other, BufferedIOBase):
        if buffer_length(buffer) != buffer_length(other):
            return False
        with reset_buffer_position(buffer), reset_buffer_position(other):
            buffer.seek(0)
            other.seek(0)
            return all(a == b for a, b in zip(read_buffer(buffer), read_buffer(other), strict=False))
    if buffer_length(buffer) != len(other):
        return False
    view = memoryview(other)
    done = 0
    with reset_buffer_position(buffer):
        buffer.seek(0)
        for chunk in read_buffer(buffer):
            if view[done : done + len(chunk)] != chunk:
                return False
            done += len(chunk)
    return True


def write_atomically(path: PathType, pieces: Any, *, overwrite: bool = True) -> None:
    """Write a file so that its name always stands for a whole file, the old one or the new one.

    The bytes go to a temporary file in the same directory that takes the place of `path` once all of them are there.

    Parameters
    ----------
    path : str, bytes or os.PathLike
        Where to write to.
    pieces : iterable of bytes-like
        What to write, in order.
    overwrite : bool, optional
        If ``False``, refuse to write where something is already.

    Raises
    ------
    FileExistsError
        If there is something at `path` and `overwrite` is ``False``.
    OSError
        If the file cannot be written. Nothing of it is left then.
    """
    from ._io._atomic import write_file

    write_file(os.fspath(path), pieces, overwrite=overwrite)
