"""The File-set: a directory of DICOM files that a DICOMDIR describes (PS3.10 §8, PS3.3 Annex F)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydcm.dataset import Dataset
from pydcm.errors import InvalidDicomError
from pydcm.misc import warn_and_log
from pydcm.uid import ExplicitVRLittleEndian, MediaStorageDirectoryStorage, generate_uid

from . import searching, writing
from .identification import Identification
from .instance import FileInstance
from .loading import RecordTable, prune
from .node import RecordNode, RootNode
from .records import records_for, refer_to_instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .writing import BinaryTarget

    DatasetOrPath = Dataset | str | os.PathLike[str]

_MAX_LEVELS = 8
_REQUIRED_META = (
    "MediaStorageSOPClassUID",
    "MediaStorageSOPInstanceUID",
    "TransferSyntaxUID",
    "ImplementationClassUID",
)


class FileSet(Identification):
    """A File-set.

    Changes are staged and take effect with `write`. An instance is staged by reference: a file is copied byte for byte
    when the File-set is written and must be there, unchanged, until then; a data set is kept in memory as it was when
    it was added.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset, str or path-like, optional
        The DICOMDIR of the File-set to load, or its path. Without it a new, empty File-set is made.

    Examples
    --------
    >>> import pydcm
    >>> fs = FileSet(pydcm.examples.get_path("dicomdir"))
    >>> for instance in fs.find(PatientID="FS-2"):
    ...     print(instance.Modality, instance.StudyDate)
    MR 20240229
    MR 20240229
    """

    def __init__(self, ds: DatasetOrPath | None = None) -> None:
        super().__init__()
        self._root_path: Path | None = None
        self._tree = RootNode(self)
        self._instances: list[FileInstance] = []
        self._by_uid: dict[str, FileInstance] = {}
        self._use_alphanumeric = False
        if ds is not None and (not isinstance(ds, str | Dataset) or len(ds)):
            self.load(ds)
        else:
            self.UID = generate_uid()

    # ---- contents

    @property
    def root_path(self) -> Path:
        """The root directory.

        Raises
        ------
        AttributeError
            If the File-set is new and has none yet.
        """
        if self._root_path is None:
            raise AttributeError("No root path set in the File-set")
        return self._root_path

    @property
    def path(self) -> str | None:
        """The root directory, or ``None`` if the File-set has none yet."""
        return None if self._root_path is None else os.fspath(self._root_path)

    def __iter__(self) -> Iterator[FileInstance]:
        """Yield the instances; the File-set may be changed meanwhile."""
        yield from self._instances[:]

    def __len__(self) -> int:
        """Return the number of instances."""
        return len(self._instances)

    @property
    def is_staged(self) -> bool:
        """Whether there is something to write: the File-set is new or was changed."""
        return self._stage.has_changes

    def add(self, ds_or_path: DatasetOrPath) -> FileInstance:
        """Stage an instance for addition; one that was staged for removal is kept instead.

        Parameters
        ----------
        ds_or_path : pydcm.dataset.Dataset, str or path-like
            The instance or its file.

        Returns
        -------
        FileInstance
            The new instance, or the one that the File-set has already.

        Raises
        ------
        ValueError
            If it lacks an element that its directory records need (PS3.3 §F.5).
        """
        ds, source = _read(ds_or_path)
        instance = self._present(ds)
        if instance is not None:
            return instance
        parent: RecordNode | None = None
        for record in records_for(ds):
            node = RecordNode(record)
            if parent is not None:
                node.parent = parent
            parent = node
        return self._stage_instance(node, ds, source)

    def add_custom(self, ds_or_path: DatasetOrPath, leaf: RecordNode) -> FileInstance:
        """Stage an instance for addition with directory records of your own, as PRIVATE ones have to be.

        Parameters
        ----------
        ds_or_path : pydcm.dataset.Dataset, str or path-like
            The instance or its file.
        leaf : RecordNode
            The record for the instance; its ancestors, at most seven, are those of the instance. The elements that link
            records and refer to the instance are added.

        Returns
        -------
        FileInstance
            The new instance, or the one that the File-set has already.

        Raises
        ------
        ValueError
            If `leaf` has too many ancestors.
        """
        ds, source = _read(ds_or_path)
        if leaf.depth >= _MAX_LEVELS:
            raise ValueError(
                "The 'leaf' node must not have more than 7 ancestors as 'FileSet' supports a maximum directory structure "
                "depth of 8"
            )
        instance = self._present(ds)
        if instance is not None:
            return instance
        refer_to_instance(leaf._record, ds)
        return self._stage_instance(leaf, ds, source)

    def _present(self, ds: Dataset) -> FileInstance | None:
        """Return the File-set's own instance for `ds`, no longer staged for removal, if there is one."""
        uid = ds.SOPInstanceUID
        removed: FileInstance | None = self._stage["-"].pop(uid, None)
        if removed is not None:
            removed._unstage()
            self._include(removed)
            return removed
        return self._by_uid.get(uid)

    def _stage_instance(self, leaf: RecordNode, ds: Dataset, source: Path | None) -> FileInstance:
        instance = FileInstance(leaf)
        if source is None or not all(ds.file_meta.get(keyword) for keyword in _REQUIRED_META):
            import copy

            instance._stage_addition(copy.deepcopy(ds))
        else:
            instance._stage_addition(source)
        leaf.instance = instance
        self._tree.add(leaf)
        self._stage["+"][instance.SOPInstanceUID] = instance
        self._include(instance)
        return instance

    def _include(self, instance: FileInstance) -> None:
        self._instances.append(instance)
        self._by_uid[_uid_of(instance)] = instance

    def remove(self, instance: FileInstance | list[FileInstance]) -> None:
        """Stage instances for removal; those staged for addition are just forgotten.

        Parameters
        ----------
        instance : FileInstance or list of FileInstance
            What to remove.

        Raises
        ------
        ValueError
            If one is not in the File-set.
        """
        if isinstance(instance, list):
            for item in instance:
                self.remove(item)
            return
        if instance not in self._instances:
            raise ValueError("No such instance in the File-set")
        uid = _uid_of(instance)
        if instance.for_addition:
            self._tree.remove(instance.node)
            self._stage["+"].pop(uid, None)
            instance._unstage()
        else:
            instance.staging = "-"
            self._stage["-"][uid] = instance
        self._instances.remove(instance)
        if self._by_uid.get(uid) is instance:
            del self._by_uid[uid]

    def clear(self) -> None:
        """Forget everything: instances, identification and staged changes. No file is deleted."""
        self._tree.children = []
        self._instances = []
        self._by_uid = {}
        self._root_path = None
        self._forget()

    # ---- queries

    def find(self, load: bool = False, **kwargs: Any) -> list[FileInstance]:
        """Return the instances whose elements have the given values.

        Parameters
        ----------
        load : bool, optional
            Compare with the elements of the files, which are all read, instead of those of the directory records.
        **kwargs
            Values by keyword. Without any, all instances are returned.
        """
        return searching.find(self, load, kwargs)

    def find_values(
        self,
        elements: str | int | list[str | int],
        instances: list[FileInstance] | None = None,
        load: bool = False,
    ) -> list[Any] | dict[str | int, list[Any]]:
        """Return the different values of elements, in the order they are met.

        Parameters
        ----------
        elements : str, int or list of these
            Keywords or tags.
        instances : list of FileInstance, optional
            Where to look; by default everywhere.
        load : bool, optional
            Look into the files, which are all read, instead of the directory records.

        Returns
        -------
        list or dict of lists
            The values of the element, or, for a list of elements, the values by element.
        """
        return searching.find_values(elements, self if instances is None else instances, load)

    # ---- reading

    def load(
        self, ds_or_path: DatasetOrPath, include_orphans: bool = True, raise_orphans: bool = False
    ) -> None:
        """Replace the contents by those of an existing File-set.

        Files that are not where `write` would put them are staged for moving.

        Parameters
        ----------
        ds_or_path : pydcm.dataset.Dataset, str or path-like
            The DICOMDIR or its path. A data set needs its ``filename``.
        include_orphans : bool, optional
            Also take the files of records that no other record refers to; they are staged for addition.
        raise_orphans : bool, optional
            Raise an error if there are such records.

        Raises
        ------
        ValueError
            If it is not a DICOMDIR, or a record lacks a required element, or there are orphans and `raise_orphans`.
        InvalidDicomError
            If values of the DICOMDIR make no sense.
        PermissionError
            If a record refers to a file outside of the File-set's directory.
        """
        if isinstance(ds_or_path, Dataset):
            ds = ds_or_path
        else:
            from pydcm.filereader import dcmread

            ds = dcmread(ds_or_path)
        path = _check_dicomdir(ds)

        self.clear()
        try:
            self._identify_by(ds)
            self._root_path = path.parent
            self._parse_records(ds, include_orphans, raise_orphans)
        except (
            AttributeError,
            TypeError,
        ) as exc:  # an element that all records need has a value that makes no sense
            self.clear()
            raise InvalidDicomError(f"The DICOMDIR is damaged: {exc}", file=path) from exc
        self._check_files()

    def _parse_records(self, ds: Dataset, include_orphans: bool, raise_orphans: bool) -> None:
        table = RecordTable(ds)
        table.build(self._tree)
        prune(self._tree)
        for node in self._tree:
            if "ReferencedFileID" in node._record and node.file_id_path(self.root_path) is not None:
                node.instance = FileInstance(node)
                self._include(node.instance)

        orphans = table.orphans
        if orphans and raise_orphans:
            raise ValueError("The DICOMDIR contains orphaned directory records")
        orphans = [node for node in orphans if "ReferencedFileID" in node._record]
        if orphans and not include_orphans:
            warn_and_log(
                f"The DICOMDIR has {len(orphans)} orphaned directory records that reference an instance that will not "
                "be included in the File-set"
            )
            return
        for node in orphans:
            file_id = node._record.ReferencedFileID
            relative = node.file_id_path(self.root_path)
            if relative is None:
                continue
            path = self.root_path / relative
            instance = self.add_custom(path, node) if node.record_type == "PRIVATE" else self.add(path)
            instance.node._record.ReferencedFileID = file_id

    def _check_files(self) -> None:
        """Leave out the instances whose file is missing, and see whether any file has to move."""
        components = writing.lay_out(self._tree)
        missing = set()
        for instance in self._instances:
            relative = instance.node.file_id_path(self.root_path)
            assert relative is not None
            if not (self.root_path / relative).exists():
                missing.add(instance)
                warn_and_log(
                    f"The referenced SOP Instance for the directory record at offset {instance.node._offset} does not "
                    f"exist: {self.root_path / relative}"
                )
            elif not instance.for_addition and instance._current_components() != components[instance.node]:
                self._stage["~"] = True
        if missing:
            self._instances = [instance for instance in self._instances if instance not in missing]
            self._by_uid = {_uid_of(instance): instance for instance in self._instances}

    # ---- writing

    def write(
        self,
        path: str | os.PathLike[str] | None = None,
        use_existing: bool = False,
        force_implicit: bool = False,
    ) -> Path:
        """Write the File-set, or what has changed of it, to the file system.

        Files are put at ``PTxxxxxx/STxxxxxx/SExxxxxx/IMxxxxxx``, where ``x`` are digits and the first two letters stand
        for the type of record; instances with a single record at ``PAxxxxxx`` and the like. New files are complete
        before the first old one is replaced, and what is no longer needed is deleted last.

        Parameters
        ----------
        path : str or path-like, optional
            The root directory of a new File-set.
        use_existing : bool, optional
            Leave the files where they are. Possible as long as none is added.
        force_implicit : bool, optional
            Write the DICOMDIR with *Implicit VR Little Endian*, which the standard does not allow.

        Returns
        -------
        pathlib.Path
            The DICOMDIR.

        Raises
        ------
        ValueError
            If a new File-set is given no `path`, or an existing one is, or `use_existing` and files are to be added.
        """
        if not path and self._root_path is None:
            raise ValueError("The path to the root directory is required for a new File-set")
        if path and self._root_path is not None:
            raise ValueError(
                "The path for an existing File-set cannot be changed, use 'FileSet.copy()' to write the File-set to a "
                "new location"
            )
        root = Path(path) if path else self.root_path
        if self.is_staged:
            if use_existing and self._stage["+"]:
                raise ValueError(
                    "'Fileset.write()' called with 'use_existing' but additions to the File-set's managed instances are "
                    "staged"
                )
            writing.check_size(self)
            dicomdir = writing.write(self, root, use_existing, force_implicit)
            self.load(dicomdir, raise_orphans=True)
            return dicomdir
        return root / "DICOMDIR"

    def copy(self, path: str | os.PathLike[str], force_implicit: bool = False) -> FileSet:
        """Write the File-set as it will be to another root directory; this one stays as it is.

        Parameters
        ----------
        path : str or path-like
            The root directory of the copy.
        force_implicit : bool, optional
            Write the DICOMDIR with *Implicit VR Little Endian*, which the standard does not allow.

        Returns
        -------
        FileSet
            The copy.

        Raises
        ------
        ValueError
            If `path` is the File-set's own root directory.
        """
        root = Path(path)
        if self._root_path is not None and (self._root_path == root or _is_same(self._root_path, root)):
            raise ValueError("Cannot copy the File-set as the 'path' is unchanged")
        writing.check_size(self)
        dicomdir = writing.copy(self, root, force_implicit)
        fs = FileSet()
        fs.load(dicomdir, raise_orphans=True)
        return fs

    def _create_dicomdir(self) -> Dataset:
        """Return a new DICOMDIR without directory records."""
        return writing.new_dicomdir(self)

    def _write_dicomdir(
        self, fp: BinaryTarget, copy_safe: bool = False, force_implicit: bool = False
    ) -> None:
        """Encode the DICOMDIR and write it to a file-like.

        Parameters
        ----------
        fp : file-like
            Where to write to, from its current position on.
        copy_safe : bool, optional
            Leave this File-set's own DICOMDIR and records as they are.
        force_implicit : bool, optional
            Use *Implicit VR Little Endian*.
        """
        ds = self._create_dicomdir() if copy_safe or not len(self._ds) else self._ds
        fp.write(writing.encode_dicomdir(self._tree, ds, force_implicit=force_implicit, update=not copy_safe))

    # ---- text

    def __str__(self) -> str:
        nothing = "(no value available)"
        lines = [
            "DICOM File-set",
            f"  Root directory: {self.path or nothing}",
            f"  File-set ID: {self.ID or nothing}",
            f"  File-set UID: {self.UID}",
            f"  Descriptor file ID: {self.descriptor_file_id or nothing}",
            f"  Descriptor file character set: {self.descriptor_character_set or nothing}",
        ]
        if self.is_staged:
            lines.append(f"  Changes staged for write(): {', '.join(self._describe_changes())}")
        if self._tree.children:
            lines.append("\n  Managed instances:")
            lines += [f"    {line}" for line in self._tree.prettify()]
        return "\n".join(lines)

    def _describe_changes(self) -> list[str]:
        changes = ["DICOMDIR update" if len(self._ds) else "DICOMDIR creation"]
        if self._stage["~"]:
            changes.append("directory structure update")
        for kind, noun in (("+", "addition"), ("-", "removal")):
            count = len(self._stage[kind])
            if count:
                changes.append(f"{count} {noun}{'s' if count > 1 else ''}")
        return changes


