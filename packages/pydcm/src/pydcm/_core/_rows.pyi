from typing import Any

class ElementRows:
    touched: bool
    _read_implicit: Any
    _read_little: Any
    _pixel_array: Any
    _private_blocks: Any
    _origin: Any

class TagIterator:
    def __iter__(self) -> TagIterator: ...
    def __next__(self) -> Any: ...
    def __length_hint__(self) -> int: ...
