from typing import Any

def resize_rows(
    src: Any, out: Any, first: Any, length: Any, weight: Any, axis: int, start: int, stop: int
) -> None: ...
