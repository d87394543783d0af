"""The standard's coded concepts by keyword: ``codes.SCT.Breast``, ``codes.CID6129.Mean``.

Nothing is unpacked before it is asked for: the tables hold 19 000 concepts and 1 400 context groups.
"""

from __future__ import annotations

from collections.abc import Iterable, KeysView, MutableMapping
from itertools import chain
from typing import Any

from ._cid_dict import cid_concepts as CID_CONCEPTS
from ._cid_dict import name_for_cid
from ._concepts_dict import SchemeConcepts
from ._concepts_dict import concepts as CONCEPTS
from ._lazy import LazyDict
from .coding import Code

__all__ = ["CID_CONCEPTS", "CONCEPTS", "Collection", "Concepts", "cid_for_name", "codes", "name_for_cid"]

cid_for_name: LazyDict[str, int] = LazyDict(
    lambda: {name: cid for cid, name in name_for_cid.items()}, lambda name, cid: int(cid)
)
"""Context group number by the group's name."""


def _filtered(source: Iterable[str], filters: Iterable[str]) -> list[str]:
    """Return the words of `source` that contain any of `filters`, whatever the case, sorted."""
    wanted = [word.lower() for word in filters]
    return sorted({word for word in source if not wanted or any(part in word.lower() for part in wanted)})


class Collection:
    """The concepts of one coding scheme or of one context group, as attributes.

    Parameters
    ----------
    name : str
        A scheme designator, such as ``"SCT"``, or ``"CID"`` and a context group number.

    Raises
    ------
    KeyError
        If there is no such scheme or context group.
    """

    repr_format = "{} = {}"

    def __init__(self, name: str) -> None:
        if name.upper().startswith("CID"):
            self._name = f"CID{name[3:]}"
            known = int(name[3:]) in CID_CONCEPTS
        else:
            self._name = name
            known = name in CONCEPTS
        if not known:
            raise KeyError(name)
        self._concepts: dict[str, Code] = {}

    @property
    def _cid_data(self) -> dict[str, list[str]]:
        return CID_CONCEPTS[int(self._name[3:])]

    @property
    def _scheme_data(self) -> MutableMapping[str, dict[str, tuple[str, list[int]]]]:
        data: MutableMapping[str, dict[str, tuple[str, list[int]]]] = CONCEPTS[self._name]
        return data

    @property
    def name(self) -> str:
        """The scheme designator, or ``CID`` and the number."""
        return self._name

    @property
    def scheme_designator(self) -> str:
        """The same as :attr:`name`."""
        return self._name

    @property
    def is_cid(self) -> bool:
        """Whether this is a context group rather than a scheme."""
        return self._name.startswith("CID")

    @property
    def concepts(self) -> dict[str, Code]:
        """Every code of the collection by keyword."""
        if not self._concepts:
            self._concepts = {keyword: getattr(self, keyword) for keyword in self.dir()}
        return self._concepts

    def __contains__(self, item: str | Code) -> bool:
        """Return whether the collection has a code, or a keyword."""
        if isinstance(item, str):
            return item in self._keywords()
        return item in self.concepts.values()

    def _keywords(self) -> Iterable[str]:
        return chain.from_iterable(self._cid_data.values()) if self.is_cid else self._scheme_data

    def dir(self, *filters: str) -> list[str]:
        """Return the collection's keywords, sorted.

        Parameters
        ----------
        *filters : str
            Only keywords that contain any of these, in whatever case.
        """
        return _filtered(self._keywords(), filters)

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *self.dir()})

    def trait_names(self) -> list[str]:
        """Return what IPython is to offer for completion."""
        return dir(self)

    def __getattr__(self, name: str) -> Code:
        """Return the code with the keyword `name`.

        Raises
        ------
        AttributeError
            If the collection has no such keyword.
        RuntimeError
            If the keyword stands for more than one code.
        """
        if name.startswith("__") or name in ("_name", "_concepts"):
            # Asked for by copy and pickle before __init__ has run
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self._member(name) if self.is_cid else self._in_scheme(name)

    def _in_scheme(self, keyword: str) -> Code:
        data = self._scheme_data
        found = data.find_code(keyword) if isinstance(data, SchemeConcepts) else None
        if found is None:
            if keyword not in data:
                raise AttributeError(f"No matching code for keyword '{keyword}' in scheme '{self._name}'")
            found = _only_code(data[keyword], keyword, f"scheme '{self._name}'")
        return Code(value=found[0], meaning=found[1], scheme_designator=self._name)

    def _member(self, keyword: str) -> Code:
        schemes = [scheme for scheme, keywords in self._cid_data.items() if keyword in keywords]
        if not schemes:
            raise AttributeError(f"No matching code for keyword '{keyword}' in {self._name}")
        if len(schemes) > 1:
            raise RuntimeError(
                f"Multiple schemes found to contain the keyword '{keyword}' in {self._name}: "
                f"{', '.join(schemes)}"
            )
        (scheme,) = schemes
        data = CONCEPTS[scheme]
        found = data.find_code(keyword) if isinstance(data, SchemeConcepts) else None
        if found is None:
            entry = data[keyword]
            if len(entry) > 1:
                cid = int(self._name[3:])
                entry = {code: value for code, value in entry.items() if cid in value[1]}
            found = _only_code(entry, keyword, self._name)
        return Code(value=found[0], meaning=found[1], scheme_designator=scheme)

    def __repr__(self) -> str:
        lines = [self.repr_format.format(keyword, code) for keyword, code in self.concepts.items()]
        return f"{self._name}\n" + "\n".join(lines)

    def __str__(self) -> str:
        """Return a table of the collection's concepts."""
        rows: list[tuple[str, ...]]
        header: tuple[str, ...]
        if self.is_cid:
            title, header = self._name, ("Attribute", "Code", "Scheme", "Meaning")
            rows = [(keyword, code[0], code[1], code[2]) for keyword, code in self.concepts.items()]
        else:
            title, header = f"Scheme: {self._name}", ("Attribute", "Code", "Meaning")
            rows = [(keyword, code[0], code[2]) for keyword, code in self.concepts.items()]
        rules = tuple("-" * len(word) for word in header)
        widths = [max(len(cell) for cell in column) + 2 for column in zip(header, *rows)][:-1]
        lines = [
            " ".join([*(f"{cell:{width}}" for cell, width in zip(row, widths)), row[-1]])
            for row in (header, rules, *rows)
        ]
        return "\n".join([title, *lines])


