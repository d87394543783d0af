from collections.abc import Iterable

from pydcm._core._changes import ChangeFinder
from pydcm._dictionaries import vr_changes as vr_changes
from pydcm.dataelem import DataElement, RawDataElement
from pydcm.dataset import Dataset

class Serialiser(ChangeFinder):
    def add_dataset(self, ds: Dataset, parent_encoding: str | list[str], keep_all: bool = False) -> None: ...
    def add_element(self, elem: DataElement | RawDataElement, encodings: str | list[str]) -> None: ...
    def add_items(self, items: Iterable[Dataset], encodings: str | list[str]) -> None: ...
