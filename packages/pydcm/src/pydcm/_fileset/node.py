"""The tree of directory records (PS3.3 §F.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, cast

from .file_id import PREFIXES, numbered, path_inside

if TYPE_CHECKING:
    from pathlib import Path

    from pydcm.dataset import Dataset

    from .file_set import FileSet
    from .instance import FileInstance

FIRST_OFFSET = "OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity"
LAST_OFFSET = "OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity"
NEXT_OFFSET = "OffsetOfTheNextDirectoryRecord"
LOWER_OFFSET = "OffsetOfReferencedLowerLevelDirectoryEntity"

# The element that identifies a record among its siblings, PS3.3 §F.5.1-F.5.3
_KEYS = {"PATIENT": "PatientID", "SERIES": "SeriesInstanceUID", "PRIVATE": "PrivateRecordUID"}
# Up to this many children a missing key is looked for in the records themselves, which may have been edited
_SCAN_LIMIT = 1000


class RecordNode(Iterable["RecordNode"]):
    """One directory record and its place in the tree.

    Parameters
    ----------
    record : pydcm.dataset.Dataset, optional
        An item of the *Directory Record Sequence*.

    Attributes
    ----------
    children : list of RecordNode
        The records of the next lower level.
    instance : FileInstance or None
        The file that the record refers to.
    """

    _record: Dataset

    def __init__(self, record: Dataset | None = None) -> None:
        self.children: list[RecordNode] = []
        self.instance: FileInstance | None = None
        self._parent: RecordNode | None = None
        self._by_key: dict[str, RecordNode] = {}
        # Where the record's item starts in the DICOMDIR it was read from or last written to
        self._offset = 0
        if record is not None and len(record):
            self._set_record(record)

    # ---- the record

    def _set_record(self, record: Dataset) -> None:
        """Take `record` as the node's directory record and complete it.

        Raises
        ------
        ValueError
            If an element is missing that the tree cannot do without.
        """
        record_type = record.get("DirectoryRecordType", None)
        offset = getattr(record, "seq_item_tell", None)
        subject = f"The {record_type} directory record" if record_type else "The directory record"
        if offset:
            subject = f"{subject} at offset {offset}"
        if "DirectoryRecordType" not in record:
            raise ValueError(f"{subject} is missing one or more required elements: DirectoryRecordType")

        for keyword in (NEXT_OFFSET, LOWER_OFFSET):
            if keyword not in record:
                setattr(record, keyword, 0)
        record.RecordInUseFlag = 0xFFFF
        self._record = record
        try:
            self.key  # noqa: B018 - computing it is the check
        except (AttributeError, ValueError) as exc:
            raise ValueError(f"{subject} is missing a required element") from exc

    @property
    def record_type(self) -> str:
        """The record's *Directory Record Type*."""
        return self._record.DirectoryRecordType

    @property
    def key(self) -> str:
        """What identifies the record among its siblings: a Patient ID or a UID."""
        record_type = self.record_type
        keyword = _KEYS.get(record_type)
        if record_type == "STUDY" and "StudyInstanceUID" in self._record:
            keyword = "StudyInstanceUID"
        try:
            value = getattr(self._record, keyword or "ReferencedSOPInstanceUIDInFile")
        except AttributeError as exc:
            if keyword:
                raise
            raise AttributeError(
                f"Invalid '{record_type}' record - missing required element 'Referenced SOP Instance UID in File'"
            ) from exc
        # A damaged record may hold several values, or none
        return value if isinstance(value, str) else str(value or "")

    def file_id_path(self, root_path: Path) -> Path | None:
        """Return the *Referenced File ID* as a path relative to the File-set's root.

        Parameters
        ----------
        root_path : pathlib.Path
            The root directory.

        Returns
        -------
        pathlib.Path or None
            ``None`` if the element is empty.

        Raises
        ------
        PermissionError
            If it leads out of the root.
        AttributeError
            If the record has no such element.
        """
        if "ReferencedFileID" not in self._record:
            raise AttributeError("No 'Referenced File ID' in the directory record")
        element = self._record["ReferencedFileID"]
        if element.VM == 0:
            return None
        return path_inside(root_path, element.value)

    # ---- the place in the tree

    @property
    def parent(self) -> RecordNode:
        """The record one level up; setting it also makes this node the last of its children."""
        return cast("RecordNode", self._parent)

    @parent.setter
    def parent(self, node: RecordNode | None) -> None:
        if node is not None and not (self._parent is node and self in node.children):
            node.children.append(self)
            if hasattr(self, "_record"):
                node._by_key[self.key] = self
        self._parent = node

    @property
    def root(self) -> RecordNode:
        """The topmost node."""
        node = self
        while node._parent is not None:
            node = node._parent
        return node

    @property
    def is_root(self) -> bool:
        """Whether this is a File-set's root node, which stands for no record."""
        return False

    @property
    def file_set(self) -> FileSet:
        """The File-set that the tree belongs to."""
        return self.root.file_set

    def reverse(self) -> Iterator[RecordNode]:
        """Yield this node and those above it, without the root of a File-set."""
        node: RecordNode | None = self
        while node is not None and not node.is_root:
            yield node
            node = node._parent

    @property
    def ancestors(self) -> list[RecordNode]:
        """The nodes above this one, from the nearest to the furthest, without the root of a File-set."""
        return [node for node in self.reverse() if node is not self]

    @property
    def depth(self) -> int:
        """How many records are above this one; -1 for the root."""
        return sum(1 for _ in self.reverse()) - 1

    @property
    def index(self) -> int:
        """The node's position among its siblings."""
        return self._parent.children.index(self) if self._parent is not None else 0

    @property
    def next(self) -> RecordNode | None:
        """The sibling after this node."""
        return self._sibling(1)

    @property
    def previous(self) -> RecordNode | None:
        """The sibling before this node."""
        return self._sibling(-1)

    def _sibling(self, step: int) -> RecordNode | None:
        if self._parent is None:
            return None
        siblings = self._parent.children
        position = self.index + step
        return siblings[position] if 0 <= position < len(siblings) else None

    @property
    def has_instance(self) -> bool:
        """Whether the record refers to a file."""
        return self.instance is not None

    @property
    def component(self) -> str:
        """What the node contributes to the File IDs of the instances below it."""
        return self._component(self.index, self.depth)

    def _component(self, index: int, depth: int) -> str:
        if self.is_root:
            raise ValueError("The root node doesn't contribute a File ID component")
        prefix = PREFIXES.get(self.record_type)
        if prefix is None:
            raise ValueError(f"Unknown Directory Record Type '{self.record_type}' (PS3.3 §F.3.2.2.1)")
        if self.record_type == "PRIVATE":
            prefix = f"{prefix}{depth}"
        return numbered(prefix, index, self.file_set._use_alphanumeric)

    # ---- children

    def _find(self, key: str) -> RecordNode | None:
        child = self._by_key.get(key)
        if child is not None and child._parent is self and child.key == key:
            return child
        if len(self.children) <= _SCAN_LIMIT or len(self._by_key) != len(self.children):
            self._by_key = {child.key: child for child in reversed(self.children)}
            return self._by_key.get(key)
        return None

    def __contains__(self, key: str | RecordNode) -> bool:
        """Return whether a child has this key, or the key of this node."""
        return self._find(key.key if isinstance(key, RecordNode) else key) is not None

    def __getitem__(self, key: str | RecordNode) -> RecordNode:
        """Return the child with this key, or with the key of this node."""
        if isinstance(key, RecordNode):
            key = key.key
        child = self._find(key)
        if child is None:
            raise KeyError(key)
        return child

    def __delitem__(self, key: str | RecordNode) -> None:
        """Remove a child, and this node with it when it was the last one."""
        child = self[key]
        node = self
        while True:
            node.children = [other for other in node.children if other is not child]
            node._by_key = {}
            if node.children or node._parent is None or node.is_root:
                return
            node, child = node._parent, node

    def __iter__(self) -> Iterator[RecordNode]:
        """Yield this node, unless it is the root, and all below it, each before its children."""
        stack: list[RecordNode] = [self]
        while stack:
            node = stack.pop()
            if not node.is_root:
                yield node
            stack.extend(reversed(node.children))

    def add(self, leaf: RecordNode) -> None:
        """Add a branch to the tree.

        Parameters
        ----------
        leaf : RecordNode
            The lowest node of the branch. Where the tree has a record of the branch already, the rest of the branch is
            put below that one.
        """
        branch = list(leaf.reverse())[::-1]
        current = self.root
        while len(branch) > 1 and branch[0] in current:
            current = current[branch.pop(0)]
        if branch[0]._parent is not current or branch[0] not in current.children:
            branch[0]._parent = None
            branch[0].parent = current

    def remove(self, node: RecordNode) -> None:
        """Remove a leaf from the tree, and the nodes above it that have no children left.

        Raises
        ------
        ValueError
            If `node` refers to no file.
        """
        if not node.has_instance:
            raise ValueError("Only leaf nodes can be removed")
        del node.parent[node]

    # ---- text

    def __str__(self) -> str:
        if self.is_root:
            return "ROOT"
        record = self._record
        shown: list[str] = []
        if self.record_type == "PATIENT":
            shown = [
                f"PatientID='{record.get('PatientID', '')}'",
                f"PatientName='{record.get('PatientName', '')}'",
            ]
        elif self.record_type == "STUDY":
            shown = [f"StudyDate={record.get('StudyDate', '')}", f"StudyTime={record.get('StudyTime', '')}"]
            if record.get("StudyDescription"):
                shown.append(f"StudyDescription='{record.StudyDescription}'")
        elif self.record_type == "SERIES":
            shown = [
                f"Modality={record.get('Modality', '')}",
                f"SeriesNumber={record.get('SeriesNumber', '')}",
            ]
            if record.get("SeriesDescription"):
                shown.append(f"SeriesDescription='{record.SeriesDescription}'")
        elif self.record_type == "IMAGE":
            shown = [f"InstanceNumber={record.get('InstanceNumber', '')}"]
        else:
            shown = [str(self.key)]
        return f"{self.record_type}: {', '.join(shown)}"

    def prettify(self, indent_char: str = "  ") -> list[str]:
        """Return the tree from this node on as lines of text, with the instances of a level counted.

        Parameters
        ----------
        indent_char : str, optional
            What each level is indented with.
        """
        lines = []
        stack: list[tuple[RecordNode, int]] = [(self, self.depth)]
        while stack:
            node, depth = stack.pop()
            stack.extend((child, depth + 1) for child in reversed(node.children))
            if node.is_root:
                continue
            if node.children:
                lines.append(f"{indent_char * depth}{node}")
                lines += [f"{indent_char * (depth + 1)}{text}" for text in _count_instances(node.children)]
            elif depth == 0 and node.instance is not None:
                staged = {"+": " (to be added)", "-": " (to be removed)"}.get(node.instance.staging, "")
                lines.append(f"{node.record_type}: 1 SOP Instance{staged}")
        return lines


