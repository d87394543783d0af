"""Dictionaries built, when first asked for, from the packed tables of :mod:`pydcm._tables`.

The tables hold columns of text, which load in no time; making 5000 tuples of them takes a
millisecond or two, so each dictionary is made once and only when something needs it.

The compiled reader looks VRs up in a C table. What is added, replaced or removed at run time
it finds in :data:`vr_changes`, which is empty otherwise.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any, TypeAlias

Entry: TypeAlias = "tuple[str, str, str, str, str]"
PrivateEntry: TypeAlias = "tuple[str, str, str, str]"

vr_changes: dict[int, str | None] = {}
"""VR by tag of entries changed at run time; None for an entry that was taken out."""

_elements: dict[int, Entry] | None = None
_keywords: dict[str, int] | None = None
_repeaters: dict[str, Entry] | None = None
_mask_classes: list[tuple[int, dict[int, str]]] | None = None
_private: dict[str, dict[str, PrivateEntry]] | None = None
_creators: dict[str, dict[str, PrivateEntry]] = {}
_uids: dict[str, Entry] | None = None


class ElementDict(dict):  # type: ignore[type-arg]
    """The data dictionary by tag, which notes every change; reading it costs what reading a dict costs."""

    def _changed(self, tag: Any, entry: Any) -> None:
        vr_changes[int(tag)] = None if entry is None else str(entry[0])

    def __setitem__(self, tag: Any, entry: Any) -> None:
        super().__setitem__(tag, entry)
        self._changed(tag, entry)

    def __delitem__(self, tag: Any) -> None:
        super().__delitem__(tag)
        self._changed(tag, None)

    def __ior__(self, other: Any) -> Any:  # type: ignore[misc]
        self.update(other)
        return self

    def update(self, *args: Any, **kwargs: Any) -> None:
        for tag, entry in dict(*args, **kwargs).items():
            self[tag] = entry

    def setdefault(self, tag: Any, default: Any = None) -> Any:
        if tag not in self:
            self[tag] = default
        return self[tag]

    def pop(self, tag: Any, *default: Any) -> Any:
        if tag in self:
            self._changed(tag, None)
        return super().pop(tag, *default)

    def popitem(self) -> tuple[Any, Any]:
        tag, entry = super().popitem()
        self._changed(tag, None)
        return tag, entry

    def clear(self) -> None:
        for tag in self:
            self._changed(tag, None)
        super().clear()

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy or a pickle is an ordinary dictionary: changing it changes no look-up.
        return dict, (dict(self),)


def elements() -> dict[int, Entry]:
    """Return (VR, VM, name, retired, keyword) by tag."""
    global _elements
    if _elements is None:
        from ._tables import elements as table

        kinds = [table.VM_KINDS[kind] for kind in table.VM_OF_ELEMENT]
        _elements = ElementDict(
            zip(
                table.TAGS,
                zip(
                    map(table.VR_KINDS.__getitem__, table.VR_OF_ELEMENT),
                    [vm for vm, _ in kinds],
                    table.NAMES.split("\n"),
                    [retired for _, retired in kinds],
                    table.KEYWORDS.split("\n"),
                ),
            )
        )
    return _elements


def keywords() -> dict[str, int]:
    """Return the tag of every element by keyword."""
    global _keywords
    if _keywords is None:
        if _elements is not None:
            _keywords = {entry[4]: tag for tag, entry in _elements.items()}
        else:
            from ._tables import elements as table

            _keywords = dict(zip(table.KEYWORDS.split("\n"), table.TAGS))
    return _keywords


def repeaters() -> dict[str, Entry]:
    """Return the entries of the repeating groups by masked tag, such as ``60xx3000``."""
    global _repeaters
    if _repeaters is None:
        from ._tables.repeaters import REPEATERS

        _repeaters = REPEATERS
    return _repeaters


def masks() -> dict[str, tuple[int, int]]:
    """Return (fixed digits, mask of the fixed digits) of every masked tag."""
    return {
        masked: (
            int(masked.replace("x", "0"), 16),
            int("".join("0" if digit == "x" else "F" for digit in masked), 16),
        )
        for masked in repeaters()
    }


def match_repeater(tag: int) -> str | None:
    """Return the masked tag that `tag` belongs to, or None."""
    global _mask_classes
    if _mask_classes is None:
        # The 88 masks have five shapes: five look-ups instead of 88 comparisons.
        shapes: dict[int, dict[int, str]] = {}
        for masked, (value, mask) in masks().items():
            shapes.setdefault(mask, {})[value] = masked
        _mask_classes = list(shapes.items())
    for mask, by_value in _mask_classes:
        masked_tag = by_value.get(tag & mask)
        if masked_tag is not None:
            return masked_tag
    return None


def _parse_block(block: str) -> dict[str, PrivateEntry]:
    entries = {}
    for line in block.split("\n"):
        key, vr, vm, name, retired = line.split("\t")
        entries[key] = (vr, vm, name, retired)
    return entries


def private_creator(creator: str) -> dict[str, PrivateEntry]:
    """Return the entries of one private creator, without unpacking those of the others.

    Raises
    ------
    KeyError
        If the creator is unknown.
    TypeError
        If `creator` cannot be a key of a dictionary.
    """
    if _private is not None:
        return _private[creator]
    entries = _creators.get(creator)
    if entries is None:
        from ._tables.private import PRIVATE

        entries = _creators[creator] = _parse_block(PRIVATE[creator])
    return entries


def private() -> dict[str, dict[str, PrivateEntry]]:
    """Return the whole private dictionary: entries by masked tag by private creator."""
    global _private
    if _private is None:
        from ._tables.private import PRIVATE

        _private = {
            creator: _creators.get(creator) or _parse_block(block) for creator, block in PRIVATE.items()
        }
        for creator, entries in _creators.items():
            _private.setdefault(creator, entries)
    return _private


def add_private(creator: str, new: dict[str, Any]) -> None:
    """Add entries to those of `creator`."""
    try:
        entries = private_creator(creator)
    except KeyError:
        entries = {}
        (_creators if _private is None else _private)[creator] = entries
    entries.update(new)


def uids() -> dict[str, Entry]:
    """Return (name, type, information, retired, keyword) by UID."""
    global _uids
    if _uids is None:
        from ._tables.uids import UIDS

        _uids = UIDS
    return _uids
