from typing import Any, Self

class ElementCore:
    tag: Any
    VR: Any
    value: Any
    _value: Any
    file_tell: Any
    is_undefined_length: Any
    validation_mode: Any
    private_creator: Any
    touched: bool
    def _is_unchanged(self) -> bool: ...
    def _source(self) -> Any: ...
    def _fields(self) -> dict[str, Any]: ...
    def _set_fields(self, fields: dict[str, Any]) -> None: ...
    def _copy_fields(self, other: Self, value: Any) -> Any: ...
