"""Scans that share the UID of their series, as archives and scripts leave them."""

from __future__ import annotations

import pytest

from pydcm import dcmread
from pydcm_pixels._bids.convert import convert_series

from .labeled import single

CHANGES = {
    "patient": {"PatientID": "n2"},
    "study": {"StudyTime": "150000"},
    "time": {"AcquisitionTime": "150000"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_scans_are_outputs_of_their_own(change, tmp_path):
    first = dcmread(next(single(tmp_path / "in" / "first", phases=1).iterdir()))
    for path in single(tmp_path / "in" / "second", phases=1).iterdir():
        ds = dcmread(path)
        ds.SeriesInstanceUID, ds.StudyInstanceUID = first.SeriesInstanceUID, first.StudyInstanceUID
        for keyword, value in CHANGES[change].items():
            setattr(ds, keyword, value)
        ds.save_as(path)
    for path in (tmp_path / "in" / "first").iterdir():
        ds = dcmread(path)
        ds.AcquisitionTime = "101213"
        ds.save_as(path)
    found = convert_series(tmp_path / "in", tmp_path / "out", gzip=False, progress=False)
    assert not found.left_out
    assert [output.shape for output in found.outputs] == [(4, 4, 6, 8)] * 2
