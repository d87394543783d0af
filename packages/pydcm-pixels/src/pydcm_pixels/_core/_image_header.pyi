from typing import Any

from typing_extensions import Buffer

def plain_image(
    head: Buffer, syntaxes: dict[bytes, tuple[bool, Any]], photometrics: dict[bytes, Any]
) -> tuple[dict[str, Any], int, int, Any] | None: ...
def fragment(head: Buffer, at: int) -> tuple[int, int] | None: ...
