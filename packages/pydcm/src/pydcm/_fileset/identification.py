"""What a DICOMDIR says of its File-set as a whole (PS3.3 §F.3.2.1)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydcm.dataset import Dataset
from pydcm.uid import UID as _UID
from pydcm.uid import generate_uid

from .stage import Stage

if TYPE_CHECKING:
    from pydcm.dataset import FileDataset

_ID_LENGTH = 16
_MAX_COMPONENTS = 8


class Identification:
    """The identification of a File-set, whose changes are staged and passed on to its DICOMDIR."""

    def __init__(self) -> None:
        self._stage = Stage()
        self._ds: Dataset | FileDataset = Dataset()
        self._id: str | None = None
        self._uid: _UID | None = None
        self._descriptor: str | list[str] | None = None
        self._charset: str | None = None

    def _forget(self) -> None:
        """Become a new File-set without any changes."""
        self._stage.reset()
        self._ds = Dataset()
        self._id = self._descriptor = self._charset = None
        self._uid = generate_uid()

    def _identify_by(self, ds: Dataset) -> None:
        """Take over what the DICOMDIR `ds` says."""
        uid = ds.file_meta.get("MediaStorageSOPInstanceUID")
        if not uid:
            uid = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        self._uid = uid
        self._id = ds.get("FileSetID", None)
        self._descriptor = ds.get("FileSetDescriptorFileID", None)
        self._charset = ds.get("SpecificCharacterSetOfFileSetDescriptorFile", None)
        self._ds = ds

    @property
    def ID(self) -> str | None:
        """The *File-set ID*, at most 16 characters."""
        return self._id

    @ID.setter
    def ID(self, val: str | None) -> None:
        if val is not None and len(val) > _ID_LENGTH:
            raise ValueError("The maximum length of the 'File-set ID' is 16 characters")
        if val != self._id:
            self._id = val
            self._change_dicomdir("FileSetID", val)

    @property
    def UID(self) -> _UID:
        """The File-set's UID, which is the SOP Instance UID of its DICOMDIR."""
        assert self._uid is not None
        return self._uid

    @UID.setter
    def UID(self, uid: str) -> None:
        if uid == self._uid:
            return
        uid = _UID(uid)
        if not uid.is_valid:
            raise ValueError(f"The File-set UID is not a valid UID: '{uid}'")
        self._uid = uid
        if len(self._ds):
            self._ds.file_meta.MediaStorageSOPInstanceUID = uid
        self._stage["^"] = True

    @property
    def descriptor_file_id(self) -> str | list[str] | None:
        """The File ID of a text that describes the File-set: a component or a list of them, each of 16 characters at
        most. Making that file is left to you."""
        return self._descriptor

    @descriptor_file_id.setter
    def descriptor_file_id(self, val: str | list[str] | None) -> None:
        if val == self._descriptor:
            return
        if isinstance(val, list):
            if len(val) > _MAX_COMPONENTS or not all(
                isinstance(part, str) and len(part) <= _ID_LENGTH for part in val
            ):
                raise ValueError(
                    "The 'File-set Descriptor File ID' has a maximum of 8 components, each between 0 and 16 "
                    "characters long"
                )
            val = list(Path(*val).parts)
        elif isinstance(val, str):
            if len(val) > _ID_LENGTH:
                raise ValueError(
                    "Each 'File-set Descriptor File ID' component has a maximum length of 16 characters"
                )
        elif val is not None:
            raise TypeError("The 'DescriptorFileID' must be a str, list of str, or None")
        self._descriptor = val
        self._change_dicomdir("FileSetDescriptorFileID", val)

    @property
    def descriptor_character_set(self) -> str | None:
        """The *Specific Character Set* of the text that describes the File-set."""
        return self._charset

    @descriptor_character_set.setter
    def descriptor_character_set(self, val: str | None) -> None:
        if val != self._charset:
            self._charset = val
            self._change_dicomdir("SpecificCharacterSetOfFileSetDescriptorFile", val)

    def _change_dicomdir(self, keyword: str, value: Any) -> None:
        if len(self._ds):
            setattr(self._ds, keyword, value)
        self._stage["^"] = True
