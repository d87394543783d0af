from collections.abc import Callable
from typing import Any

def plain_cells(
    values: list[Any], kinds: tuple[str, ...], many: tuple[bool, ...], convert: Callable[[Any, int], Any]
) -> None: ...
