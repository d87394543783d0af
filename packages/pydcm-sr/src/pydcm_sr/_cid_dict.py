"""Context groups (PS3.16 annex B): names and members by context group number."""

from __future__ import annotations

from typing import Any

from ._lazy import LazyDict

__all__ = ["cid_concepts", "name_for_cid"]


def _load_names() -> dict[int, Any]:
    from ._tables.context_groups import NAMES

    return NAMES


def _load_members() -> dict[int, Any]:
    from ._tables.context_groups import MEMBERS

    return MEMBERS


def _unpack_members(cid: int, lines: str) -> dict[str, list[str]]:
    members = {}
    for line in filter(None, lines.split("\n")):
        scheme, *keywords = line.split(" ")
        members[scheme] = keywords
    return members


name_for_cid: LazyDict[int, str] = LazyDict(_load_names, lambda cid, name: str(name))
"""Name by context group number."""

cid_concepts: LazyDict[int, dict[str, list[str]]] = LazyDict(_load_members, _unpack_members)
"""``{scheme: [keyword, …]}`` by context group number."""
