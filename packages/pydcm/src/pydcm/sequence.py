"""The value of an element with VR **SQ**: a list of data sets."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any
from weakref import ref

from pydcm.dataset import Dataset
from pydcm.multival import ConstrainedList

if TYPE_CHECKING:
    from collections.abc import Iterable


class Sequence(ConstrainedList[Dataset]):
    """A list that takes nothing but data sets: the items of a sequence (PS3.5 §7.5).

    Parameters
    ----------
    iterable : iterable of Dataset, optional
        The items.

    Attributes
    ----------
    is_undefined_length : bool
        Whether the sequence was read with, or is to be written with, undefined length. Not there unless it was read or set.

    Raises
    ------
    TypeError
        If there is anything but data sets among the items, or `iterable` is itself a data set.
    """

    if TYPE_CHECKING:
        is_undefined_length: bool

    # A weak reference: a data set owns its sequences, and cycles would keep files open until the garbage collector comes.
    _parent: ref[Dataset] | None = None

    def __init__(self, iterable: Iterable[Dataset] | None = None) -> None:
        # A data set is iterable as well, over its elements: say what is wrong and not that elements are no data sets.
        if isinstance(iterable, Dataset):
            raise TypeError("The Sequence constructor requires an iterable")
        super().__init__(iterable)

    def extend(self, val: Iterable[Dataset]) -> None:
        """Add items at the end.

        Parameters
        ----------
        val : iterable of Dataset
            The items.

        Raises
        ------
        TypeError
            If `val` is a data set, or has anything but data sets in it.
        """
        _refuse_dataset(val, "An iterable of 'Dataset' is required")
        super().extend(val)

    def __iadd__(self, other: Iterable[Dataset]) -> Sequence:
        _refuse_dataset(other, "An iterable of 'Dataset' is required")
        return super().__iadd__(other)

    def __setitem__(self, index: Any, val: Any) -> None:
        if isinstance(index, slice):
            _refuse_dataset(val, "Can only assign an iterable of 'Dataset'")
        super().__setitem__(index, val)

    @property
    def parent_dataset(self) -> Dataset | None:
        """The data set that this sequence is in; ``None`` if it is in none, or that data set no longer exists."""
        return None if self._parent is None else self._parent()

    def _adopted_by(self, parent: Dataset) -> None:
        """Note that the sequence was put into `parent`."""
        self._parent = ref(parent)

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        state.pop("_parent", None)
        return state

    def __deepcopy__(self, memo: dict[int, Any]) -> Sequence:
        # The way through __getstate__ takes seven frames per level, and sequences nest.
        twin = type(self).__new__(type(self))
        memo[id(self)] = twin
        twin._list = []
        for item in self._list:
            copied = memo.get(id(item))
            twin._list.append(item.__deepcopy__(memo) if copied is None else copied)
        twin.touched = self.touched
        for name, value in self.__dict__.items():
            if name != "_parent":
                twin.__dict__[name] = deepcopy(value, memo)
        return twin

    def __str__(self) -> str:
        return f"[{''.join(map(str, self))}]"

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, length {len(self)}>"

    @staticmethod
    def _validate(item: Any) -> Dataset:
        if isinstance(item, Dataset):
            return item
        raise TypeError("Sequence contents must be 'Dataset' instances.")


def _refuse_dataset(val: Any, message: str) -> None:
    if isinstance(val, Dataset):
        raise TypeError(message)
