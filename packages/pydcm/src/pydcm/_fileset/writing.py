"""From the tree of directory records to files (PS3.10 §8, PS3.3 §F.2)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Protocol

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.filebase import DicomBytesIO
from pydcm.filewriter import write_dataset, write_file_meta_info
from pydcm.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, MediaStorageDirectoryStorage

from .file_id import MAX_ALPHANUMERIC, MAX_NUMERIC
from .node import FIRST_OFFSET, LAST_OFFSET, LOWER_OFFSET, NEXT_OFFSET
from .transfer import Transfer

if TYPE_CHECKING:
    from pathlib import Path

    from .file_set import FileSet
    from .instance import FileInstance
    from .node import RecordNode

_SEQUENCE_TAG = 0x00041220
_ITEM_TAG = b"\xfe\xff\x00\xe0"


class BinaryTarget(Protocol):
    """What a DICOMDIR can be written to."""

    def write(self, data: bytes, /) -> object: ...


def check_size(fs: FileSet) -> None:
    """Choose the digits of the File IDs by the number of instances.

    Raises
    ------
    NotImplementedError
        If there are more than six characters can number.
    """
    if len(fs) > MAX_NUMERIC:
        fs._use_alphanumeric = True
    if len(fs) > MAX_ALPHANUMERIC:
        raise NotImplementedError(
            f"pydicom doesn't support writing File-sets with more than {MAX_ALPHANUMERIC} managed instances"
        )


# ---- the plan


def _remaining(node: RecordNode, gone: set[RecordNode]) -> list[RecordNode]:
    return [child for child in node.children if child not in gone] if gone else node.children


def _nodes_to_remove(fs: FileSet, with_missing: bool) -> set[RecordNode]:
    """Return the nodes that have nothing left once the instances staged for removal are gone.

    With `with_missing`, so are the instances whose file does not exist: when files get new places, their old File IDs
    could be those of other instances.
    """
    present = set(fs)
    gone: set[RecordNode] = set()
    for node in reversed(list(fs._tree)):
        if node.children:
            if all(child in gone for child in node.children):
                gone.add(node)
        elif node.instance is not None and (
            node.instance.for_removal or (with_missing and node.instance not in present)
        ):
            gone.add(node)
    return gone


def lay_out(tree: RecordNode, gone: set[RecordNode] | None = None) -> dict[RecordNode, tuple[str, ...]]:
    """Return the components of the File ID of every node, in the order of the tree.

    Parameters
    ----------
    tree : RecordNode
        The root.
    gone : set of RecordNode, optional
        Nodes to leave out.
    """
    result: dict[RecordNode, tuple[str, ...]] = {}
    stack: list[tuple[RecordNode, tuple[str, ...], int]] = [(tree, (), 0)]
    while stack:
        node, parent_components, index = stack.pop()
        components = parent_components
        if not node.is_root:
            components = (*parent_components, node._component(index, len(parent_components)))
            result[node] = components
        children = _remaining(node, gone or set())
        stack.extend((child, components, i) for i, child in reversed(list(enumerate(children))))
    return result


# ---- the DICOMDIR


def new_dicomdir(fs: FileSet) -> Dataset:
    """Return a new DICOMDIR without directory records for `fs`."""
    ds = Dataset()
    ds.filename = None
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPInstanceUID = fs.UID
    ds.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    ds.FileSetID = fs.ID
    setattr(ds, FIRST_OFFSET, 0)
    setattr(ds, LAST_OFFSET, 0)
    ds.FileSetConsistencyFlag = 0
    ds.DirectoryRecordSequence = []
    if fs.descriptor_file_id:
        ds.FileSetDescriptorFileID = fs.descriptor_file_id
    if fs.descriptor_character_set:
        ds.SpecificCharacterSetOfFileSetDescriptorFile = fs.descriptor_character_set
    return ds


def _encode(ds: Dataset, implicit: bool) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_little_endian = True
    buffer.is_implicit_VR = implicit
    write_dataset(buffer, ds)
    return buffer.getvalue()


def _encode_meta(ds: Dataset) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_little_endian = True
    buffer.is_implicit_VR = False
    write_file_meta_info(buffer, ds.file_meta, enforce_standard=True)
    return b"\0" * 128 + b"DICM" + buffer.getvalue()


def encode_dicomdir(
    tree: RecordNode,
    ds: Dataset,
    *,
    force_implicit: bool = False,
    update: bool = False,
    gone: set[RecordNode] | None = None,
    file_ids: dict[RecordNode, tuple[str, ...]] | None = None,
) -> bytes:
    """Return the DICOMDIR as the bytes of a file.

    Parameters
    ----------
    tree : RecordNode
        The root of the records.
    ds : pydcm.dataset.Dataset
        The DICOMDIR; everything but its records and their offsets is taken from it. Its transfer syntax and the offsets
        of the first and the last record are set.
    force_implicit : bool, optional
        Use *Implicit VR Little Endian*.
    update : bool, optional
        Put the records into `ds` and the offsets into the records, too.
    gone : set of RecordNode, optional
        Nodes to leave out.
    file_ids : dict, optional
        The *Referenced File ID* for the nodes that are to get another one.
    """
    gone = gone or set()
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if force_implicit else ExplicitVRLittleEndian
    setattr(ds, FIRST_OFFSET, 0)
    setattr(ds, LAST_OFFSET, 0)
    meta = _encode_meta(ds)
    sequence_head = b"\x04\x00\x20\x12" if force_implicit else b"\x04\x00\x20\x12SQ\0\0"
    position = len(meta) + len(_encode(ds[:_SEQUENCE_TAG], force_implicit)) + len(sequence_head) + 4

    nodes = [node for node in tree if node not in gone]
    items: list[bytearray] = []
    offsets: dict[RecordNode, int] = {}
    for node in nodes:
        item = _encode_record(node._record, (file_ids or {}).get(node), force_implicit)
        offsets[node] = position
        position += len(item)
        items.append(item)

    links: dict[RecordNode, tuple[int, int]] = {}
    for parent in [tree, *nodes]:
        children = _remaining(parent, gone)
        for child, following in zip(children, [*children[1:], None], strict=False):
            below = _remaining(child, gone)
            links[child] = (offsets[following] if following else 0, offsets[below[0]] if below else 0)
    for node, item in zip(nodes, items, strict=True):
        _put_links(item, node._record, *links[node], force_implicit)

    top = _remaining(tree, gone)
    setattr(ds, FIRST_OFFSET, offsets[top[0]] if top else 0)
    setattr(ds, LAST_OFFSET, offsets[top[-1]] if top else 0)
    if update:
        for node in nodes:
            node._offset = offsets[node]
            setattr(node._record, NEXT_OFFSET, links[node][0])
            setattr(node._record, LOWER_OFFSET, links[node][1])
        ds.DirectoryRecordSequence = [node._record for node in nodes]

    body = b"".join(items)
    if len(body) >= 0xFFFFFFFF:
        raise ValueError(f"The directory records take {len(body)} bytes, more than a DICOMDIR can hold")
    return b"".join(
        [
            meta,
            _encode(ds[:_SEQUENCE_TAG], force_implicit),
            sequence_head,
            struct.pack("<L", len(body)),
            body,
            _encode(ds[_SEQUENCE_TAG + 1 :], force_implicit),
        ]
    )


def _encode_record(record: Dataset, file_id: tuple[str, ...] | None, implicit: bool) -> bytearray:
    """Return an item of the *Directory Record Sequence*, `record` with another File ID if one is given."""
    if file_id is None:
        encoded = _encode(record, implicit)
    else:
        before = record.get("ReferencedFileID")
        record.ReferencedFileID = list(file_id)
        try:
            encoded = _encode(record, implicit)
        finally:
            record.ReferencedFileID = before
    return bytearray(_ITEM_TAG + struct.pack("<L", len(encoded)) + encoded)


def _put_links(item: bytearray, record: Dataset, next_offset: int, lower_offset: int, implicit: bool) -> None:
    """Put the offsets of other records into an encoded item."""
    for tag, value, usual_place in ((0x00041400, next_offset, 8), (0x00041420, lower_offset, 30)):
        encoded_tag = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
        at = usual_place
        if item[at : at + 4] != encoded_tag:  # there are other elements before it
            at = 8 + len(_encode(record[:tag], implicit))
        # An UL takes a tag, a VR and a short length, or a tag and a long length: eight bytes
        struct.pack_into("<L", item, at + 8, value)


# ---- files


def _current_path(instance: FileInstance, root: Path) -> Path:
    relative = instance.node.file_id_path(root)
    if relative is None:
        raise ValueError(f"The record of instance {instance.SOPInstanceUID} has no Referenced File ID")
    return root / relative


def write(fs: FileSet, root: Path, use_existing: bool, force_implicit: bool) -> Path:
    """Write the staged changes of `fs` to its directory `root` and return the path of the DICOMDIR."""
    gone = _nodes_to_remove(fs, with_missing=not use_existing)
    file_ids = {} if use_existing else _file_ids(fs, gone)
    ds = fs._ds if len(fs._ds) else new_dicomdir(fs)
    encoded = encode_dicomdir(fs._tree, ds, force_implicit=force_implicit, gone=gone, file_ids=file_ids)
    with Transfer(root) as transfer:
        for node, components in file_ids.items():
            instance = node.instance
            assert instance is not None
            target = root.joinpath(*components)
            if instance.for_addition:
                transfer.copy(instance._checked_source(), target)
            elif instance._current_components() != components:
                transfer.move(_current_path(instance, root), target)
        for instance in fs._stage["-"].values():
            transfer.remove(_current_path(instance, root))
        return transfer.finish(encoded)


def copy(fs: FileSet, root: Path, force_implicit: bool) -> Path:
    """Write `fs`, with its staged changes, to the directory `root` and return the path of the DICOMDIR."""
    gone = _nodes_to_remove(fs, with_missing=True)
    file_ids = _file_ids(fs, gone)
    encoded = encode_dicomdir(
        fs._tree, new_dicomdir(fs), force_implicit=force_implicit, gone=gone, file_ids=file_ids
    )
    with Transfer(root) as transfer:
        for node, components in file_ids.items():
            instance = node.instance
            assert instance is not None
            source = (
                instance._checked_source() if instance.for_addition else _current_path(instance, fs.root_path)
            )
            transfer.copy(source, root.joinpath(*components))
        return transfer.finish(encoded)


def _file_ids(fs: FileSet, gone: set[RecordNode]) -> dict[RecordNode, tuple[str, ...]]:
    places = lay_out(fs._tree, gone)
    return {instance.node: places[instance.node] for instance in fs if instance.node in places}
