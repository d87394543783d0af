"""Functional groups of enhanced images (PS3.3 §C.7.6.16)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

__all__ = ["group_item"]


def group_item(ds: Dataset, sequence: str, frame: int, *, whole: bool = False) -> Any:
    """Return the item of a functional group macro for a frame, or all its items.

    That of the frame goes before the one for all frames; ``None`` if there is neither.
    """
    per_frame = ds.get("PerFrameFunctionalGroupsSequence") or ()
    shared = ds.get("SharedFunctionalGroupsSequence") or ()
    for group in (*per_frame[frame : frame + 1], *shared[:1]):
        items = group.get(sequence)
        if items:
            return items if whole else items[0]
    return None
