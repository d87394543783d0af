"""Coded concepts (PS3.3 §8)."""

from __future__ import annotations

from typing import Any, NamedTuple

from ._snomed_dict import mapping

__all__ = ["Code"]


class Code(NamedTuple):
    """A coded concept: what is meant, told by a code of some coding scheme (PS3.3 §8.1).

    Two codes are equal if value, scheme designator and scheme version are; the meaning, being
    text for people, does not count. A SNOMED-RT style code (scheme ``SRT``) equals the SNOMED CT
    concept (``SCT``) that replaced it (PS3.16 §8.1.1).

    Attributes
    ----------
    value : str
        The code.
    scheme_designator : str
        The coding scheme, such as ``"SCT"`` or ``"DCM"``.
    meaning : str
        The text for people.
    scheme_version : str, optional
        The version of the scheme, where it matters.
    """

    value: str
    scheme_designator: str
    meaning: str
    scheme_version: str | None = None

    def __hash__(self) -> int:
        value, scheme, _ = _identity(self)
        return hash(scheme + value)

    def __eq__(self, other: object) -> bool:
        try:
            return _identity(self) == _identity(other)
        except AttributeError:
            return False

    def __ne__(self, other: object) -> bool:
        return not self == other


def _identity(code: Any) -> tuple[str, str, str | None]:
    """Return what makes a code, of this or another class with these attributes, what it is."""
    value, scheme = code.value, code.scheme_designator
    if scheme == "SRT":
        current = mapping["SRT"].get(value)
        if current is not None:
            value, scheme = current, "SCT"
    return value, scheme, code.scheme_version
