"""What type checkers must see of elements, values and files; never run."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, assert_type

import pydcm
from pydcm import config
from pydcm.dataelem import DataElement
from pydcm.dataset import Dataset, FileMetaDataset, PrivateBlock
from pydcm.fileset import FileInstance, FileSet
from pydcm.tag import BaseTag, Tag
from pydcm.uid import UID
from pydcm.valuerep import DA, PersonName

ds = Dataset()
assert_type(ds["PatientName"], DataElement)
assert_type(ds[0x00100010], DataElement)
assert_type(ds[0x10, 0x10], DataElement)
assert_type(ds[:0x00100000], Dataset)
assert_type(ds.copy(), Dataset)
assert_type(ds.to_json(), str)
assert_type(ds.to_json_dict(), dict[str, Any])
assert_type(Dataset.from_json("{}"), Dataset)
assert_type(ds.private_block(0x0009, "ACME", create=True), PrivateBlock)
assert_type(Tag("PatientName"), BaseTag)
assert_type(PersonName("A^B").family_name, str)
assert_type(UID("1.2.3").is_private, bool)
for elem in ds.iterall():
    assert_type(elem, DataElement)

with pydcm.dcmread(Path("scan.dcm"), stop_before_pixels=True, specific_tags=["Rows", 0x00280011]) as header:
    assert_type(header.file_meta, FileMetaDataset)
    header.save_as(Path("copy.dcm"), enforce_file_format=True)

fs = FileSet("DICOMDIR")
for instance in fs:
    assert_type(instance, FileInstance)

day: datetime.date = DA("20240229")
config.settings.reading_validation_mode = config.RAISE
