"""Data sets to the DICOM JSON Model."""

import json
import logging
from io import BytesIO

import pytest

from pydcm import Dataset, config, dcmread, examples
from pydcm.dataelem import DataElement, RawDataElement
from pydcm.errors import DicomLimitError
from pydcm.jsonrep import convert_to_python_number, element_to_json_dict
from pydcm.tag import Tag

NAMES = [
    "ct",
    "mr",
    "no_meta",
    "palette_color",
    "rt_dose",
    "rt_plan",
    "rt_ss",
    "waveform",
    "overlay",
    "dicomdir",
]


def slowly(ds):
    """What the element-wise conversion, which knows all exceptions, makes of a data set."""
    return {
        f"{tag:08X}": {"vr": "SQ", "Value": [slowly(item) for item in ds[tag].value]}
        if ds[tag].VR == "SQ"
        else element_to_json_dict(ds[tag], None, 1024)
        for tag in sorted(ds.keys())
    }


@pytest.mark.parametrize("name", NAMES)
def test_fast_ways_agree_with_the_complete_one(name):
    expected = json.dumps(slowly(getattr(examples, name)), sort_keys=True)
    untouched, touched = getattr(examples, name), getattr(examples, name)
    list(touched.iterall())
    for ds in (untouched, touched):
        assert ds.to_json() == expected
        assert json.dumps(ds.to_json_dict(), sort_keys=True) == expected
    assert json.loads(untouched.to_json()) == touched.to_json_dict()


def read_back(ds, **options):
    """Return `ds` as read from a file, so that its values are still bytes."""
    stream = BytesIO()
    ds.save_as(stream, implicit_vr=False, little_endian=True)
    return dcmread(BytesIO(stream.getvalue()), force=True)


def element(vr, value, tag=0x00091001):
    ds = Dataset()
    ds.add_new(0x00090010, "LO", "TEST")
    ds.add_new(tag, vr, value)
    return ds, f"{tag:08X}"


@pytest.mark.parametrize(
    ("vr", "value", "expected"),
    [
        ("CS", ["A", "B"], ["A", "B"]),
        ("LO", 'quote " and \ttab', ['quote " and \ttab']),
        ("UT", "back\\slash", ["back\\slash"]),
        ("UI", ["1.2", "1.3"], ["1.2", "1.3"]),
        ("DS", ["1.50", "-2e3"], [1.5, -2000.0]),
        ("DS", "9007199254740993", ["9007199254740993"]),
        ("DS", "9007199254740992", [9007199254740992.0]),
        ("DS", ["1E-400", "1e-99", "1E+100"], ["1E-400", 1e-99, 1e100]),
        ("IS", ["7", "+8", "-9"], [7, 8, -9]),
        ("US", [0, 65535], [0, 65535]),
        ("SS", [-1, 5], [-1, 5]),
        ("UL", 2**32 - 1, [2**32 - 1]),
        ("SV", -(2**63), [-(2**63)]),
        ("UV", 2**64 - 1, [2**64 - 1]),
        ("FD", [0.1, -1e300], [0.1, -1e300]),
        ("FL", 0.5, [0.5]),
        ("AT", [0x00100010, 0x7FE00010], ["00100010", "7FE00010"]),
        ("PN", "A^B=I^J=P^Q", [{"Alphabetic": "A^B", "Ideographic": "I^J", "Phonetic": "P^Q"}]),
        (
            "PN",
            ["A^B", "==P"],
            [{"Alphabetic": "A^B"}, {"Alphabetic": "", "Ideographic": "", "Phonetic": "P"}],
        ),
        ("AE", "HERE", ["HERE"]),
        ("UR", "https://example.com/a?b", ["https://example.com/a?b"]),
    ],
)
def test_values(vr, value, expected):
    ds, tag = element(vr, value)
    for candidate in (ds, read_back(ds)):
        for model in (candidate.to_json_dict(), json.loads(candidate.to_json())):
            assert model[tag]["Value"] == expected
            assert all(isinstance(v, type(e)) for v, e in zip(model[tag]["Value"], expected, strict=True))


@pytest.mark.parametrize("vr", ["LO", "DS", "IS", "PN", "US", "FD", "OB", "UN", "AT", "UI"])
def test_empty_values_are_left_out(vr):
    ds, tag = element(vr, None if vr in ("US", "FD", "AT", "OB", "UN") else "")
    for candidate in (ds, read_back(ds)):
        assert candidate.to_json_dict()[tag] == {"vr": vr}
        assert json.loads(candidate.to_json())[tag] == {"vr": vr}


def test_empty_sequence_keeps_its_list():
    ds, tag = element("SQ", [])
    assert ds.to_json_dict()[tag] == {"vr": "SQ", "Value": []}
    assert f'"{tag}": {{"Value": [], "vr": "SQ"}}' in read_back(ds).to_json()


def test_blank_number_among_others_is_null():
    ds = Dataset()
    ds[0x00281050] = RawDataElement(Tag(0x00281050), "DS", 4, b"1\\ \\2 ", 0, False, True)
    assert ds.to_json_dict()["00281050"]["Value"] == [1.0, None, 2.0]
    assert json.loads(ds.to_json())["00281050"]["Value"] == [1.0, None, 2.0]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_not_a_number(value):
    ds, tag = element("FD", [1.0, value])
    expected = json.dumps({"v": value})[6:-1]
    assert f"[1.0, {expected}]" in ds.to_json() and ds.to_json() == read_back(ds).to_json()
    back = Dataset.from_json(ds.to_json())[tag].value[1]
    assert back == value or (back != back and value != value)