def _read(ds_or_path: DatasetOrPath) -> tuple[Dataset, Path | None]:
    if isinstance(ds_or_path, str | os.PathLike):
        from pydcm.filereader import dcmread

        path = Path(ds_or_path).absolute()
        return dcmread(path), path
    return ds_or_path, None


def _uid_of(instance: FileInstance) -> str:
    return str(instance.node._record.get("ReferencedSOPInstanceUIDInFile", ""))


def _is_same(first: Path, second: Path) -> bool:
    return first.exists() and second.exists() and os.path.samefile(first, second)


def _check_dicomdir(ds: Dataset) -> Path:
    """Check that `ds` is a DICOMDIR and return its absolute path."""
    if ds.file_meta.get("MediaStorageSOPClassUID", None) != MediaStorageDirectoryStorage:
        raise ValueError(
            "Unable to load the File-set as the supplied dataset is not a 'Media Storage Directory' instance"
        )
    syntax = ds.file_meta.get("TransferSyntaxUID", None)
    if syntax != ExplicitVRLittleEndian:
        warn_and_log(
            f"The DICOMDIR dataset uses an invalid transfer syntax '{getattr(syntax, 'name', syntax)}' and will be updated to use 'Explicit "
            "VR Little Endian'"
        )
    filename = getattr(ds, "filename", None)
    if not isinstance(filename, str | os.PathLike):
        raise TypeError(
            "Unable to load the File-set as the DICOMDIR dataset must have a 'filename' attribute set to the path of "
            "the DICOMDIR file"
        )
    try:
        return Path(filename).resolve(strict=True)
    except FileNotFoundError:
        raise FileNotFoundError(
            "Unable to load the File-set as the 'filename' attribute for the DICOMDIR dataset is not a valid path: "
            f"{filename}"
        ) from None