def _only_code(entry: dict[str, tuple[str, list[int]]], keyword: str, where: str) -> tuple[str, str]:
    """Return (code, meaning) of an entry that must have one code."""
    if len(entry) != 1:
        raise RuntimeError(f"Multiple codes found for keyword '{keyword}' in {where}: {', '.join(entry)}")
    ((code, (meaning, _)),) = entry.items()
    return code, meaning


class Concepts:
    """A set of collections, as attributes.

    Parameters
    ----------
    collections : list of Collection
        The collections to offer.
    """

    def __init__(self, collections: Iterable[Collection]) -> None:
        self._collections: MutableMapping[str, Collection] = {item.name: item for item in collections}

    @property
    def collections(self) -> KeysView[str]:
        """The names of the collections."""
        return self._collections.keys()

    def __getattr__(self, name: str) -> Any:
        """Return the collection called `name`; ``CID`` may be written in any case."""
        if name != "_collections":
            key = f"CID{name[3:]}" if name.upper().startswith("CID") else name
            if key in self._collections:
                return self._collections[key]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *self._collections})

    def schemes(self) -> list[str]:
        """Return the designators of the schemes."""
        return [name for name in self._collections if not name.startswith("CID")]

    def CIDs(self) -> list[str]:
        """Return the names of the context groups, such as ``"CID6129"``."""
        return [name for name in self._collections if name.startswith("CID")]


def _standard_concepts() -> Concepts:
    every = Concepts([])
    every._collections = LazyDict(
        lambda: dict.fromkeys([*CONCEPTS, *(f"CID{cid}" for cid in name_for_cid)]),
        lambda name, _: Collection(name),
    )
    return every


codes = _standard_concepts()
"""Every scheme and context group of the standard."""
