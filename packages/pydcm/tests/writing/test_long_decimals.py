"""Decimal strings of more than 16 characters are written as they are, after one warning."""

from __future__ import annotations

import io

import pytest

from pydcm import config, dcmread
from pydcm.dataset import Dataset

LONG = ["10.00000000000000", "-1.234567890123456", "1.2345678901234567", "12345678901234567890"]


@pytest.mark.parametrize("text", LONG)
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("implicit", [True, False])
def test_written_as_it_is(monkeypatch, text, place, implicit):
    monkeypatch.setattr(config.settings, "_writing_validation_mode", config.IGNORE)
    monkeypatch.setattr(config.settings, "_reading_validation_mode", config.IGNORE)
    values = ["1.5", "2", "-3.25"]
    values[place] = text
    ds = Dataset()
    ds.SliceThickness = text
    ds.ImagePositionPatient = values
    stream = io.BytesIO()
    ds.save_as(stream, implicit_vr=implicit, little_endian=True)
    assert "\\".join(values).encode() in stream.getvalue()
    again = dcmread(io.BytesIO(stream.getvalue()), force=True)
    assert str(again.SliceThickness) == text
    assert [str(one) for one in again.ImagePositionPatient] == values
