"""Data sets that belong to a file."""

from __future__ import annotations

from copy import deepcopy
from io import BufferedReader
from os import stat
from typing import TYPE_CHECKING, Any

from pydcm import config
from pydcm._dataset._main import Dataset
from pydcm._dataset._meta import FileMetaDataset

if TYPE_CHECKING:
    from typing import BinaryIO

    from pydcm._dataset._main import _DatasetType
    from pydcm.dataelem import RawDataElement
    from pydcm.filebase import ReadableBuffer
    from pydcm.fileutil import PathType


class FileDataset(Dataset):
    """A data set with what stands around it in a file: preamble, File Meta Information, and where it came from.

    Parameters
    ----------
    filename_or_obj : str, PathLike or binary file-like
        What the data set was read from.
    dataset : Dataset or dict
        The elements.
    preamble : bytes, optional
        The 128 bytes in front of ``DICM`` (PS3.10 §7.1).
    file_meta : FileMetaDataset, optional
        The File Meta Information; an empty one if not given.
    is_implicit_VR : bool, optional
        Whether the elements were read as implicit VR.
    is_little_endian : bool, optional
        Whether the elements were read as little endian.

    Attributes
    ----------
    preamble : bytes or None
        The preamble.
    file_meta : FileMetaDataset
        The File Meta Information.
    filename : str or None
        The path, where there is one.
    buffer : file-like or None
        The file-like the data set was read from, unless that was an ordinary file.
    fileobj_type : type or callable
        What opens or made the file-like.
    timestamp : float or None
        When the file was last modified (seconds since the epoch), where it is known.
    """

    preamble: bytes | None
    file_meta: FileMetaDataset
    filename: str | None
    buffer: ReadableBuffer | BinaryIO | None
    fileobj_type: Any
    timestamp: float | None

    def __init__(
        self,
        filename_or_obj: PathType | BinaryIO | ReadableBuffer,
        dataset: _DatasetType,
        preamble: bytes | None = None,
        file_meta: FileMetaDataset | None = None,
        is_implicit_VR: bool = True,
        is_little_endian: bool = True,
    ) -> None:
        super().__init__(dataset)
        self.preamble = preamble
        self.file_meta = FileMetaDataset() if file_meta is None else file_meta
        self._read_implicit = is_implicit_VR
        self._read_little = is_little_endian
        if not config._use_future:
            self._is_implicit_VR = is_implicit_VR
            self._is_little_endian = is_little_endian
        self._set_origin(filename_or_obj)

    def _set_origin(self, origin: Any) -> None:
        """Note what the data set was read from."""
        from pydcm.fileutil import path_from_pathlike

        origin = path_from_pathlike(origin)
        self.buffer = None
        if isinstance(origin, str):
            self.filename = origin
            self.fileobj_type = open
        elif isinstance(origin, BufferedReader):
            # An ordinary file: it can be opened again by its name, so there is no need to hold on to it.
            self.filename = origin.name
            self.fileobj_type = open
        else:
            self.buffer = origin
            self.filename = getattr(origin, "name", None) or getattr(origin, "filename", None) or None
            self.fileobj_type = type(origin)

        self.timestamp = None
        if self.filename:
            try:
                self.timestamp = stat(self.filename).st_mtime
            except (OSError, TypeError, ValueError):
                # The name need not be that of a file: archives and network streams have names as well.
                pass

    def _hold_inflated(self, content: bytes) -> None:
        """Offer the data set that a deflated file holds as `buffer`; nothing is copied."""
        from pydcm.filebase import DicomBytesIO

        self.buffer = DicomBytesIO(content)
        self.fileobj_type = DicomBytesIO

    def _read_deferred(self, raw: RawDataElement) -> RawDataElement:
        """Return `raw` with the value that was left in the file."""
        from pydcm.filereader import read_deferred_data_element

        # A file-like that is still open may know what its name does not lead to: it may be inside an archive.
        is_open = self.buffer is not None and not getattr(self.buffer, "closed", False)
        origin = self.buffer if is_open or not self.filename else self.filename
        return read_deferred_data_element(self.fileobj_type, origin, self.timestamp, raw)

    def _default_write_encoding(self, name: str) -> bool | None:
        # What was read from a file is written as it was read.
        return self._read_implicit if name == "_is_implicit_VR" else self._read_little

    def _deepcopy_attribute(self, name: str, value: Any, memo: dict[int, Any]) -> Any:
        if name != "buffer":
            return super()._deepcopy_attribute(name, value, memo)
        try:
            return deepcopy(value, memo)
        except Exception as exc:
            # Closed files and sockets cannot be copied; the data set can do without.
            from pydcm.misc import warn_and_log

            warn_and_log(
                f"The {type(exc).__name__} exception '{exc}' occurred trying to deepcopy the buffer-like the dataset was "
                "read from, the 'buffer' attribute will be set to 'None' in the copied object"
            )
            return None
