from typing import TypeVar

from pydcm._core._multival import ListCore, MultiValueCore

_T = TypeVar("_T")

__all__ = ["ConstrainedList", "MultiValue"]

class ConstrainedList(ListCore[_T]): ...
class MultiValue(MultiValueCore[_T], ConstrainedList[_T]): ...
