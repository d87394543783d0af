"""Writing DICOM files, data sets and elements."""

from __future__ import annotations

from pydcm._io._ambiguous import (
    _correct_ambiguous_vr_element as _correct_ambiguous_vr_element,
)
from pydcm._io._ambiguous import (
    correct_ambiguous_vr,
    correct_ambiguous_vr_element,
)
from pydcm._io._value_writers import (
    _format_DA as _format_DA,
)
from pydcm._io._value_writers import (
    _format_DT as _format_DT,
)
from pydcm._io._value_writers import (
    _format_TM as _format_TM,
)
from pydcm._io._value_writers import (
    _is_multi_value as _is_multi_value,
)
from pydcm._io._value_writers import (
    multi_string,
    write_ATvalue,
    write_DA,
    write_DT,
    write_number_string,
    write_numbers,
    write_OBvalue,
    write_OWvalue,
    write_PN,
    write_string,
    write_text,
    write_TM,
    write_UI,
    write_UN,
    writers,
)
from pydcm._io._write_dataset import write_data_element, write_dataset, write_sequence, write_sequence_item
from pydcm._io._write_file import _determine_encoding as _determine_encoding
from pydcm._io._write_file import dcmwrite, write_file_meta_info
from pydcm.valuerep import VR

# The last one that needs what none of the modules above has alone.
writers[VR.SQ] = (write_sequence, None)

# pydicom 2 and earlier
write_file = dcmwrite

__all__ = [
    "correct_ambiguous_vr",
    "correct_ambiguous_vr_element",
    "dcmwrite",
    "multi_string",
    "write_ATvalue",
    "write_DA",
    "write_DT",
    "write_OBvalue",
    "write_OWvalue",
    "write_PN",
    "write_TM",
    "write_UI",
    "write_UN",
    "write_data_element",
    "write_dataset",
    "write_file",
    "write_file_meta_info",
    "write_number_string",
    "write_numbers",
    "write_sequence",
    "write_sequence_item",
    "write_string",
    "write_text",
    "writers",
]
