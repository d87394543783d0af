from typing import Any

def blend(
    src: Any,
    out: Any,
    iz: Any,
    jz: Any,
    wz: Any,
    iy: Any,
    jy: Any,
    wy: Any,
    ix: Any,
    jx: Any,
    wx: Any,
    start: int,
    stop: int,
) -> None: ...
def blend_corners(
    src: Any,
    out: Any,
    iz: Any,
    jz: Any,
    wz: Any,
    iy: Any,
    jy: Any,
    wy: Any,
    ix: Any,
    jx: Any,
    wx: Any,
    reverse: bool,
    start: int,
    stop: int,
) -> None: ...
