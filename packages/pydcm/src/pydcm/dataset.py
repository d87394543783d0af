"""Data sets: :class:`Dataset`, :class:`FileDataset` with what stands around it in a file, and :class:`FileMetaDataset`."""

from __future__ import annotations

from pydcm._dataset._file import FileDataset
from pydcm._dataset._main import Dataset
from pydcm._dataset._meta import FileMetaDataset, validate_file_meta
from pydcm._dataset._private import PrivateBlock

# Pickles, documentation and error messages name the classes by the module people import them from.
for _cls in (Dataset, FileDataset, FileMetaDataset, PrivateBlock):
    _cls.__module__ = __name__
validate_file_meta.__module__ = __name__
del _cls

__all__ = ["Dataset", "FileDataset", "FileMetaDataset", "PrivateBlock", "validate_file_meta"]
