"""The converters are shared between compiled modules; this is all that Python sees of them."""

from pydcm._core._scan import Table

def same_numbers(table: Table, row_number: int, vr: str, values: list[int] | list[float]) -> bool: ...
