from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydcm.dataset import Dataset

_D = TypeVar("_D", bound=Dataset)

def dataset_from_dict(
    cls: type[_D],
    model: Mapping[str, Any],
    handler: Callable[[str, str, str], Any] | None = None,
    parent: str = "",
) -> _D: ...
