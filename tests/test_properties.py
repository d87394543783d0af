"""Whatever a data set holds, it comes back from a file and from JSON."""

from __future__ import annotations

import io

import pytest
from hypothesis import HealthCheck, given, settings

import pydcm
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm_testing import strategies

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SYNTAXES = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99")


@pytest.mark.parametrize("syntax", SYNTAXES)
@quick
@given(ds=strategies.datasets())
def test_file_round_trip(syntax: str, ds: Dataset) -> None:
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    read = pydcm.dcmread(io.BytesIO(buffer.getvalue()))
    assert read.to_json_dict() == ds.to_json_dict()
    # Once more: what was read and not touched is written byte for byte
    again = io.BytesIO()
    read.save_as(again)
    assert again.getvalue() == buffer.getvalue()


@quick
@given(ds=strategies.datasets())
def test_json_round_trip(ds: Dataset) -> None:
    assert Dataset.from_json(ds.to_json()).to_json_dict() == ds.to_json_dict()
