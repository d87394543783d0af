"""What type checkers must see; never run."""

from typing import assert_type

import pydcm
from pydcm.dataset import Dataset, FileDataset
from pydcm.sequence import Sequence
from pydcm.uid import UID
from pydcm.valuerep import PersonName

ds = pydcm.dcmread("scan.dcm")
assert_type(ds, FileDataset)
assert_type(ds.Rows, int)
assert_type(ds.SOPInstanceUID, UID)
assert_type(ds.PatientName, PersonName)
assert_type(ds.ReferencedSeriesSequence, Sequence)
assert_type(ds.ReferencedSeriesSequence[0], Dataset)
assert_type(pydcm.generate_uid(), UID)

ds.Rows = 512
ds.PatientName = "A^B"
ds.save_as("copy.dcm")
