"""Elements repaired while they are read."""

from io import BytesIO

import pytest

from pydcm import config
from pydcm.dataelem import RawDataElement
from pydcm.dataset import Dataset
from pydcm.filereader import read_dataset
from pydcm.tag import BaseTag
from pydcm.util import fixer


@pytest.fixture(autouse=True)
def _reset():
    yield
    config.reset_data_element_callback()


def raw(vr, value, tag=0x00280030):
    return RawDataElement(BaseTag(tag), vr, len(value or b""), value, 0, vr is None, True)


class TestSeparator:
    OPTIONS = {"invalid_separator": b",", "for_VRs": ("DS",), "process_unknown_VRs": False}

    def fix(self, elem, **options):
        return fixer.fix_separator_callback(elem, **{**self.OPTIONS, **options}).value

    def test_by_vr(self):
        assert self.fix(raw("DS", b"1,2 ")) == b"1\\2 "
        assert self.fix(raw("LO", b"1,2 ")) == b"1,2 "
        assert self.fix(raw(None, b"1,2 ")) == b"1\\2 "
        assert self.fix(raw("DS", None)) is None

    def test_unknown_vr(self):
        unknown = raw(None, b"1,2 ", 0x00091001)
        assert self.fix(unknown) == b"1,2 "
        assert self.fix(unknown, process_unknown_VRs=True) == b"1\\2 "

    def test_padding_is_no_separator(self):
        assert self.fix(raw("DS", b"1 2 "), invalid_separator=b" ") == b"1\\2 "

    def test_reading(self):
        fixer.fix_separator(b",", for_VRs=("DS",))
        data = b"\x28\x00\x30\x00\x04\0\0\0" + b"1,2 "
        assert read_dataset(BytesIO(data), True, True).PixelSpacing == [1, 2]


class TestMismatch:
    def test_another_vr(self):
        with config.strict_reading():
            fix = fixer.fix_mismatch_callback
            assert fix(raw("DS", b"abc"), with_VRs=("IS", "LO")).VR == "LO"
            assert fix(raw("DS", b"abc"), with_VRs=("IS",)).VR == "DS"
            assert fix(raw("DS", b"1"), with_VRs=("LO",)).VR == "DS"
            assert fix(raw(None, b"abc"), with_VRs=("LO",)).VR is None

    def test_reading(self):
        fixer.fix_mismatch(with_VRs=("LO",))
        data = b"\x28\x00\x30\x00DS\x04\x00abc "
        with config.strict_reading():
            ds = read_dataset(BytesIO(data), False, True)
            assert isinstance(ds, Dataset)
            assert ds[0x00280030].VR == "LO"
            assert ds.PixelSpacing == "abc"
