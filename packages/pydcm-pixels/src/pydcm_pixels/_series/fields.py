"""Values of elements without ceremony: what cannot be read is absent, over-long decimal strings are numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._core._fields import floats, integer, number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm.dataset import Dataset

__all__ = ["floats", "integer", "items", "number", "tags", "text", "texts"]


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
