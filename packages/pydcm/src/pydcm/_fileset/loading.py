"""From a DICOMDIR to the tree of its directory records (PS3.3 §F.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.errors import DicomLimitError, InvalidDicomError
from pydcm.misc import warn_and_log

from .node import FIRST_OFFSET, LOWER_OFFSET, NEXT_OFFSET, RecordNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydcm.dataset import Dataset

#: How deep directory records may be nested. The standard's own hierarchies have four levels, a File ID eight.
MAX_LEVELS = 64


class RecordTable:
    """The directory records of a DICOMDIR by their offset in the file.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        The DICOMDIR.
    """

    def __init__(self, ds: Dataset) -> None:
        self.nodes: dict[int, RecordNode] = {}
        for record in ds.get("DirectoryRecordSequence") or ():
            node = RecordNode(record)
            node._offset = record.seq_item_tell
            self.nodes[node._offset] = node
        self._first = ds.get(FIRST_OFFSET)
        self._placed: set[int] = set()

    def __len__(self) -> int:
        return len(self.nodes)

    def build(self, root: RecordNode) -> None:
        """Put the records below `root` as their offsets say.

        Raises
        ------
        InvalidDicomError
            If the offsets lead to one record twice.
        DicomLimitError
            If the records are nested too deeply.
        """
        todo = [(root, self._first)] if self.nodes else []
        level = 0
        while todo:
            level += 1
            if level > MAX_LEVELS:
                raise DicomLimitError(f"The directory records are nested more than {MAX_LEVELS} levels deep")
            below = []
            for parent, offset in todo:
                for node in self._chain(offset):
                    node.parent = parent
                    below.append((node, node._record.get(LOWER_OFFSET)))
            todo = below

    def _chain(self, offset: int | None) -> Iterator[RecordNode]:
        """Yield the record at `offset` and those that follow it on the same level."""
        while offset:
            node = self.nodes.get(offset)
            if node is None:
                warn_and_log(
                    f"The DICOMDIR refers to a directory record at offset {offset}, where there is none"
                )
                return
            if offset in self._placed:
                raise InvalidDicomError(
                    f"The DICOMDIR refers to the directory record at offset {offset} twice"
                )
            self._placed.add(offset)
            yield node
            offset = node._record.get(NEXT_OFFSET)

    @property
    def orphans(self) -> list[RecordNode]:
        """The records outside of the tree, in the order of the file."""
        return [node for offset, node in self.nodes.items() if offset not in self._placed]


def prune(root: RecordNode) -> None:
    """Take the records out of the tree that neither refer to a file nor have any below them that do."""
    for node in [*reversed(list(root)), root]:
        node.children = [
            child for child in node.children if child.children or "ReferencedFileID" in child._record
        ]
        node._by_key.clear()
