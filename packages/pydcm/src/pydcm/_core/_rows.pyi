from typing import Any

class ElementRows:
    touched: bool
    _read_implicit: Any
    _read_little: Any
    _pixel_array: Any
    _private_blocks: Any
    _origin: Any
