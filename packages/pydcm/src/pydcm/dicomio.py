"""The functions that read and write files, under the name of the module that had them in pydicom 1.0."""

from __future__ import annotations

from pydcm.filereader import dcmread
from pydcm.filewriter import dcmwrite

read_file = dcmread
write_file = dcmwrite

__all__ = ["dcmread", "dcmwrite", "read_file", "write_file"]
