"""Siemens CSA headers (0029,xx10) and (0029,xx20): named values in a binary block.

Two versions exist: the older starts with the number of elements, the newer with ``SV10``. Both are described by the
nibabel project ("Siemens format DICOM with CSA header").
"""

from __future__ import annotations

from struct import error as StructError
from struct import unpack_from
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["floats", "read_csa"]

_MAX_ELEMENTS = 1000
_MAX_ITEMS = 10_000


def read_csa(content: bytes, wanted: Collection[str] | None = None) -> dict[str, list[str]]:
    """Return the values of a CSA header by name.

    Parameters
    ----------
    content : bytes
        Value of the element.
    wanted : collection of str, optional
        Names that are of interest; by default all.

    Returns
    -------
    dict
        Text of every value that is not empty. Damaged headers give what precedes the damage.
    """
    found: dict[str, list[str]] = {}
    try:
        at = 8 if content[:4] == b"SV10" else 0
        (count,) = unpack_from("<I", content, at)
        at += 8
        for _ in range(min(count, _MAX_ELEMENTS)):
            name = content[at : at + 64].partition(b"\0")[0].decode("latin-1")
            (n_items,) = unpack_from("<i", content, at + 76)
            at += 84
            if not 0 <= n_items <= _MAX_ITEMS:
                break
            keep = wanted is None or name in wanted
            values: list[str] = []
            for _ in range(n_items):
                (length,) = unpack_from("<i", content, at + 4)
                start = at + 16
                if length < 0 or start + length > len(content):
                    return found
                if keep and length:
                    text = content[start : start + length].partition(b"\0")[0].strip()
                    if text:
                        values.append(text.decode("latin-1"))
                at = start + (length + 3) // 4 * 4
            if keep:
                found[name] = values
    except StructError:
        pass
    return found


def floats(values: list[str] | None) -> list[float]:
    """Return those values that are numbers."""
    result = []
    for value in values or ():
        try:
            result.append(float(value))
        except ValueError:
            continue
    return result
