from typing import Any

def vote(
    src: Any,
    out: Any,
    iz: Any,
    wz: Any,
    nz: Any,
    iy: Any,
    wy: Any,
    ny: Any,
    ix: Any,
    wx: Any,
    nx: Any,
    start: int,
    stop: int,
) -> None: ...
