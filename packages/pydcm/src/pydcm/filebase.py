"""Wrappers that read and write tags and numbers in the byte order of a data set."""

from __future__ import annotations

import os
from io import BytesIO
from struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Self

    from ._buffers import ReadableBuffer as ReadableBuffer
    from ._buffers import WriteableBuffer as WriteableBuffer


def __getattr__(name: str) -> Any:
    # Programs import these at run time; without them this module need not load typing
    if name in ("ReadableBuffer", "WriteableBuffer"):
        from . import _buffers

        return getattr(_buffers, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


#: The packers of an unsigned short, an unsigned long and a tag: big endian, little endian
_STRUCTS = tuple(tuple(Struct(order + form) for form in ("H", "L", "2H")) for order in "><")


class DicomIO:
    """A buffer with a byte order and a VR encoding.

    Parameters
    ----------
    buffer : buffer-like
        An object with ``seek()`` and ``tell()``, and with ``read()``, ``write()`` or both, which behave like
        those of :class:`io.RawIOBase`. Its methods become this object's.
    """

    _us_packer: Callable[[int], bytes]
    _us_unpacker: Callable[[bytes], tuple[Any, ...]]
    _ul_packer: Callable[[int], bytes]
    _ul_unpacker: Callable[[bytes], tuple[Any, ...]]
    _tag_packer: Callable[[int, int], bytes]
    _tag_unpacker: Callable[[bytes], tuple[Any, ...]]
    _implicit_vr: bool
    _little_endian: bool

    def __init__(self, buffer: ReadableBuffer | WriteableBuffer) -> None:
        self._buffer = buffer
        self._name: str | None = getattr(buffer, "name", None)
        self.seek = buffer.seek  # type: ignore[method-assign]
        self.tell = buffer.tell  # type: ignore[method-assign]
        for method in ("read", "write", "close"):
            if hasattr(buffer, method):
                setattr(self, method, getattr(buffer, method))

    def close(self, *args: Any, **kwargs: Any) -> Any:
        """Close the buffer; this is for buffers that cannot be closed and does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def parent(self) -> ReadableBuffer | WriteableBuffer:
        """The buffer itself."""
        return self._buffer

    @property
    def name(self) -> str | None:
        """The buffer's ``name``, if it has one."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = name

    @property
    def is_little_endian(self) -> bool:
        """Whether the least significant byte of a number comes first.

        Raises
        ------
        AttributeError
            If it was not set.
        TypeError
            If it is set to anything but ``True`` or ``False``.
        """
        try:
            return self._little_endian
        except AttributeError:
            raise AttributeError(f"'{type(self).__name__}.is_little_endian' has not been set") from None

    @is_little_endian.setter
    def is_little_endian(self, value: bool) -> None:
        self._little_endian = self._bool("is_little_endian", value)
        short, long, tag = _STRUCTS[value]
        self._us_packer, self._us_unpacker = short.pack, short.unpack
        self._ul_packer, self._ul_unpacker = long.pack, long.unpack
        self._tag_packer, self._tag_unpacker = tag.pack, tag.unpack

    @property
    def is_implicit_VR(self) -> bool:
        """Whether elements have no VR of their own; as for :attr:`is_little_endian`."""
        try:
            return self._implicit_vr
        except AttributeError:
            raise AttributeError(f"'{type(self).__name__}.is_implicit_VR' has not been set") from None

    @is_implicit_VR.setter
    def is_implicit_VR(self, value: bool) -> None:
        self._implicit_vr = self._bool("is_implicit_VR", value)

    def _bool(self, attribute: str, value: bool) -> bool:
        if not isinstance(value, bool):
            raise TypeError(f"'{type(self).__name__}.{attribute}' must be bool")
        return value

    # Replaced by the buffer's own methods where it has them
    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, all that are left by default."""
        raise self._lacking("read")

    def write(self, b: bytes | bytearray | memoryview, /) -> int:
        """Write some bytes and return how many were written."""
        raise self._lacking("write")

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move to a position and return it."""
        raise self._lacking("seek")

    def tell(self) -> int:
        """Return the position."""
        raise self._lacking("tell")

    def _lacking(self, method: str) -> TypeError:
        return TypeError(
            f"'{type(self).__name__}' cannot be used with '{type(self._buffer).__name__}': object has no "
            f"{method}() method"
        )

    def read_exact(self, length: int, nr_retries: int = 3) -> bytes:
        """Return exactly `length` bytes.

        Parameters
        ----------
        length : int
            The number of bytes.
        nr_retries : int, optional
            How often to read again after a short read.

        Raises
        ------
        EOFError
            If there are fewer bytes.
        """
        data = self.read(length)
        if len(data) == length:
            return data
        parts = bytearray(data)
        for _ in range(nr_retries):
            parts += self.read(length - len(parts))
            if len(parts) == length:
                return bytes(parts)
        raise EOFError(
            f"Unexpected end of file. Read {len(parts)} bytes of {length} expected starting at position "
            f"0x{self.tell() - len(parts):x}"
        )

    def read_tag(self) -> tuple[int, int]:
        """Return the group and the element number of a tag."""
        group, element = self._tag_unpacker(self.read_exact(4))
        return group, element

    def read_UL(self) -> int:
        """Return a 32-bit unsigned number."""
        (value,) = self._ul_unpacker(self.read_exact(4))
        return value

    def read_US(self) -> int:
        """Return a 16-bit unsigned number."""
        (value,) = self._us_unpacker(self.read_exact(2))
        return value

    def write_tag(self, tag: int) -> None:
        """Write a tag."""
        self.write(self._tag_packer(tag >> 16, tag & 0xFFFF))

    def write_UL(self, val: int) -> None:
        """Write a 32-bit unsigned number."""
        self.write(self._ul_packer(val))

    def write_US(self, val: int) -> None:
        """Write a 16-bit unsigned number."""
        self.write(self._us_packer(val))


class DicomFileLike(DicomIO):
    """A file-like object with a byte order and a VR encoding."""


def DicomFile(*args: Any, **kwargs: Any) -> DicomFileLike:
    """Open a file, with the arguments of :func:`open`, and return it as a :class:`DicomFileLike`."""
    return DicomFileLike(open(*args, **kwargs))


class DicomBytesIO(DicomIO):
    """Bytes in memory with a byte order and a VR encoding.

    Parameters
    ----------
    initial_bytes : bytes, bytearray or memoryview, optional
        What it holds at first.
    """

    def __init__(self, initial_bytes: bytes | bytearray | memoryview = b"") -> None:
        buffer = BytesIO(initial_bytes)
        super().__init__(buffer)
        self.getvalue = buffer.getvalue
