"""Values of elements without ceremony: what cannot be read is absent, over-long decimal strings are numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._core._fields import floats, integer, number, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydcm.dataset import Dataset

__all__ = ["floats", "integer", "items", "modality_of", "modality", "number", "tags", "text", "texts"]

_MR = "1.2.840.10008.5.1.4.1.1.4"  # classes of MR images: this one and those below it


def modality(ds: Dataset) -> str:
    """Return *Modality*; ``"MR"`` if it was removed from an MR image, or says that it is of any other kind."""
    return modality_of(text(ds, 0x00080060), lambda: text(ds, 0x00080016))


def modality_of(stated: str, sop_class: Callable[[], str]) -> str:
    """Return the modality that is stated, or that follows from the class of the image."""
    if stated and stated != "OT":
        return stated
    found = sop_class()
    return "MR" if found == _MR or found in (f"{_MR}.1", f"{_MR}.3", f"{_MR}.4") else stated


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
