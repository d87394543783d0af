"""An unknown Specific Character Set is reported when it is written and when it is looked at."""

from __future__ import annotations

from io import BytesIO

import pytest

from pydcm import config, dcmread
from pydcm.dataset import Dataset

UNKNOWN = "ISO 2022IR 100"


def test_saving_warns_and_so_does_looking() -> None:
    ds = Dataset()
    ds.SpecificCharacterSet = [UNKNOWN] * 9
    stream = BytesIO()
    with pytest.warns(UserWarning, match=f"Unknown encoding '{UNKNOWN}'"):
        ds.save_as(stream, implicit_vr=False, little_endian=True)
    stream.seek(0)
    again = dcmread(stream, force=True)
    with pytest.warns(UserWarning, match=f"Unknown encoding '{UNKNOWN}'"):
        assert again.SpecificCharacterSet == [UNKNOWN] * 9


def test_saving_is_refused_in_strict_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    ds = Dataset()
    ds.SpecificCharacterSet = UNKNOWN
    monkeypatch.setattr(config.settings, "reading_validation_mode", config.RAISE)
    monkeypatch.setattr(config.settings, "writing_validation_mode", config.RAISE)
    with pytest.raises(LookupError, match=f"Unknown encoding '{UNKNOWN}'"):
        ds.save_as(BytesIO(), implicit_vr=False, little_endian=True)