def test_text_in_any_script():
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientName = "Yamada^Tarou=\u5c71\u7530^\u592a\u90ce"
    ds.PatientComments = "\U0001f642 \x7f"
    text = ds.to_json()
    assert text.isascii() and text == read_back(ds).to_json() == json.dumps(ds.to_json_dict(), sort_keys=True)
    assert Dataset.from_json(text) == ds


def test_bulk_data_goes_to_the_handler():
    ds = examples.mr
    asked = []

    def handler(elem):
        asked.append(elem.tag)
        return f"https://example.com/{elem.tag:08X}"

    for model in (
        ds.to_json_dict(bulk_data_element_handler=handler),
        json.loads(ds.to_json(bulk_data_element_handler=handler)),
    ):
        assert model["7FE00010"] == {"vr": "OW", "BulkDataURI": "https://example.com/7FE00010"}
    assert asked == [0x7FE00010] * 2
    small, tag = element("OB", b"\1\2")
    assert small.to_json_dict(bulk_data_threshold=1, bulk_data_element_handler=handler)[tag]["BulkDataURI"]
    assert small.to_json_dict(bulk_data_element_handler=handler)[tag] == {"vr": "OB", "InlineBinary": "AQI="}


@pytest.mark.parametrize("length", range(8))
def test_base64(length):
    import base64

    content = bytes(range(250, 250 + length)) if length < 6 else b"\0" * length
    ds, tag = element("OB", content)
    stored = content + b"\0" * (length % 2)
    expected = {"vr": "OB"} | ({"InlineBinary": base64.b64encode(content).decode()} if content else {})
    assert ds.to_json_dict()[tag] == expected
    if content:
        model = json.loads(read_back(ds).to_json())
        assert model[tag]["InlineBinary"] == base64.b64encode(stored).decode()


def test_buffered_value():
    ds = Dataset()
    ds.add_new(0x7FE00010, "OB", BytesIO(b"\1\2\3\4"))
    assert ds.to_json_dict()["7FE00010"]["InlineBinary"] == "AQIDBA=="
    assert ds.PixelData.tell() == 0


def test_bad_element_is_reported_or_left_out(caplog):
    ds = Dataset()
    ds.PatientID = "1"
    ds[0x00082128] = RawDataElement(Tag(0x00082128), "IS", 4, b"5.25", 0, True, True)
    with caplog.at_level(logging.WARNING, logger="pydicom"):
        model = ds.to_json_dict(suppress_invalid_tags=True)
    assert list(model) == ["00100020"]
    assert "Error while processing tag 00082128" in caplog.text
    assert json.loads(ds.to_json(suppress_invalid_tags=True)) == model


def test_error_names_the_tag(caplog):
    ds = Dataset()
    ds[0x00280010] = RawDataElement(Tag(0x00280010), "US", 3, b"\1\2\3", 0, True, True)
    for convert in (ds.to_json, ds.to_json_dict):
        caplog.clear()
        with pytest.raises(Exception), caplog.at_level(logging.ERROR, logger="pydicom"):  # noqa: B017
            convert()
        assert "Error while processing tag 00280010" in caplog.text


def test_own_classes_convert_themselves(monkeypatch):
    class Terse(Dataset):
        def to_json_dict(self, *args, **kwargs):
            return {"00100020": {"vr": "LO", "Value": ["terse"]}}

    ds = Dataset()
    ds.OtherPatientIDsSequence = [Terse()]
    assert '"terse"' in ds.to_json()
    assert ds.to_json_dict()["00101002"]["Value"] == [Terse().to_json_dict()]
    assert '"terse"' in Terse().to_json()

    monkeypatch.setattr(DataElement, "to_json_dict", lambda self, *args, **kwargs: {"vr": "XX"})
    ds = Dataset()
    ds.PatientID = "1"
    assert ds.to_json() == '{"00100020": {"vr": "XX"}}'


def test_dump_handler():
    ds = Dataset()
    ds.PatientID = "1"
    assert ds.to_json(dump_handler=lambda model: model) == ds.to_json_dict()
    assert ds["PatientID"].to_json(dump_handler=lambda model: model) == {"vr": "LO", "Value": ["1"]}


def test_sequence_in_itself():
    ds = Dataset()
    ds.OtherPatientIDsSequence = [ds]
    for convert in (ds.to_json, ds.to_json_dict):
        with pytest.raises((DicomLimitError, RecursionError)):
            convert()


def test_decimal_values(monkeypatch):
    monkeypatch.setattr(config, "use_DS_decimal", True)
    ds = Dataset()
    ds.add_new(0x00281050, "DS", ["1.25", "12345678901234.5"])
    assert ds.to_json_dict()["00281050"]["Value"] == [1.25, 12345678901234.5]


def test_plain_numbers():
    assert convert_to_python_number(["1", None], "IS") == [1, None]
    assert convert_to_python_number("1.5", "DS") == 1.5
    assert convert_to_python_number(["x"], "LO") == ["x"]
    assert convert_to_python_number(None, "US") is None
