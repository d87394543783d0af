"""The converters in Python: every VR, options, tolerance, and hostile bytes."""

import logging
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import config, valuerep, values
from pydcm.dataelem import RawDataElement
from pydcm.errors import BytesLengthException, DicomError
from pydcm.multival import MultiValue
from pydcm.tag import BaseTag
from pydcm.uid import UID


def convert(vr, value, little_endian=True, encodings=None):
    raw = RawDataElement(BaseTag(0x00091001), vr, len(value), value, 0, False, little_endian)
    return values.convert_value(vr, raw, encodings)


@pytest.fixture
def strict():
    with config.strict_reading():
        yield


@pytest.mark.parametrize(
    ("vr", "value", "expected"),
    [
        ("AE", b" A \\B ", ["A", "B"]),
        ("AE", b" A ", "A"),
        ("AS", b"012Y", "012Y"),
        ("AT", b"\x10\x00\x20\x00", 0x00100020),
        ("AT", b"\x10\x00\x20\x00\x08\x00\x05\x00", [0x00100020, 0x00080005]),
        ("CS", b" A\\B ", [" A", "B"]),
        ("DA", b"20240229", "20240229"),
        ("DS", b" 1.5\\-2 ", [1.5, -2.0]),
        ("DT", b"20240229\\2023", ["20240229", "2023"]),
        ("FD", pack("<2d", 0.5, -1.0), [0.5, -1.0]),
        ("FL", pack("<f", 0.5), 0.5),
        ("IS", b"1\\-2 ", [1, -2]),
        ("LO", b"a \\ b\0", ["a", " b"]),
        ("LT", b"a\\b ", "a\\b"),
        ("OB", b"\x01\x02", b"\x01\x02"),
        ("OV", bytes(8), bytes(8)),
        ("OW", b"\x01\x02", b"\x01\x02"),
        ("PN", b"A^B\\C ", ["A^B", "C"]),
        ("SL", pack("<l", -2), -2),
        ("SS", pack("<2h", -2, 3), [-2, 3]),
        ("SV", pack("<q", -(2**60)), -(2**60)),
        ("TM", b"1200 ", "1200"),
        ("UC", b"a\\b", ["a", "b"]),
        ("UI", b"1.2\\3.4\0", ["1.2", "3.4"]),
        ("UL", pack("<L", 2**32 - 1), 2**32 - 1),
        ("UN", b"\x01", b"\x01"),
        ("UR", b" http://a ", " http://a"),
        ("US", pack("<H", 7), 7),
        ("UT", b"a\\b\0", "a\\b"),
        ("UV", pack("<Q", 2**64 - 1), 2**64 - 1),
        ("US or SS", b"\x01\x02", b"\x01\x02"),
    ],
)
def test_every_vr(vr, value, expected):
    result = convert(vr, value)
    assert result == expected
    assert isinstance(result, list | MultiValue) is isinstance(expected, list)


@pytest.mark.parametrize(("form", "vr"), [("h", "SS"), ("H", "US"), ("l", "SL"), ("Q", "UV"), ("d", "FD")])
def test_byte_order(form, vr):
    assert convert(vr, pack(f">2{form}", 1, 2), little_endian=False) == [1, 2]


def test_all_vrs_have_a_converter():
    assert set(values.converters) == set(valuerep.VR)
    assert set(values.convert_retry_VR_order) <= set(values.converters)


def test_types():
    assert type(convert("UI", b"1.2")) is UID
    assert type(convert("DS", b"1.2")) is valuerep.DSfloat
    assert type(convert("IS", b"1")) is valuerep.IS
    assert type(convert("PN", b"A")) is valuerep.PersonName
    assert type(convert("US", b"\1\0\2\0")) is list


@pytest.mark.parametrize("vr", ["US", "LO", "SQ", "PN", "UI", "OB"])
def test_no_bytes(vr):
    from pydcm.dataelem import empty_value_for_VR

    assert convert(vr, b"") == empty_value_for_VR(vr)
    assert values.convert_numbers(b"", True, "H") == ""


@pytest.mark.parametrize(("vr", "shown"), [("ZZ", "ZZ"), ("\x01A", "0x01 0x41"), ("A ", "0x41 0x20")])
def test_unknown_vr(vr, shown):
    with pytest.raises(NotImplementedError, match=f"Unknown Value Representation '{shown}'"):
        convert(vr, b"ab")


def test_length_that_does_not_fit():
    with pytest.raises(
        BytesLengthException, match=r"Instead received b'abc' with length 3 .* bytes per value of 2"
    ):
        convert("US", b"abc")
    with pytest.raises(BytesLengthException, match="Instead received bytes with length 257"):
        convert("US", bytes(257))


