"""File-sets: directories of DICOM files with a DICOMDIR (PS3.10 §8, PS3.3 Annex F).

>>> import pydcm
>>> from pydcm.fileset import FileSet
>>> fs = FileSet(pydcm.examples.get_path("dicomdir"))
>>> {instance.load().Modality for instance in fs} == {"CT", "MR"}
True
>>> fs.find_values("PatientID")
['FS-1', 'FS-2']
"""

from __future__ import annotations

from typing import Any

from ._fileset import file_id, records
from ._fileset.file_id import generate_filename, is_conformant_file_id
from ._fileset.file_set import FileSet
from ._fileset.instance import FileInstance
from ._fileset.node import RecordNode, RootNode
from ._fileset.records import DIRECTORY_RECORDERS

__all__ = [
    "DIRECTORY_RECORDERS",
    "FileInstance",
    "FileSet",
    "RecordNode",
    "RootNode",
    "generate_filename",
    "is_conformant_file_id",
]

# pydicom's names of what programs that make their own records use
_PREFIXES = file_id.PREFIXES
_check_dataset = records.require_values
_single_level_record_type = records.single_level_record_type
_four_level_record_type = records.four_level_record_type

# Its names of functions that make the records of several types, or of one it abbreviates
_DEFINERS = {
    "_define_generic_content": "WAVEFORM",
    "_define_generic_content_id": "REGISTRATION",
    "_define_empty": "PLAN",
    "_define_rt_treatment_record": "RT TREAT RECORD",
}


def __getattr__(name: str) -> Any:
    if name.startswith("_define_"):
        record_type = _DEFINERS.get(name, name.removeprefix("_define_").replace("_", " ").upper())
        if record_type in DIRECTORY_RECORDERS:
            return DIRECTORY_RECORDERS[record_type]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
