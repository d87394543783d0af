"""The protocols of what data sets are read from and written to."""

from __future__ import annotations

from typing import Protocol

__all__ = ["ReadableBuffer", "WriteableBuffer"]


class ReadableBuffer(Protocol):
    """What data sets can be read from."""

    def read(self, size: int = ..., /) -> bytes: ...

    def seek(self, offset: int, whence: int = ..., /) -> int: ...

    def tell(self) -> int: ...


class WriteableBuffer(Protocol):
    """What data sets can be written to."""

    def seek(self, offset: int, whence: int = ..., /) -> int: ...

    def tell(self) -> int: ...

    def write(self, b: bytes | bytearray | memoryview, /) -> int: ...
