"""Functions that pydicom 3 deprecates; :mod:`pydcm.encaps` serves them with a warning."""

from __future__ import annotations

from .. import config
from ..tag import ItemTag, SequenceDelimiterTag, Tag
from ._encapsulate import itemize_fragment, itemize_frame
from ._frames import generate_fragmented_frames, generate_frames
from ._items import generate_fragments, parse_basic_offsets, parse_fragments, read_at_most

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..filebase import DicomIO


def _check_little_endian(fp: DicomIO) -> None:
    if not fp.is_little_endian:
        raise ValueError("'fp.is_little_endian' must be True")


def get_frame_offsets(fp: DicomIO) -> tuple[bool, list[int]]:
    """Return whether the Basic Offset Table has offsets, and the offsets, ``[0]`` for none.

    Use :func:`~pydcm.encaps.parse_basic_offsets` instead.
    """
    _check_little_endian(fp)
    start = fp.tell()
    tag = Tag(fp.read_tag())
    if tag != ItemTag:
        raise ValueError(f"Unexpected tag '{tag}' when parsing the Basic Offset Table item")
    fp.seek(start)
    offsets = parse_basic_offsets(fp)
    return bool(offsets), offsets or [0]


def get_nr_fragments(fp: DicomIO) -> int:
    """Return the number of fragments. Use :func:`~pydcm.encaps.parse_fragments` instead."""
    _check_little_endian(fp)
    return parse_fragments(fp)[0]


def generate_pixel_data_fragment(fp: DicomIO) -> Iterator[bytes]:
    """Yield the fragments. Use :func:`~pydcm.encaps.generate_fragments` instead."""
    _check_little_endian(fp)
    yield from generate_fragments(fp)


def generate_pixel_data_frame(bytestream: bytes, nr_frames: int | None = None) -> Iterator[bytes]:
    """Yield the frames. Use :func:`~pydcm.encaps.generate_frames` instead."""
    yield from generate_frames(bytestream, number_of_frames=nr_frames)


def generate_pixel_data(bytestream: bytes, nr_frames: int | None = None) -> Iterator[tuple[bytes, ...]]:
    """Yield the frames in fragments. Use :func:`~pydcm.encaps.generate_fragmented_frames` instead."""
    yield from generate_fragmented_frames(bytestream, number_of_frames=nr_frames)


def decode_data_sequence(data: bytes) -> list[bytes]:
    """Return the fragments. Use :func:`~pydcm.encaps.generate_fragments` instead."""
    from ..filebase import DicomBytesIO

    with DicomBytesIO(data) as fp:
        fp.is_little_endian = True
        # The first item is the Basic Offset Table
        read_item(fp)
        return list(iter(lambda: read_item(fp) or None, None))


def defragment_data(data: bytes) -> bytes:
    """Return the fragments put together. Use :func:`~pydcm.encaps.generate_frames` instead."""
    return b"".join(decode_data_sequence(data))


def read_item(fp: DicomIO) -> bytes | None:
    """Return the value of an item, ``None`` at the end or the sequence delimiter.

    Use :func:`~pydcm.encaps.generate_fragments` instead.
    """
    logger = config.logger
    start = fp.tell()
    try:
        tag = Tag(fp.read_tag())
    except EOFError:
        return None
    length = fp.read_UL()
    if tag == SequenceDelimiterTag:
        logger.debug("%04x: Sequence Delimiter, length 0x%x", start, length)
        if length:
            logger.warning(
                "Expected 0x00000000 after delimiter, found 0x%x, at data position 0x%x", length, start + 4
            )
        return None
    if tag == ItemTag:
        logger.debug("%04x: Item, length 0x%x", start, length)
    else:
        logger.warning("Expected Item with tag %s at data position 0x%x", ItemTag, start)
    if length == 0xFFFFFFFF:
        raise ValueError(f"Encapsulated data fragment had Undefined Length at data position 0x{start + 4:x}")
    return read_at_most(fp, length)


DEPRECATED = {
    "get_frame_offsets": get_frame_offsets,
    "get_nr_fragments": get_nr_fragments,
    "generate_pixel_data_fragment": generate_pixel_data_fragment,
    "generate_pixel_data_frame": generate_pixel_data_frame,
    "generate_pixel_data": generate_pixel_data,
    "decode_data_sequence": decode_data_sequence,
    "defragment_data": defragment_data,
    "read_item": read_item,
    "itemise_frame": itemize_frame,
    "itemise_fragment": itemize_fragment,
}
