from typing import Any

def filter_depth(src: Any, out: Any, pad: int, margin: int, start: int, stop: int) -> None: ...
def filter_planes(
    src: Any, out: Any, pad: int, margin: int, start: int, stop: int, inplace: bool
) -> None: ...
def interpolate(
    src: Any,
    out: Any,
    iz: Any,
    wz: Any,
    iy: Any,
    wy: Any,
    ix: Any,
    wx: Any,
    low: float,
    high: float,
    start: int,
    stop: int,
) -> None: ...
