"""Reading data sets, sequences and single elements from the middle of a file-like object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm import config
from pydcm._core._read import Scanned, scan_buffer
from pydcm.errors import InvalidDicomError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableSequence
    from typing import BinaryIO

    from pydcm.dataelem import DataElement, RawDataElement
    from pydcm.dataset import Dataset
    from pydcm.sequence import Sequence
    from pydcm.tag import BaseTag

    StopWhen = Callable[[BaseTag, str | None, int], bool]

_SPECIFIC_CHARACTER_SET = 0x00080005


def wanted_tags(specific_tags: Any) -> list[int] | None:
    """Return the sorted tags to keep, Specific Character Set among them; ``None`` for all."""
    from pydcm.tag import Tag

    if not specific_tags:
        return None
    return sorted({int(Tag(tag)) for tag in specific_tags} | {_SPECIFIC_CHARACTER_SET})


def detect_implicit_vr(
    head: bytes, assumed: bool, little_endian: bool, stop_when: StopWhen | None, at_top_level: bool
) -> bool:
    """Return whether a data set really is implicit VR, with a warning if that is not what was said.

    Parameters
    ----------
    head : bytes
        Its first six bytes.
    assumed : bool
        What the transfer syntax says.
    little_endian : bool
        The byte order.
    stop_when : callable or None
        Ends the data set; not asked to go on when it stops right here.
    at_top_level : bool
        ``False`` for an item.

    Raises
    ------
    InvalidDicomError
        If it differs at the top level and the reading validation mode is ``RAISE``.
    """
    if (assumed and not at_top_level) or len(head) < 6:
        return assumed
    found = not (0x40 < head[4] < 0x5B and 0x40 < head[5] < 0x5B)
    if found == assumed:
        return found
    if stop_when is not None:
        from pydcm.tag import BaseTag

        order = "little" if little_endian else "big"
        group, element = (int.from_bytes(head[i : i + 2], order) for i in (0, 2))  # type: ignore[arg-type]
        if stop_when(BaseTag(group << 16 | element), head[4:6].decode("latin-1"), 0):
            return found
    if found and not at_top_level:
        return True
    words = {True: "implicit", False: "explicit"}
    message = f"Expected {words[assumed]} VR, but found {words[found]} VR"
    if config.settings.reading_validation_mode == config.RAISE:
        raise InvalidDicomError(message)
    from pydcm.misc import warn_and_log

    warn_and_log(f"{message} - using {words[found]} VR for reading", UserWarning)
    return found


def stop_at(scanned: Scanned, stop_when: StopWhen) -> None:
    """Cut rows from the first one that `stop_when` stops at."""
    from pydcm.tag import BaseTag

    number, last = scanned.first, scanned.last
    while number < last:
        tag, vr, length, offset, _, header, following = scanned.row(number)
        text = bytes([vr >> 8, vr & 0xFF]).decode("latin-1") if vr else None
        if stop_when(BaseTag(tag), text, length):
            scanned.cut(number, offset - header)
            return
        number = following


def report_cut_off(name: str) -> None:
    """Warn, or raise in strict mode, that an element of undefined length has no delimiter."""
    message = "End of file reached before delimiter (FFFE,E0DD) found"
    if config.settings.reading_validation_mode == config.RAISE:
        raise EOFError(message)
    from pydcm.misc import warn_and_log

    warn_and_log(f"{message} in file {name}", UserWarning)


def read_dataset(
    fp: BinaryIO,
    is_implicit_VR: bool,
    is_little_endian: bool,
    bytelength: int | None = None,
    stop_when: StopWhen | None = None,
    defer_size: str | int | float | None = None,
    parent_encoding: str | MutableSequence[str] | None = None,
    specific_tags: list[BaseTag | int] | None = None,
    at_top_level: bool = True,
) -> Dataset:
    """Return the data set that starts at the current position of `fp`.

    Parameters
    ----------
    fp : file-like
        Left behind the last element.
    is_implicit_VR, is_little_endian : bool
        How the transfer syntax says it is encoded.
    bytelength : int, optional
        Its length in bytes; up to the end of the file or an item delimiter by default.
    stop_when : callable, optional
        Called with tag, VR (``None`` if implicit) and length of every top-level element; reading stops in front of the first
        for which it returns ``True``.
    defer_size : int or str, optional
        Values longer than this are left in the file until they are used.
    parent_encoding : str or list of str, optional
        The Python encodings of text if the data set does not name its own.
    specific_tags : list of int, optional
        Read nothing but these and (0008,0005).
    at_top_level : bool, optional
        ``False`` for an item of a sequence.

    Returns
    -------
    Dataset
        The data set.
    """
    from pydcm.dataset import Dataset
    from pydcm.misc import size_in_bytes

    start = fp.tell()
    content = fp.read()
    scanned = _scan(
        content,
        0,
        bytelength,
        is_implicit_VR,
        is_little_endian,
        start,
        stop_when,
        at_top_level,
        wanted_tags(specific_tags),
        size_in_bytes(defer_size),
    )
    fp.seek(start + scanned.position)
    if scanned.cut_off:
        report_cut_off(getattr(fp, "name", "<no filename>"))
    dataset = Dataset()
    scanned.fill(dataset, parent_encoding)
    return dataset


def _scan(
    content: bytes,
    start: int,
    bytelength: int | None,
    implicit: bool,
    little: bool,
    base: int,
    stop_when: StopWhen | None,
    at_top_level: bool,
    wanted: list[int] | None = None,
    defer_size: float | None = None,
) -> Scanned:
    implicit = detect_implicit_vr(content[start : start + 6], implicit, little, stop_when, at_top_level)
    stop = None if bytelength is None else start + bytelength
    scanned = scan_buffer(
        content,
        start,
        stop,
        implicit,
        little,
        base,
        wanted=wanted,
        defer_size=None if defer_size is None else int(defer_size),
    )
    if stop_when is not None:
        stop_at(scanned, stop_when)
    if config.debugging:
        from pydcm._io.log_reading import log_elements

        log_elements(scanned, lambda offset, nbytes: content[offset : offset + nbytes], defer_size)
    return scanned


def _dictionary_vr(tag: BaseTag) -> str | None:
    """Return the VR of a tag in the dictionary, ``None`` if it is not there."""
    from pydcm.datadict import dictionary_VR

    try:
        return dictionary_VR(tag)
    except KeyError:
        return None


def data_element_generator(
    fp: BinaryIO,
    is_implicit_VR: bool,
    is_little_endian: bool,
    stop_when: StopWhen | None = None,
    defer_size: int | str | float | None = None,
    encoding: str | MutableSequence[str] = "iso8859",
    specific_tags: list[BaseTag | int] | None = None,
) -> Iterator[RawDataElement | DataElement]:
    """Yield the elements from the current position of `fp` on, raw ones wherever possible.

    Parameters
    ----------
    fp : file-like
        Left behind the element that was yielded last.
    is_implicit_VR, is_little_endian : bool
        How they are encoded.
    stop_when : callable, optional
        See :func:`read_dataset`.
    defer_size : int or str, optional
        Longer values are ``None``.
    encoding : str or list of str, optional
        The Python encodings of text.
    specific_tags : list of int, optional
        Yield nothing but these and (0008,0005).

    Yields
    ------
    RawDataElement or DataElement
        A DataElement for a sequence of undefined length, else a RawDataElement.
    """
    from pydcm.dataset import Dataset
    from pydcm.misc import size_in_bytes

    start = fp.tell()
    content = fp.read()
    fp.seek(start)
    limit = size_in_bytes(defer_size)
    scanned = scan_buffer(
        content,
        0,
        None,
        is_implicit_VR,
        is_little_endian,
        start,
        wanted=wanted_tags(specific_tags),
        defer_size=None if limit is None else int(limit),
    )
    if stop_when is not None:
        stop_at(scanned, stop_when)
    number, last, end = scanned.first, scanned.last, scanned.position
    while number < last:
        following = scanned.row(number)[-1]
        behind = end
        if following < last:
            offset, header = scanned.row(following)[3], scanned.row(following)[5]
            behind = offset - header
        single = scanned.fill(Dataset(), encoding, number, following)
        fp.seek(start + behind)
        elem = single.get_item(scanned.tag_at(number), keep_deferred=True)
        if elem.VR is None and elem.length == 0xFFFFFFFF:
            # Looked up in order to know whether it is a sequence
            elem = elem._replace(VR=_dictionary_vr(elem.tag))
        yield elem
        number = following
    fp.seek(start + end)
    if scanned.cut_off:
        raise EOFError("End of file reached before delimiter (FFFE,E0DD) found")


def read_sequence(
    fp: BinaryIO,
    is_implicit_VR: bool,
    is_little_endian: bool,
    bytelength: int,
    encoding: str | MutableSequence[str],
    offset: int = 0,
) -> Sequence:
    """Return the sequence whose items start at the current position of `fp`.

    Parameters
    ----------
    fp : file-like
        Left behind the last item.
    is_implicit_VR, is_little_endian : bool
        How the items are encoded.
    bytelength : int
        The length of the value in bytes, 0xFFFFFFFF for undefined length.
    encoding : str or list of str
        The Python encodings of text in items that do not name their own.
    offset : int, optional
        Where `fp` begins in the file.

    Returns
    -------
    Sequence
        The items.
    """
    from pydcm._core._read import sequence_from_buffer

    start = fp.tell()
    content = fp.read() if bytelength == 0xFFFFFFFF else fp.read(bytelength)
    sequence, used = sequence_from_buffer(
        content, is_implicit_VR, is_little_endian, bytelength == 0xFFFFFFFF, start + offset, encoding
    )
    fp.seek(start + used)
    return sequence


def read_sequence_item(
    fp: BinaryIO,
    is_implicit_VR: bool,
    is_little_endian: bool,
    encoding: str | MutableSequence[str],
    offset: int = 0,
) -> Dataset | None:
    """Return the item that starts at the current position of `fp`, ``None`` at a sequence delimiter.

    Parameters are those of :func:`read_sequence`.

    Raises
    ------
    OSError
        If there is no tag to read.
    """
    from pydcm._core._read import sequence_from_buffer
    from pydcm.errors import TruncatedDicomError

    start = fp.tell()
    head = fp.read(8)
    order = "little" if is_little_endian else "big"
    if len(head) < 8:
        raise TruncatedDicomError(f"No tag to read at file position {start + len(head) + offset:X}")
    group, element = (int.from_bytes(head[i : i + 2], order) for i in (0, 2))  # type: ignore[arg-type]
    length = int.from_bytes(head[4:], order)  # type: ignore[arg-type]
    if (group, element) == (0xFFFE, 0xE0DD):
        return None
    content = head + (fp.read() if length == 0xFFFFFFFF else fp.read(length))
    sequence, used = sequence_from_buffer(
        content, is_implicit_VR, is_little_endian, False, start + offset, encoding, single=True
    )
    fp.seek(start + used)
    return sequence[0]
