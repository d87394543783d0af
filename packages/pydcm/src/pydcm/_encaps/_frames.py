"""Frames of encapsulated pixel data: which fragments make one up (PS3.5 §A.4, PS3.3 §C.7.6.3.1.8)."""

from __future__ import annotations

from struct import unpack

from ..misc import warn_and_log
from ._items import as_readable, generate_fragments, locate, parse_basic_offsets, read_at_most, read_range

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from ..filebase import ReadableBuffer
    from ._items import Encapsulated

    ExtendedOffsets: TypeAlias = "tuple[list[int], list[int]] | tuple[bytes, bytes]"

END_OF_IMAGE = b"\xff\xd9"
"""The marker that ends a JPEG, JPEG-LS or JPEG 2000 code stream; padding may follow it."""


def ends_frame(fragment: bytes) -> bool:
    """Return whether there is an end-of-image marker in the last ten bytes of a fragment."""
    return END_OF_IMAGE in fragment[-10:]


def extended_table(extended_offsets: ExtendedOffsets, endianness: str) -> tuple[list[int], list[int]]:
    """Return the two Extended Offset Table elements as numbers."""
    offsets, lengths = (
        list(unpack(f"{endianness}{len(column) // 8}Q", column[: len(column) // 8 * 8]))
        if isinstance(column, bytes)
        else column
        for column in extended_offsets
    )
    return offsets, lengths


def warn_incomplete(frames: int, expected: int, rest: bool, stacklevel: int = 1) -> None:
    """Warn if searching for end-of-image markers does not give what was expected.

    Parameters
    ----------
    frames : int
        How many frames end with a marker.
    expected : int
        How many frames there should be.
    rest : bool
        Whether there are fragments behind the last marker, which are taken for one more frame.
    stacklevel : int, optional
        As for :func:`~pydcm.misc.warn_and_log`.
    """
    problem = "The end of the encapsulated pixel data has been reached but "
    if rest and frames >= expected:
        problem += "no JPEG EOI/EOC marker was found, the final frame may be be invalid"
    elif rest:
        problem += "fewer frames than expected have been found. Please confirm that the generated frame data is correct"
    elif frames < expected:
        problem += "fewer frames than expected have been found"
    else:
        return
    warn_and_log(problem, stacklevel=stacklevel + 1)


def generate_fragmented_frames(
    buffer: Encapsulated,
    *,
    number_of_frames: int | None = None,
    extended_offsets: ExtendedOffsets | None = None,
    endianness: str = "<",
) -> Iterator[tuple[bytes, ...]]:
    """Yield the frames, each as the fragments it consists of.

    Where the frames begin is taken from the Extended Offset Table, else from the Basic Offset Table, else from
    the number of frames and of fragments, else from the end-of-image markers of JPEG, JPEG-LS and JPEG 2000. In
    the last case there may be more frames than `number_of_frames`.

    Parameters
    ----------
    buffer : bytes-like or readable buffer
        The encapsulated pixel data, at the item of the Basic Offset Table. An object with ``read()``,
        ``tell()`` and ``seek()`` is left behind the frames that were taken.
    number_of_frames : int, optional
        The value of (0028,0008) *Number of Frames*; needed if both tables are empty.
    extended_offsets : tuple of (list of int, list of int) or tuple of (bytes, bytes), optional
        The values of (7FE0,0001) *Extended Offset Table* and (7FE0,0002) *Extended Offset Table Lengths*.
    endianness : {"<", ">"}, optional
        The byte order, little endian by default.

    Yields
    ------
    tuple of bytes
        The fragments of a frame.

    Raises
    ------
    ValueError
        If the data is malformed, or the frames cannot be told apart.
    """
    source = as_readable(buffer)
    basic_offsets = parse_basic_offsets(source, endianness=endianness)
    if extended_offsets:
        start = source.tell()
        for offset, length in zip(*extended_table(extended_offsets, endianness), strict=False):
            # Behind the tag and the length of the frame's one item
            yield (read_range(source, start + offset + 8, length),)
        return
    if basic_offsets:
        yield from _by_basic_offsets(generate_fragments(source, endianness=endianness), basic_offsets)
        return

    count = len(locate(source, endianness)[0])
    fragments = generate_fragments(source, endianness=endianness)
    if count == 1:
        yield (next(fragments),)
    elif not number_of_frames:
        raise ValueError(
            "Unable to determine the frame boundaries for the encapsulated pixel data as there is no Basic or "
            "Extended Offset Table and the number of frames has not been supplied"
        )
    elif count == number_of_frames:
        for fragment in fragments:
            yield (fragment,)
    elif number_of_frames == 1:
        yield tuple(fragments)
    elif count > number_of_frames:
        yield from _by_markers(fragments, number_of_frames)
    else:
        raise ValueError(
            "Unable to generate frames from the encapsulated pixel data as there are fewer fragments than "
            "frames; the dataset may be corrupt or the number of frames may be incorrect"
        )


def _by_basic_offsets(fragments: Iterator[bytes], offsets: list[int]) -> Iterator[tuple[bytes, ...]]:
    """Yield the fragments frame by frame: a fragment at or behind the next frame's offset begins that frame."""
    following = iter(offsets[1:])
    border = next(following, None)
    frame: list[bytes] = []
    position = 0
    for fragment in fragments:
        if border is not None and position >= border:
            yield tuple(frame)
            frame = []
            border = next(following, None)
        frame.append(fragment)
        position += len(fragment) + 8
    yield tuple(frame)


def _by_markers(fragments: Iterator[bytes], expected: int) -> Iterator[tuple[bytes, ...]]:
    """Yield the fragments frame by frame: one with an end-of-image marker ends a frame."""
    frame: list[bytes] = []
    frames = 0
    for fragment in fragments:
        frame.append(fragment)
        if ends_frame(fragment):
            yield tuple(frame)
            frames += 1
            frame = []
    warn_incomplete(frames, expected, bool(frame))
    if frame:
        yield tuple(frame)


def generate_frames(
    buffer: Encapsulated,
    *,
    number_of_frames: int | None = None,
    extended_offsets: ExtendedOffsets | None = None,
    endianness: str = "<",
) -> Iterator[bytes]:
    """Yield the frames.

    Parameters
    ----------
    buffer, number_of_frames, extended_offsets, endianness
        As for :func:`generate_fragmented_frames`.

    Yields
    ------
    bytes
        A frame, its fragments put together.

    Raises
    ------
    ValueError
        As for :func:`generate_fragmented_frames`.
    """
    for fragments in generate_fragmented_frames(
        buffer, number_of_frames=number_of_frames, extended_offsets=extended_offsets, endianness=endianness
    ):
        yield fragments[0] if len(fragments) == 1 else b"".join(fragments)


def get_frame(
    buffer: Encapsulated,
    index: int,
    *,
    extended_offsets: ExtendedOffsets | None = None,
    number_of_frames: int | None = None,
    endianness: str = "<",
) -> bytes:
    """Return one frame. For many frames in any order see :func:`frame_index`.

    Parameters
    ----------
    buffer : bytes-like or readable buffer
        The encapsulated pixel data, at the item of the Basic Offset Table. An object with ``read()``,
        ``tell()`` and ``seek()`` is left where it is if the frame is found.
    index : int
        Which frame, counted from 0.
    number_of_frames, extended_offsets, endianness
        As for :func:`generate_fragmented_frames`.

    Returns
    -------
    bytes
        The frame, its fragments put together.

    Raises
    ------
    ValueError
        If there is no such frame, or as for :func:`generate_fragmented_frames`.
    """
    source = as_readable(buffer)
    start = source.tell()
    basic_offsets = parse_basic_offsets(source, endianness=endianness)
    if extended_offsets:
        frame = _by_extended_offset(source, index, *extended_table(extended_offsets, endianness))
    elif basic_offsets:
        frame = _by_basic_offset(source, index, basic_offsets, endianness)
    else:
        frame = _by_counting(source, index, number_of_frames, endianness)
    source.seek(start)
    return frame


def _by_extended_offset(source: ReadableBuffer, index: int, offsets: list[int], lengths: list[int]) -> bytes:
    if index >= min(len(offsets), len(lengths)):
        raise ValueError(f"There aren't enough offsets in the Extended Offset Table for {index + 1} frames")
    return read_range(source, source.tell() + offsets[index] + 8, lengths[index])


def _by_basic_offset(source: ReadableBuffer, index: int, offsets: list[int], endianness: str) -> bytes:
    if index >= len(offsets):
        raise ValueError(f"There aren't enough offsets in the Basic Offset Table for {index + 1} frames")
    begin = offsets[index]
    source.seek(source.tell() + begin)
    if index == len(offsets) - 1:
        return b"".join(generate_fragments(source, endianness=endianness))
    # An offset before its predecessor leaves nothing to read
    items = read_at_most(source, max(0, offsets[index + 1] - begin))
    return b"".join(generate_fragments(items, endianness=endianness))


def _by_counting(source: ReadableBuffer, index: int, number_of_frames: int | None, endianness: str) -> bytes:
    offsets, lengths = locate(source, endianness)
    count = len(offsets)
    if count == 1:
        if index:
            raise ValueError("Found 1 frame fragment in the encapsulated pixel data, 'index' must be 0")
    elif not number_of_frames:
        raise ValueError(
            "Unable to determine the frame boundaries for the encapsulated pixel data as there is no basic or "
            "extended offset table data and the number of frames has not been supplied"
        )
    elif count == number_of_frames:
        if index >= count:
            raise ValueError(
                f"Found {count} frame fragments in the encapsulated pixel data, an 'index' of {index} is invalid"
            )
    elif number_of_frames == 1:
        if index:
            raise ValueError("The 'index' must be 0 if the number of frames is 1")
        return b"".join(generate_fragments(source, endianness=endianness))
    else:
        return _by_marker(source, index, endianness)
    return read_range(source, offsets[index], lengths[index])


def _by_marker(source: ReadableBuffer, index: int, endianness: str) -> bytes:
    frame: list[bytes] = []
    found = 0
    for fragment in generate_fragments(source, endianness=endianness):
        if found == index:
            frame.append(fragment)
        if ends_frame(fragment):
            if found == index:
                return b"".join(frame)
            found += 1
    if not frame:
        raise ValueError(f"There is insufficient pixel data to contain {index + 1} frames")
    warn_and_log(
        "The end of the encapsulated pixel data has been reached but no JPEG EOI/EOC marker was found, the "
        "returned frame data may be invalid",
        stacklevel=4,
    )
    return b"".join(frame)
