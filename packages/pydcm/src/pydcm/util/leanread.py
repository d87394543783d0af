"""Read the elements of a file one after the other, as bytes and with nothing around them.

A program that passes through many files for a few elements gets them as plain tuples: no data set, no
conversion, and values larger than a given size are not even read.
"""

from __future__ import annotations

import os
from struct import Struct

from ..misc import size_in_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import BinaryIO, Self, TypeAlias

    _ElementType: TypeAlias = tuple[tuple[int, int], bytes | None, int, bytes | None, int]

_UNDEFINED = 0xFFFFFFFF
_ITEM_GROUP = 0xFFFE
_LONG_VRS = frozenset(
    (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
)  # fmt: skip


class dicomfile:
    """A DICOM file to iterate over; use it in a ``with`` statement.

    Iteration gives the elements of the file meta information and of the data set as
    :func:`data_element_generator` does, and raises :class:`NotImplementedError` if there is no transfer syntax.

    Parameters
    ----------
    filename : str, bytes or os.PathLike
        The file.

    Attributes
    ----------
    fobj : file-like
        The open file.
    preamble : bytes or None
        The first 128 bytes, ``None`` if the prefix ``DICM`` does not follow (PS3.10 §7.1).
    """

    def __init__(self, filename: str | bytes | os.PathLike[str]) -> None:
        self.fobj: BinaryIO = open(filename, "rb")  # noqa: SIM115 - closed by __exit__
        self.preamble: bytes | None = None
        start = self.fobj.read(132)
        if start[128:] == b"DICM":
            self.preamble = start[:128]
        else:
            self.fobj.seek(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> bool | None:
        self.fobj.close()
        return None

    def __iter__(self) -> Iterator[_ElementType]:
        from ..uid import UID

        syntax = None
        for elem in data_element_generator(self.fobj, False, True, lambda group, _: group != 2):
            if elem[0] == (0x0002, 0x0010) and elem[3] is not None:
                syntax = UID(elem[3].strip(b" \0").decode("ascii"))
            yield elem
        if not syntax:
            raise NotImplementedError("No transfer syntax in file meta info")
        yield from data_element_generator(self.fobj, syntax.is_implicit_VR, syntax.is_little_endian)


def data_element_generator(
    fp: BinaryIO,
    is_implicit_VR: bool,
    is_little_endian: bool,
    stop_when: Callable[[int, int], bool] | None = None,
    defer_size: str | int | float | None = None,
) -> Iterator[_ElementType]:
    """Iterate over the elements from the present position of a file.

    A sequence of undefined length is one element without a value; its items, their elements and the
    delimiters follow as elements of their own (PS3.5 §7.5).

    Parameters
    ----------
    fp : file-like
        The file.
    is_implicit_VR : bool
        ``True`` if the elements have no VR of their own.
    is_little_endian : bool
        ``True`` if the least significant byte of a number comes first.
    stop_when : callable, optional
        Called with group and element number; where it returns ``True`` iteration ends, with `fp` at the start
        of that element.
    defer_size : int, float or str, optional
        Longer values are skipped.

    Yields
    ------
    tuple of (tuple[int, int], bytes or None, int, bytes or None, int)
        Group and element number; VR; length; value, ``None`` if it was skipped; where the value begins.

    Raises
    ------
    NotImplementedError
        At an element of undefined length that is no sequence.
    """
    order = "<" if is_little_endian else ">"
    read_header = Struct(order + ("HHL" if is_implicit_VR else "HH2sH")).unpack
    read_long = Struct(order + "L").unpack
    read_item = Struct(order + "HHL").unpack
    limit = size_in_bytes(defer_size)
    position = fp.tell()
    file_size = fp.seek(0, os.SEEK_END)
    fp.seek(position)

    while len(header := fp.read(8)) == 8:
        start, position = position, position + 8
        vr: bytes | None = None
        if is_implicit_VR:
            group, element, length = read_header(header)
        else:
            group, element, vr, length = read_header(header)
            if group == _ITEM_GROUP:
                # Items and delimiters have no VR in any encoding
                vr = None
                length = read_item(header)[2]
            elif vr in _LONG_VRS:
                long_length = fp.read(4)
                if len(long_length) < 4:
                    return
                (length,) = read_long(long_length)
                position += 4
        if stop_when is not None and stop_when(group, element):
            fp.seek(start)
            return

        tag = (group, element)
        if group == _ITEM_GROUP:
            # What is in an item comes next, so that an item of defined length has no value of its own either
            yield tag, vr, length, None, position
        elif length == _UNDEFINED:
            vr = vr or _vr_of_undefined_length(fp, tag, is_little_endian)
            if vr != b"SQ":
                raise NotImplementedError("This reader does not handle undefined length except for SQ")
            yield tag, vr, length, None, position
        else:
            value = None
            if limit is None or length <= limit:
                # A length beyond the end of the file must not be allocated
                value = fp.read(min(length, file_size - position))
            yield tag, vr, length, value, position
            position += length
        fp.seek(position)


def _vr_of_undefined_length(fp: BinaryIO, tag: tuple[int, int], is_little_endian: bool) -> bytes | None:
    """Return the VR of an element of undefined length: the dictionary's, or SQ if an item comes next."""
    from ..datadict import dictionary_VR

    try:
        return dictionary_VR(tag).encode("ascii")
    except KeyError:
        item = b"\xfe\xff\x00\xe0" if is_little_endian else b"\xff\xfe\xe0\x00"
        return b"SQ" if fp.read(4) == item else None
