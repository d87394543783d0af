"""Private elements by creator, also where a PACS has moved their block."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

__all__ = ["find_private"]


def find_private(ds: Dataset, group: int, creator: str, element: int) -> int | None:
    """Return the tag of a private element: the block its creator has reserved, wherever it is (PS3.5 §7.8).

    Parameters
    ----------
    ds : Dataset
        Where to look.
    group : int
        The odd group number.
    creator : str
        Prefix of the creator's name, without regard to case.
    element : int
        The last two digits of the element number.
    """
    wanted = creator.upper()
    first = group << 16
    for block in range(0x10, 0x100):
        tag = first | block
        if tag not in ds:
            if block > 0x40:
                break
            continue
        name = str(ds[tag].value or "").upper()
        if name.startswith(wanted):
            found = first | block << 8 | element
            if found in ds:
                return found
    return None
