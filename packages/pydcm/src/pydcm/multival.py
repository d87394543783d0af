"""Lists whose items are all of one type: the values of multi-valued elements (PS3.5 §6.4)."""

from __future__ import annotations

from pydcm._core._multival import ListCore, MultiValueCore, set_multivalue_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    _T = TypeVar("_T")
else:
    # Any subscript will do when the bases below are made
    _T = object

__all__ = ["ConstrainedList", "MultiValue"]


class ConstrainedList(ListCore[_T]):
    """A mutable sequence that lets in only what its ``_validate()`` accepts.

    A subclass gives ``_validate(item)``, which returns the item to store or raises :class:`TypeError`.

    Parameters
    ----------
    iterable : iterable, optional
        The first items.
    """


class MultiValue(MultiValueCore[_T], ConstrainedList[_T]):
    """The values of an element that holds several, or any list of items of one type.

    Each item passes through `type_constructor`, at the start and whenever one is put in, so the constructor must accept an
    object that already has its type and should raise :class:`TypeError` for one it cannot convert. A blank ``DS`` or ``IS``
    stays an empty :class:`str`.

    Parameters
    ----------
    type_constructor : callable
        The class of the items, or a function that makes one.
    iterable : iterable
        The first items.
    """


set_multivalue_class(MultiValue)