def _count_instances(nodes: list[RecordNode]) -> list[str]:
    """Return a line for each type of record among `nodes` that refers to files."""
    stagings: dict[str, list[str]] = {}
    for node in nodes:
        if node.instance is not None:
            stagings.setdefault(node.record_type, []).append(node.instance.staging)

    def plural(count: int, noun: str) -> str:
        return f"{count} {noun}{'' if count == 1 else 's'}"

    lines = []
    for record_type, marks in sorted(stagings.items()):
        added, removed = marks.count("+"), marks.count("-")
        initial = len(marks) - added
        changes = [f"{initial} initial"] if initial and (added or removed) else []
        changes += [plural(added, "addition")] if added else []
        changes += [plural(removed, "removal")] if removed else []
        remark = f" ({', '.join(changes)})" if changes else ""
        lines.append(f"{record_type}: {plural(len(marks) - removed, 'SOP Instance')}{remark}")
    return lines


class RootNode(RecordNode):
    """The root of a File-set's tree, which stands for no record.

    Parameters
    ----------
    fs : FileSet
        The File-set.
    """

    def __init__(self, fs: FileSet) -> None:
        super().__init__()
        self._fs = fs

    @property
    def file_set(self) -> FileSet:
        """The File-set that the tree belongs to."""
        return self._fs

    @property
    def is_root(self) -> bool:
        """Whether this is a File-set's root node."""
        return True
