"""What the standard's dictionaries say about a keyword, a tag or a UID: ``pydcm help TOPIC``."""

from __future__ import annotations

import difflib
import re

__all__ = ["explain"]

_TAG = re.compile(r"\(?([\da-fA-F]{4}),? ?([\da-fA-F]{4})\)?$|0x([\da-fA-F]{1,8})$")


def explain(topic: str) -> str | None:
    """Return some lines about `topic`, or ``None`` if the dictionaries do not know it."""
    if match := _TAG.match(topic):
        return _element(int(match[3] or match[1] + match[2], 16))
    if re.fullmatch(r"[\d.]+", topic):
        return _uid(topic)
    return _keyword(topic)


def _element(number: int) -> str | None:
    from ..datadict import get_entry
    from ..tag import Tag

    tag = Tag(number)
    try:
        vr, vm, name, retired, keyword = get_entry(tag)
    except KeyError:
        return f"{tag} is private: its meaning depends on its private creator" if tag.is_private else None
    lines = [
        f"{name}  {tag}",
        f"  keyword  {keyword}",
        f"  VR       {vr}  {_vr_name(vr)}",
        f"  VM       {vm}",
    ]
    if retired:
        lines.append("  retired from the standard")
    return "\n".join(lines)


def _keyword(text: str) -> str | None:
    from ..datadict import tag_for_keyword
    from ..uid import UID_dictionary

    tag = tag_for_keyword(text)
    if tag is not None:
        return _element(int(tag))
    for uid, entry in UID_dictionary.items():
        if text == entry[4]:
            return _uid(uid)
    similar = _similar(text)
    return f"There is no keyword {text!r}. Similar: {', '.join(similar)}" if similar else None


def _similar(text: str) -> list[str]:
    from ..datadict import DicomDictionary

    by_lower = {entry[4].lower(): entry[4] for entry in DicomDictionary.values() if entry[4]}
    close = difflib.get_close_matches(text.lower(), by_lower, n=5, cutoff=0.8)
    return [by_lower[keyword] for keyword in close]


def _uid(text: str) -> str | None:
    from ..uid import UID_dictionary

    entry = UID_dictionary.get(text)
    if entry is None:
        return None
    name, kind, info, retired, keyword = entry
    lines = [f"{name}{f' ({info})' if info else ''}", f"  UID      {text}", f"  type     {kind}"]
    if keyword:
        lines.append(f"  keyword  {keyword}")
    if retired:
        lines.append("  retired from the standard")
    return "\n".join(lines)


# PS3.5 §6.2, table 6.2-1
_VR_NAMES = {
    "AE": "application entity", "AS": "age", "AT": "attribute tag", "CS": "code string", "DA": "date",
    "DS": "decimal string", "DT": "date and time", "FL": "float, 4 bytes", "FD": "float, 8 bytes",
    "IS": "integer string", "LO": "text up to 64 characters", "LT": "text up to 10240 characters", "OB": "bytes",
    "OD": "floats, 8 bytes each", "OF": "floats, 4 bytes each", "OL": "words, 4 bytes each",
    "OV": "words, 8 bytes each", "OW": "words, 2 bytes each", "PN": "person's name", "SH": "text up to 16 characters",
    "SL": "signed integer, 4 bytes", "SQ": "sequence of items", "SS": "signed integer, 2 bytes",
    "ST": "text up to 1024 characters", "SV": "signed integer, 8 bytes", "TM": "time", "UC": "text of any length",
    "UI": "unique identifier", "UL": "unsigned integer, 4 bytes", "UN": "unknown", "UR": "URI or URL",
    "US": "unsigned integer, 2 bytes", "UT": "text of any length", "UV": "unsigned integer, 8 bytes",
}  # fmt: skip


def _vr_name(vr: str) -> str:
    return " or ".join(_VR_NAMES[each] for each in vr.split(" or ") if each in _VR_NAMES)
