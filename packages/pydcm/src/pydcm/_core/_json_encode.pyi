from collections.abc import Callable
from typing import Any

from pydcm.dataelem import DataElement

from ._dataset import DatasetCore

class Encoder:
    """Writes data sets with one choice of options."""

def same(model: Any) -> Any: ...
def dataset_to_text(ds: DatasetCore, threshold: int, handler: Callable[[DataElement], str] | None) -> str: ...
def dataset_to_dict(
    ds: DatasetCore, threshold: int, handler: Callable[[DataElement], str] | None
) -> dict[str, Any]: ...
