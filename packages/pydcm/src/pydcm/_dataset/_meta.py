"""The File Meta Information of a DICOM file (PS3.10 §7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm._dataset._main import Dataset
from pydcm.tag import BaseTag, Tag

if TYPE_CHECKING:
    from pydcm._dataset._main import _DatasetType, _DatasetValue
    from pydcm.tag import TagType

_GROUP = 0x0002
# Type 1 elements that only the writer of the data set can know.
_REQUIRED = (0x00020002, 0x00020003, 0x00020010)


class FileMetaDataset(Dataset):
    """A data set that takes elements of group 2 only.

    Parameters
    ----------
    *args : Dataset or dict, optional
        Where to take the elements from.

    Raises
    ------
    ValueError
        If there is an element of another group among them.
    TypeError
        If it is not a :class:`Dataset` or :class:`dict`.
    """

    def __init__(self, *args: _DatasetType, **kwargs: Any) -> None:
        if args:
            self.validate(args[0])
        super().__init__(*args, **kwargs)

    @staticmethod
    def validate(init_value: _DatasetType | None) -> None:
        """Refuse elements that are not of group 2.

        Parameters
        ----------
        init_value : Dataset, dict or None
            The elements by tag.

        Raises
        ------
        ValueError
            If there is an element of another group among them.
        TypeError
            If it is not a :class:`Dataset` or :class:`dict`.
        """
        if init_value is None:
            return
        if not isinstance(init_value, (Dataset, dict)):
            raise TypeError(f"Argument must be a dict or Dataset, not {type(init_value)}")
        others = [str(tag) for tag in map(Tag, init_value.keys()) if tag.group != _GROUP]
        if others:
            raise ValueError(
                "File meta datasets may only contain group 2 elements but the following elements are present: "
                f"{', '.join(others)}"
            )

    def __setitem__(self, key: slice | TagType, elem: _DatasetValue) -> None:
        tag = elem.tag if isinstance(elem.tag, BaseTag) else Tag(elem.tag)
        if tag.group != _GROUP:
            raise ValueError("Only group 2 data elements are allowed in a FileMetaDataset")
        super().__setitem__(key, elem)

    @property
    def _tsyntax_encoding(self) -> tuple[bool, bool] | tuple[None, None]:
        """Whether the transfer syntax is implicit VR and little endian; ``None`` twice if it is not a public one."""
        syntax = self.get("TransferSyntaxUID", None)
        if not syntax or syntax.is_private or not syntax.is_transfer_syntax:
            return None, None
        return syntax.is_implicit_VR, syntax.is_little_endian


def validate_file_meta(file_meta: Dataset, enforce_standard: bool = True) -> None:
    """Check File Meta Information, and with `enforce_standard` complete it (PS3.10 §7.1).

    Parameters
    ----------
    file_meta : FileMetaDataset
        The elements; changed in place.
    enforce_standard : bool, optional
        Add what this toolkit can fill in itself (File Meta Information Version, Implementation Class UID, Implementation Version
        Name) where it is missing, and require the other Type 1 elements.

    Raises
    ------
    ValueError
        If there is an element of another group than 2.
    AttributeError
        If Media Storage SOP Class UID, Media Storage SOP Instance UID or Transfer Syntax UID is missing or empty.
    """
    if any(elem.tag >> 16 != _GROUP for elem in file_meta.elements()):
        raise ValueError(
            "Only File Meta Information group (0002,eeee) elements may be present in 'file_meta'."
        )
    if not enforce_standard:
        return

    def is_missing(tag: int | str) -> bool:
        return tag not in file_meta or file_meta[tag].is_empty

    from pydcm._version import __version_info__
    from pydcm.datadict import dictionary_description
    from pydcm.uid import PYDICOM_IMPLEMENTATION_UID, UID

    if is_missing("FileMetaInformationVersion"):
        file_meta.FileMetaInformationVersion = b"\x00\x01"
    if is_missing("ImplementationClassUID"):
        file_meta.ImplementationClassUID = UID(PYDICOM_IMPLEMENTATION_UID)
    if "ImplementationVersionName" not in file_meta:
        file_meta.ImplementationVersionName = f"PYDICOM {'.'.join(__version_info__)}"

    missing = [f"{Tag(tag)} {dictionary_description(tag)}" for tag in _REQUIRED if is_missing(tag)]
    if missing:
        raise AttributeError(
            "Required File Meta Information elements are either missing or have an empty value: "
            f"{', '.join(missing)}"
        )
