from typing import Any

def remap(
    src: Any,
    out: Any,
    low: float,
    high: float,
    shift: float,
    divisor: float,
    factor: float,
    offset: float,
    bottom: float,
    top: float,
) -> None: ...
def total(src: Any, shift: float = 0.0, squares: bool = False) -> float: ...
def gamma(src: Any, out: Any, low: float, divisor: float, exponent: float, factor: float) -> None: ...
