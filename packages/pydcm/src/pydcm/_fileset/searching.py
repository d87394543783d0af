"""Queries to a File-set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm.misc import warn_and_log

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydcm.dataset import Dataset

    from .file_set import FileSet
    from .instance import FileInstance

_ADVICE = "consider using the 'load' parameter to expand the search to the corresponding SOP instances"


def find(fs: FileSet, load: bool, wanted: dict[str, Any]) -> list[FileInstance]:
    """Return the instances of `fs` that have all the `wanted` values."""
    if not wanted:
        return list(fs)
    matches = []
    searchable = False
    for instance in fs:
        ds: Dataset | FileInstance = instance.load() if load else instance
        if not all(keyword in ds for keyword in wanted):
            continue
        searchable = True
        if all(ds[keyword].value == value for keyword, value in wanted.items()):
            matches.append(instance)
    if not load and not searchable:
        warn_and_log(f"None of the records in the DICOMDIR dataset contain all the query elements, {_ADVICE}")
    return matches


def find_values(
    elements: str | int | list[str | int], instances: Iterable[FileInstance], load: bool
) -> list[Any] | dict[str | int, list[Any]]:
    """Return the different values of `elements` among `instances`."""
    wanted = elements if isinstance(elements, list) else [elements]
    found: dict[str | int, _Distinct] = {element: _Distinct() for element in wanted}
    for instance in instances:
        ds: Dataset | FileInstance = instance.load() if load else instance
        for element, distinct in found.items():
            if element in ds:
                distinct.add(ds[element].value)
    missing = [element for element, distinct in found.items() if not distinct.values]
    if missing and not load:
        warn_and_log(f"None of the records in the DICOMDIR dataset contain {missing}, {_ADVICE}")
    results = {element: distinct.values for element, distinct in found.items()}
    return results if isinstance(elements, list) else results[elements]


class _Distinct:
    """Values without repetition, in the order they came."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._seen: set[Any] = set()

    def add(self, value: Any) -> None:
        try:
            known = value in self._seen
            self._seen.add(value)
        except TypeError:  # lists of values have no hash
            known = value in self.values
        if not known:
            self.values.append(value)
