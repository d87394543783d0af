from collections.abc import Callable
from typing import Any

from pydcm._core._dataset import DatasetCore

class Scanned:
    table: Any
    first: int
    last: int
    position: int
    implicit: bool
    cut_off: Any
    def row(self, number: int) -> Any: ...
    def tag_at(self, number: int) -> int: ...
    def value_at(self, number: int) -> Any: ...
    def cut(self, number: int, position: int) -> None: ...
    def fill(
        self,
        dataset: DatasetCore,
        parent_encoding: Any = None,
        first: int | None = None,
        last: int | None = None,
    ) -> Any: ...

def read_file(path: Any, limit: int = -1) -> Any: ...
def likely_header() -> int: ...
def read_plain(
    content: bytes,
    path: Any,
    mtime: Any,
    fileobj_type: Any,
    complete: bool = True,
    stop_before_pixels: bool = False,
    nbytes: int | None = None,
) -> Any: ...
def scan_buffer(
    source: Any,
    start: int,
    stop: int | None,
    implicit: bool,
    little_endian: bool,
    base: int,
    *,
    stop_before_pixels: bool = False,
    wanted: Any = None,
    defer_size: int | None = None,
    only_group: int = -1,
    after: Scanned | None = None,
) -> Scanned: ...
def scan_windows(
    read_at: Callable[..., Any],
    start: int,
    implicit: bool,
    little_endian: bool,
    *,
    stop_before_pixels: bool = False,
    wanted: Any = None,
    defer_size: int | None = None,
    first: bytes = b"",
) -> Any: ...
def sequence_from_buffer(
    source: Any,
    implicit: bool,
    little_endian: bool,
    undefined: bool,
    base: int,
    encoding: Any,
    *,
    single: bool = False,
) -> Any: ...
