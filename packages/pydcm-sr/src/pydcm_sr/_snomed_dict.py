"""SNOMED-RT style codes and the SNOMED CT concepts that replaced them (PS3.16 annex O)."""

from __future__ import annotations

from typing import Any

from ._lazy import LazyDict

__all__ = ["mapping"]


def _load() -> dict[str, Any]:
    return {"SCT": None, "SRT": None}


def _unpack(scheme: str, _: Any) -> dict[str, str]:
    from ._tables.snomed import CODES

    words = CODES.replace("\n", " ").split(" ")
    srt, sct = words[::2], words[1::2]
    return dict(zip(srt, sct) if scheme == "SRT" else zip(sct, srt))


mapping: LazyDict[str, dict[str, str]] = LazyDict(_load, _unpack)
"""Code in the other of the two schemes by code, by scheme designator (``"SRT"``, ``"SCT"``)."""
