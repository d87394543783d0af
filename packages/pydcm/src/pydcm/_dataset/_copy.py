"""Copies and pickles of data sets."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

    from pydcm._core._dataset import DatasetCore as _Base
    from pydcm.dataelem import DataElement, RawDataElement
    from pydcm.dataset import Dataset
else:
    _Base = object

# What a data set knows beside its elements and its attributes in Python, for pickling.
_FIELDS = (
    "_parent_encoding",
    "_read_charset",
    "_read_implicit",
    "_read_little",
    "_pixel_rep",
    "seq_item_tell",
    "is_undefined_length_sequence_item",
)

# Copying and pickling take up to eight frames of the interpreter's stack per level, and files may be nested deeper than it
# allows: data sets that many levels below are done beforehand, the deepest first.
_LEVELS = 16


class Copying(_Base):
    """``copy()``, ``copy.copy()``, ``copy.deepcopy()`` and ``pickle``.

    A copy has its own mapping of tags, so that adding and deleting elements does not show in the other one; a shallow copy shares the
    elements with the original. What was read and never looked at is not converted for a copy: both go on pointing to the same bytes,
    which nobody can change. Decoded pixels and private blocks are caches and are not copied.
    """

    def copy(self) -> Self:
        """Return a shallow copy: a data set of its own that holds the same elements."""
        return copy.copy(self)

    def __copy__(self) -> Self:
        # Sequences are shared like all elements, so there must be one to share.
        for tag in self.keys():
            row = self._row_location(tag)
            vr = self.get_item(tag, keep_deferred=True).VR if row is None else row[1]
            if (vr or _implied_vr(tag)) == "SQ":
                self[tag]
        twin = type(self).__new__(type(self))
        twin._copy_rows(self, None)
        twin.__dict__.update(self.__dict__)
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if not memo.get(_LEVELS):
            memo[_LEVELS] = True
            for item in _far_below(self):
                if id(item) not in memo:
                    memo[id(item)] = item.__deepcopy__(memo)
        twin = type(self).__new__(type(self))
        memo[id(self)] = twin

        def copy_element(elem: DataElement | RawDataElement) -> DataElement | RawDataElement:
            if elem.is_raw:
                return elem  # a tuple of what cannot be changed
            copied = memo.get(id(elem))
            if copied is None:
                copied = elem.__deepcopy__(memo)  # type: ignore[union-attr]
            _adopt(copied, twin)
            return copied

        twin._copy_rows(self, copy_element)
        for name, value in self.__dict__.items():
            twin.__dict__[name] = self._deepcopy_attribute(name, value, memo)
        return twin

    def _deepcopy_attribute(self, name: str, value: Any, memo: dict[int, Any]) -> Any:
        return copy.deepcopy(value, memo)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        fields = {name: getattr(self, name) for name in _FIELDS if hasattr(self, name)}
        return (
            _blank,
            (type(self),),
            # A pickler that has seen an item refers to it: "first" is there for that alone
            {
                "first": _far_below(self),
                "elements": dict(self.items()),
                "fields": fields,
                "attributes": self.__dict__,
            },
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._take_elements(state["elements"])
        for name, value in state["fields"].items():
            setattr(self, name, value)
        self.__dict__.update(state["attributes"])
        for elem in state["elements"].values():
            _adopt(elem, self)


def _far_below(top: Copying) -> list[Copying]:
    """Return the items at every :data:`_LEVELS`th level below `top`, the deepest first."""
    found: list[Copying] = []
    seen = {id(top)}
    level, depth = [top], 0
    while level:
        below = {id(item): item for one in level for item in one._made_items()}
        level = [item for key, item in below.items() if key not in seen]
        seen |= below.keys()
        depth += 1
        if depth % _LEVELS == 0:
            found += level
    return found[::-1]


def _implied_vr(tag: int) -> str | None:
    """Return the VR that the dictionary gives an element with implicit VR."""
    from pydcm.datadict import dictionary_VR

    try:
        return dictionary_VR(tag)
    except KeyError:
        return None


def _adopt(elem: DataElement | RawDataElement, parent: Copying) -> None:
    """Tell the sequence in `elem`, if it is one, which data set it is in."""
    value: Any = elem.value
    if elem.VR == "SQ" and not elem.is_raw and hasattr(value, "_adopted_by"):
        value._adopted_by(parent)


def _blank(cls: type[Dataset]) -> Dataset:
    """Return an empty `cls` without running its constructor, for unpickling."""
    return cls.__new__(cls)