class TestTags:
    def test_offset(self):
        assert values.convert_tag(b"..\x00\x10\x00\x20", False, 2) == 0x00100020

    @pytest.mark.parametrize(("data", "offset"), [(b"abc", 0), (b"abcd", 1), (b"abcd", 9)])
    def test_too_short(self, data, offset):
        with pytest.raises(ValueError, match="at least 4 bytes"):
            values.convert_tag(data, True, offset)

    def test_rest_is_left_out(self, caplog):
        assert convert("AT", b"\x10\x00\x20\x00\x10") == [0x00100020]
        assert "multiple of 4 for VR 'AT', got length 5" in caplog.text


class TestDates:
    @pytest.fixture(autouse=True)
    def _convert(self, monkeypatch):
        monkeypatch.setattr(config, "datetime_conversion", True)

    def test_conversion(self):
        assert type(convert("DA", b"20240229")) is valuerep.DA
        assert type(convert("DT", b"20240229\\2023")[1]) is valuerep.DT
        assert convert("TM", b"1200 ") == valuerep.TM("1200")

    def test_odd_lengths_are_noted(self, caplog):
        with caplog.at_level(logging.WARNING, "pydicom"):
            convert("TM", b"1\\12")
            convert("DT", b"123")
        assert caplog.messages[:2] == [
            "Expected length between 2 and 16, got length 1",
            "Expected length between 4 and 26, got length 3",
        ]


class TestNumpy:
    @pytest.fixture(autouse=True)
    def _numpy(self, monkeypatch):
        self.numpy = pytest.importorskip("numpy")
        monkeypatch.setattr(config, "use_DS_numpy", True)
        monkeypatch.setattr(config, "use_IS_numpy", True)

    @pytest.mark.parametrize(("vr", "dtype"), [("DS", "float64"), ("IS", "int64")])
    def test_arrays(self, vr, dtype):
        several = convert(vr, b"1\\ -2 ")
        assert (several.dtype, several.shape, several.tolist()) == (dtype, (2,), [1, -2])
        one = convert(vr, b"3 ")
        assert (type(one), one) == (getattr(self.numpy, dtype), 3)

    @pytest.mark.usefixtures("strict")
    def test_characters_that_numpy_would_stop_at(self):
        with pytest.raises(ValueError, match=r"DS: char.s. not in repertoire: ',x'"):
            convert("DS", b"1,2x")
        with pytest.raises(ValueError, match=r"IS: char.s. not in repertoire: 'e'"):
            convert("IS", b"1e2")


class TestFallBack:
    """Values that their own converter refuses."""

    def test_another_vr(self, caplog):
        with caplog.at_level(logging.DEBUG, "pydicom"):
            assert convert("DS", b"a\\b") == ["a", "b"]
        assert "Unable to convert tag (0009,1001) with VR DS" in caplog.text

    @pytest.mark.usefixtures("strict")
    def test_strict(self):
        with pytest.raises(ValueError):
            convert("DS", b"a\\b")

    def test_bytes_if_nothing_fits(self, monkeypatch):
        def refuse(*args):
            raise ValueError

        monkeypatch.setitem(values.converters, "DS", refuse)
        monkeypatch.setattr(values, "convert_retry_VR_order", ["DS", "IS", "US"])
        monkeypatch.setitem(values.converters, "IS", refuse)
        assert convert("DS", b"abc") == b"abc"

    @pytest.mark.usefixtures("strict")
    def test_text_is_validated(self):
        with pytest.raises(ValueError, match="exceeds the maximum length"):
            convert("SH", b"x" * 17)
        assert values.convert_text(b"x" * 17) == "x" * 17


def test_character_sets():
    assert convert("LO", b"\xe4\\\xf6", encodings="latin_1") == ["ä", "ö"]
    name = convert("PN", b"Yamada^Tarou=\x1b$B;3ED\x1b(B", encodings=["latin_1", "iso2022_jp"])
    assert name == "Yamada^Tarou=山田"
    assert name.original_string


def test_sequence():
    item = b"\xfe\xff\x00\xe0\x0c\0\0\0" + b"\x10\x00\x10\x00PN\x04\x00A^B "
    sequence = values.convert_SQ(item, False, True)
    assert [ds.PatientName for ds in sequence] == ["A^B"]
    assert convert("SQ", item) == sequence


@pytest.mark.filterwarnings("ignore")
@given(st.sampled_from(sorted(values.converters)), st.binary(max_size=40), st.booleans())
def test_hostile_bytes(vr, value, little_endian):
    try:
        convert(vr, value, little_endian)
    except DicomError:
        pass
