"""Coded concepts (PS3.16 annex D and the schemes that its context groups use)."""

from __future__ import annotations

from typing import Any, TypeAlias

from ._cid_dict import cid_concepts
from ._lazy import LazyDict

__all__ = ["SchemeConcepts", "concepts"]

Codes: TypeAlias = "dict[str, tuple[str, list[int]]]"

_groups_of: dict[tuple[str, str], list[int]] | None = None


def _context_groups(scheme: str, keyword: str) -> list[int]:
    """Return the numbers of the context groups that a concept is a member of."""
    global _groups_of
    if _groups_of is None:
        _groups_of = {}
        for cid, members in cid_concepts.items():
            for name, keywords in members.items():
                for word in keywords:
                    _groups_of.setdefault((name, word), []).append(cid)
    return list(_groups_of.get((scheme, keyword), ()))


class SchemeConcepts(LazyDict[str, Codes]):
    """The concepts of one scheme: ``{code: (meaning, [cid, …])}`` by keyword.

    Parameters
    ----------
    scheme : str
        The scheme's designator.
    columns : tuple of str
        The keywords, and line by line code and meaning.
    """

    def __init__(self, scheme: str, columns: tuple[str, str]) -> None:
        keywords, codes = columns
        super().__init__(lambda: dict(zip(keywords.split("\n"), codes.split("\n"))), self._unpack_codes)
        self._scheme = scheme

    def _unpack_codes(self, keyword: str, packed: str) -> Codes:
        code, meaning = packed.split("\t")
        return {code: (meaning, _context_groups(self._scheme, keyword))}

    def find_code(self, keyword: str) -> tuple[str, str] | None:
        """Return (code, meaning) without working out the context groups.

        Returns
        -------
        tuple of str or None
            None for an unknown keyword or one whose entry has been looked at or replaced:
            its entry tells then.
        """
        packed = self.packed(keyword)
        if packed is None:
            return None
        code, _, meaning = packed.partition("\t")
        return code, meaning


def _load() -> dict[str, Any]:
    from ._tables.concepts import CONCEPTS

    return CONCEPTS


concepts: LazyDict[str, Any] = LazyDict(_load, SchemeConcepts)
"""``{keyword: {code: (meaning, [cid, …])}}`` by scheme designator."""
