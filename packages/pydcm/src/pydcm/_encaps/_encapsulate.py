"""Make encapsulated pixel data out of frames (PS3.5 §A.4)."""

from __future__ import annotations

from struct import pack

from ._buffered import EncapsulatedBuffer
from ._items import ITEM_TAG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedIOBase


def fragment_frame(frame: bytes, nr_fragments: int = 1) -> Iterator[bytes]:
    r"""Yield a frame in fragments, each of an even number of bytes.

    Parameters
    ----------
    frame : bytes
        The frame.
    nr_fragments : int, optional
        The number of fragments.

    Yields
    ------
    bytes
        A fragment; the last one ends with a padding of ``\x00`` if it would be odd.

    Raises
    ------
    ValueError
        If fragments would have less than two bytes.
    """
    size = len(frame)
    if 2 * nr_fragments > size + 1:
        raise ValueError("Too many fragments requested (the minimum fragment size is 2 bytes)")
    step = size // nr_fragments
    step += step % 2
    last = step * (nr_fragments - 1)
    for offset in range(0, last, step):
        yield frame[offset : offset + step]
    rest = frame[last:]
    yield rest + b"\x00" if len(rest) % 2 else rest


def itemize_fragment(fragment: bytes) -> bytes:
    """Return a fragment as an item: tag, length and the fragment.

    Parameters
    ----------
    fragment : bytes
        The fragment, of an even number of bytes.
    """
    return b"".join((ITEM_TAG, pack("<I", len(fragment)), fragment))


def itemize_frame(frame: bytes, nr_fragments: int = 1) -> Iterator[bytes]:
    """Yield a frame as items.

    Parameters
    ----------
    frame, nr_fragments
        As for :func:`fragment_frame`.

    Yields
    ------
    bytes
        An item.

    Raises
    ------
    ValueError
        As for :func:`fragment_frame`.
    """
    return map(itemize_fragment, fragment_frame(frame, nr_fragments))


def encapsulate(frames: list[bytes], fragments_per_frame: int = 1, has_bot: bool = True) -> bytes:
    """Return encapsulated pixel data.

    Parameters
    ----------
    frames : list of bytes
        The frames, each compressed.
    fragments_per_frame : int, optional
        The number of fragments to divide each frame into.
    has_bot : bool, optional
        ``True`` (default) to list the frames in the Basic Offset Table. If they are not listed, more than one
        fragment per frame makes it hard to tell frames apart.

    Returns
    -------
    bytes
        A value for (7FE0,0010) *Pixel Data*, without sequence delimiter.

    Raises
    ------
    ValueError
        If an offset is too large for the Basic Offset Table, or as for :func:`fragment_frame`.
    """
    if has_bot:
        total = 8 * (len(frames) - 1) + sum(map(len, frames[:-1]))
        if total > 2**32 - 1:
            raise ValueError(
                f"The total length of the encapsulated frame data ({total} bytes) will be greater than the maximum "
                f"allowed by the Basic Offset Table ({2**32 - 1} bytes), it's recommended that you use the Extended "
                "Offset Table instead (see the 'encapsulate_extended' function for more information)"
            )
    offsets = []
    items: list[bytes] = []
    position = 0
    for frame in frames:
        offsets.append(position)
        for fragment in fragment_frame(frame, fragments_per_frame):
            items += (ITEM_TAG, pack("<I", len(fragment)), fragment)
            position += 8 + len(fragment)
    table = pack(f"<{len(offsets)}I", *offsets) if has_bot else b""
    return b"".join((itemize_fragment(table), *items))


def encapsulate_extended(frames: list[bytes]) -> tuple[bytes, bytes, bytes]:
    """Return encapsulated pixel data and its Extended Offset Table, which knows no limit on offsets.

    Parameters
    ----------
    frames : list of bytes
        The frames, each compressed.

    Returns
    -------
    tuple of (bytes, bytes, bytes)
        Values for (7FE0,0010) *Pixel Data*, (7FE0,0001) *Extended Offset Table* and (7FE0,0002) *Extended
        Offset Table Lengths*.
    """
    offsets, lengths = [], []
    position = 0
    for frame in frames:
        size = len(frame) + len(frame) % 2
        offsets.append(position)
        lengths.append(size)
        position += 8 + size
    form = f"<{len(frames)}Q"
    return encapsulate(frames, has_bot=False), pack(form, *offsets), pack(form, *lengths)


def encapsulate_buffer(buffers: list[BufferedIOBase], has_bot: bool = True) -> EncapsulatedBuffer:
    """Return encapsulated pixel data that is put together while it is read; see :func:`encapsulate`.

    Parameters
    ----------
    buffers : list of io.BufferedIOBase
        The frames, each compressed in a buffer of its own.
    has_bot : bool, optional
        ``True`` (default) to list the frames in the Basic Offset Table.

    Returns
    -------
    EncapsulatedBuffer
        A value for (7FE0,0010) *Pixel Data*.
    """
    return EncapsulatedBuffer(buffers, use_bot=has_bot)


def encapsulate_extended_buffer(buffers: list[BufferedIOBase]) -> tuple[EncapsulatedBuffer, bytes, bytes]:
    """Return encapsulated pixel data that is put together while it is read; see :func:`encapsulate_extended`.

    Parameters
    ----------
    buffers : list of io.BufferedIOBase
        The frames, each compressed in a buffer of its own.

    Returns
    -------
    tuple of (EncapsulatedBuffer, bytes, bytes)
        Values for (7FE0,0010) *Pixel Data*, (7FE0,0001) *Extended Offset Table* and (7FE0,0002) *Extended
        Offset Table Lengths*.
    """
    encapsulated = EncapsulatedBuffer(buffers)
    return encapsulated, encapsulated.extended_offsets, encapsulated.extended_lengths
