"""One file of a File-set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydcm.datadict import tag_for_keyword
from pydcm.tag import BaseTag, Tag

if TYPE_CHECKING:
    from pydcm.dataelem import DataElement
    from pydcm.dataset import Dataset
    from pydcm.uid import UID

    from .file_set import FileSet
    from .node import RecordNode

# Elements of the instance that its directory record has under another tag (PS3.3 Table F.3-3)
_RECORD_TAGS = {0x00080016: 0x00041510, 0x00080018: 0x00041511, 0x00020010: 0x00041512}


class FileInstance:
    """One file of a File-set, seen through its directory records.

    The elements of the records are attributes by keyword and items by keyword or tag. The file's own record is asked
    first, then those above it, so that ``instance.PatientID`` works without reading the file.

    Parameters
    ----------
    node : RecordNode
        The record that refers to the file.

    Attributes
    ----------
    node : RecordNode
        The record that refers to the file.
    staging : str
        ``"+"`` if the instance will be added, ``"-"`` if it will be removed by the next ``FileSet.write()``, else empty.
    """

    def __init__(self, node: RecordNode) -> None:
        self.node = node
        self.staging = ""
        self._uuid = os.urandom(16).hex()
        self._source: Dataset | Path | None = None
        self._source_state: tuple[int, int] | None = None
        self._staged_file: Path | None = None

    # ---- staging

    def _stage_addition(self, source: Dataset | Path) -> None:
        """Plan to add the instance, from a data set or from an existing file.

        A file is only referred to; that it is still the same file is checked when it is copied.
        """
        self.staging = "+"
        self._source = source
        if isinstance(source, Path):
            self._source_state = _state(source)

    def _unstage(self) -> None:
        if self._staged_file is not None:
            self._staged_file.unlink(missing_ok=True)
        self.staging = ""
        self._source = self._source_state = self._staged_file = None

    def _checked_source(self) -> Dataset | Path:
        """Return what a staged instance is to be written from.

        Raises
        ------
        FileNotFoundError, ValueError
            If it is a file that is gone or was changed since.
        """
        source = self._source
        assert source is not None
        if isinstance(source, Path):
            advice = "; instances staged from a file need it until FileSet.write(), add it again or add the data set"
            try:
                state = _state(source)
            except FileNotFoundError:
                raise FileNotFoundError(
                    f"A file staged for addition no longer exists: {source}{advice}"
                ) from None
            if state != self._source_state:
                raise ValueError(f"A file staged for addition was changed since: {source}{advice}")
        return source

    @property
    def _stage_path(self) -> Path | None:
        """Where the content of an instance to be added can be read; a data set is only now written to a file."""
        if not self.for_addition:
            return None
        if self._staged_file is None:
            if isinstance(self._source, Path):
                return self._source
            path = self.file_set._stage["path"] / self._uuid
            cast("Dataset", self._source).save_as(path, enforce_file_format=True)
            self._staged_file = path
        return self._staged_file

    @_stage_path.setter
    def _stage_path(self, path: Path | None) -> None:
        self._staged_file = path

    @property
    def for_addition(self) -> bool:
        """Whether the instance is staged for addition to the File-set."""
        return self.staging == "+"

    @property
    def for_removal(self) -> bool:
        """Whether the instance is staged for removal from the File-set."""
        return self.staging == "-"

    @property
    def for_moving(self) -> bool:
        """Whether the file is in the File-set and will get another place in it."""
        return not self.for_addition and self._current_components() != Path(self.FileID).parts

    @property
    def is_staged(self) -> bool:
        """Whether the instance will be added, moved or removed."""
        return self.for_addition or self.for_removal or self.for_moving

    def _current_components(self) -> tuple[str, ...]:
        value = self["ReferencedFileID"].value
        if not value:
            return ()
        return (value,) if isinstance(value, str) else tuple(value)

    # ---- the file

    @property
    def file_set(self) -> FileSet:
        """The File-set that the instance belongs to."""
        return self.node.file_set

    @property
    def FileID(self) -> str:
        """The path, relative to the root, that the file has or will have after ``FileSet.write()``."""
        components = [node.component for node in self.node.reverse()]
        return os.path.join(*components[::-1])

    @property
    def path(self) -> str:
        """The absolute path of the file.

        That of an instance staged for addition is the file it was staged from. One staged from a data set has no file:
        asking for its path writes one to a private temporary directory, which goes away with the `FileSet`.
        """
        if self.for_addition:
            return os.fspath(cast(Path, self._stage_path))
        root = self.file_set.root_path
        return os.fspath(root / cast(Path, self.node.file_id_path(root)))

    def load(self) -> Dataset:
        """Return the instance as a data set that is independent of the File-set."""
        if self.for_addition and not isinstance(self._source, Path):
            import copy

            return copy.deepcopy(cast("Dataset", self._source))
        from pydcm.filereader import dcmread

        return dcmread(self.path)

    # ---- elements of the records

    def __getattr__(self, name: str) -> Any:
        """Return the value of an element of the directory records by keyword."""
        tag = tag_for_keyword(name)
        if tag is not None:
            element = self._element(tag)
            if element is not None:
                return element.value
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _element(self, tag: int) -> DataElement | None:
        for node in self.node.reverse():
            if tag in node._record:
                return node._record[tag]
        return None

    def __getitem__(self, key: str | int) -> DataElement:
        """Return an element of the directory records by keyword or tag.

        The SOP Class, SOP Instance and Transfer Syntax UID of the instance are found by their own tags, too.

        Raises
        ------
        KeyError
            If no record has the element.
        """
        tag = key if isinstance(key, BaseTag) else Tag(key)
        element = self._element(_RECORD_TAGS.get(tag, tag))
        if element is None:
            raise KeyError(tag)
        return element

    def __contains__(self, name: str | int) -> bool:
        """Return whether one of the directory records has the element with this keyword or tag."""
        try:
            self[name]
        except KeyError:
            return False
        return True

    @property
    def is_private(self) -> bool:
        """Whether the instance's record is a PRIVATE one."""
        return self.node.record_type == "PRIVATE"

    @property
    def SOPClassUID(self) -> UID:
        """The *SOP Class UID* of the instance."""
        return cast("UID", self.ReferencedSOPClassUIDInFile)

    @property
    def SOPInstanceUID(self) -> UID:
        """The *SOP Instance UID* of the instance."""
        return cast("UID", self.ReferencedSOPInstanceUIDInFile)

    @property
    def TransferSyntaxUID(self) -> UID:
        """The *Transfer Syntax UID* of the file."""
        return cast("UID", self.ReferencedTransferSyntaxUIDInFile)


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
