"""Values of elements without ceremony: what cannot be read is absent, over-long decimal strings are numbers."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm.dataset import Dataset

__all__ = ["floats", "integer", "items", "number", "tags", "text", "texts"]


def _value(ds: Dataset, tag: int) -> Any:
    """Return an element's encoded bytes if it has not been looked at, else its value; ``None`` if it is not there."""
    try:
        element = ds.get_item(tag)
        if element is None:
            return None
        value = element.value
        if isinstance(value, bytes) and getattr(element, "VR", None) not in (
            "DS",
            "IS",
            "UI",
            "CS",
            "LO",
            "SH",
            "TM",
        ):
            return ds[tag].value
    except Exception:  # a broken element is one that is not there: what depends on it says so
        return None
    return value


def floats(ds: Dataset, tag: int, count: int = 0) -> tuple[float, ...]:
    """Return the numbers of an element; nothing unless all are finite and there are `count` of them (if that is set)."""
    value = _value(ds, tag)
    if value is None:
        return ()
    try:
        if isinstance(value, bytes):
            numbers = tuple(map(float, value.rstrip(b"\0 ").split(b"\\")))
        elif isinstance(value, str) or not hasattr(value, "__iter__"):
            numbers = (float(value),)
        else:
            numbers = tuple(map(float, value))
    except (TypeError, ValueError):
        return ()
    if not all(map(isfinite, numbers)) or (count and len(numbers) != count):
        return ()
    return numbers


def number(ds: Dataset, tag: int) -> float | None:
    """Return the first number of an element, ``None`` if there is none."""
    numbers = floats(ds, tag)
    return numbers[0] if numbers else None


def integer(ds: Dataset, tag: int) -> int | None:
    """Return the first number of an element as an integer, ``None`` if there is none."""
    first = number(ds, tag)
    return None if first is None else int(first)


def text(ds: Dataset, tag: int) -> str:
    """Return an element as text, ``""`` if it is not there; several values are separated by backslashes."""
    value = _value(ds, tag)
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("latin-1").strip("\0 ")
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return str(value).strip("\0 ")
    return "\\".join(str(one) for one in value).strip("\0 ")


def texts(ds: Dataset, tag: int) -> tuple[str, ...]:
    """Return the values of an element as text."""
    joined = text(ds, tag)
    return tuple(part.strip() for part in joined.split("\\")) if joined else ()


def items(ds: Dataset, tag: int) -> Sequence[Dataset]:
    """Return the items of a sequence, none if it is not there."""
    try:
        value = ds[tag].value if tag in ds else None
    except Exception:
        return ()
    return (
        value
        if value is not None and not isinstance(value, bytes | str) and hasattr(value, "__len__")
        else ()
    )


def tags(ds: Dataset, tag: int) -> tuple[int, ...]:
    """Return the tags that an element of VR AT holds."""
    try:
        value = ds[tag].value if tag in ds else None
    except Exception:
        return ()
    if value is None or value == "":
        return ()
    return tuple(int(one) for one in value) if hasattr(value, "__iter__") else (int(value),)
