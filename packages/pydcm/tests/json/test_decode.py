"""Data sets from the DICOM JSON Model."""

import gc
import json

import pytest

from pydcm import Dataset, examples
from pydcm.dataelem import DataElement
from pydcm.dataset import FileMetaDataset
from pydcm.errors import DicomLimitError
from pydcm.jsonrep import JsonDataElementConverter
from pydcm.multival import MultiValue
from pydcm.sequence import Sequence
from pydcm.valuerep import IS, DSfloat, PersonName

NAMES = ["ct", "mr", "palette_color", "rt_dose", "rt_plan", "rt_ss", "waveform", "overlay"]


@pytest.mark.parametrize("name", NAMES)
def test_round_trip(name):
    ds = getattr(examples, name)
    text = ds.to_json()
    for given in (text, text.encode(), bytearray(text.encode()), json.loads(text)):
        assert Dataset.from_json(given) == ds
    assert Dataset.from_json(text).to_json() == text


def test_values_have_the_usual_types():
    ds = Dataset.from_json(
        {
            "00080018": {"vr": "UI", "Value": ["1.2"]},
            "00080008": {"vr": "CS", "Value": ["A", "B"]},
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": "A^B", "Phonetic": "C"}]},
            "00200013": {"vr": "IS", "Value": [5]},
            "00280030": {"vr": "DS", "Value": [0.5, 2]},
            "00280106": {"vr": "US", "Value": [1, 2]},
            "00720026": {"vr": "AT", "Value": ["00100010"]},
            "00081140": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": ["1.3"]}}, None, {}]},
        }
    )
    assert ds.SOPInstanceUID.is_valid
    assert isinstance(ds.ImageType, MultiValue) and ds.ImageType == ["A", "B"]
    assert isinstance(ds.PatientName, PersonName) and ds.PatientName.components == ("A^B", "", "C")
    assert type(ds.InstanceNumber) is IS and type(ds.PixelSpacing[1]) is DSfloat
    assert isinstance(ds[0x00280106].value, MultiValue)
    assert ds[0x00720026].value == 0x00100010
    assert isinstance(ds.ReferencedImageSequence, Sequence) and len(ds.ReferencedImageSequence[2]) == 0
    assert ds.ReferencedImageSequence.parent_dataset is ds


def test_private_elements_know_their_creator():
    ds = Dataset.from_json(
        {"00090010": {"vr": "LO", "Value": ["ACME"]}, "00091001": {"vr": "SH", "Value": ["x"]}}
    )
    assert ds[0x00091001].private_creator == "ACME"
    assert ds.private_block(0x0009, "ACME")[0x01].value == "x"


def test_numbers_may_be_text():
    ds = Dataset.from_json(
        {
            "00200013": {"vr": "IS", "Value": ["12"]},
            "00280030": {"vr": "DS", "Value": ["1.5", "9007199254740993"]},
            "00186020": {"vr": "FD", "Value": ["NaN"]},
        }
    )
    assert ds.InstanceNumber == 12 and ds.PixelSpacing[0] == 1.5
    assert str(ds.PixelSpacing[1]) == "9007199254740993"
    assert ds[0x00186020].value != ds[0x00186020].value


def test_nulls_and_nothing():
    ds = Dataset.from_json(
        {
            "00080008": {"vr": "CS", "Value": ["A", None]},
            "00080050": {"vr": "SH"},
            "00100010": {"vr": "PN", "Value": [None]},
            "00100020": {"vr": "LO", "Value": []},
            "00281050": {"vr": "DS", "Value": [None, 1]},
            "00280010": {"vr": "US"},
            "00081140": {"vr": "SQ"},
        }
    )
    assert ds.ImageType == ["A", ""] and ds.AccessionNumber == "" and ds.PatientID == ""
    assert ds.WindowCenter == [None, 1] and ds.Rows is None and ds.ReferencedImageSequence == []


def test_bulk_data_handlers():
    model = {
        "7FE00010": {"vr": "OW", "BulkDataURI": "u:1"},
        "00081140": {"vr": "SQ", "Value": [{"00091002": {"vr": "OB", "BulkDataURI": ["u:2"]}}]},
    }
    calls = []

    def three(tag, vr, uri):
        calls.append((tag, vr, uri))
        return b"\1\2"

    ds = Dataset.from_json(model, three)
    assert calls == [("7FE00010", "OW", "u:1"), ("00091002", "OB", "u:2")]
    assert ds.PixelData == ds.ReferencedImageSequence[0][0x00091002].value == b"\1\2"
    assert Dataset.from_json(model, lambda uri: uri.encode()).PixelData == b"u:1"
    with pytest.warns(UserWarning, match='No bulk data URI handler .* "7FE00010"'):
        assert Dataset.from_json({"7FE00010": model["7FE00010"]}).PixelData is None


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        ({"00100020": {"Value": ["1"]}}, KeyError, "vr"),
        ({"00081140": {"vr": "SQ", "Value": [{"00100020": {}}]}}, KeyError, "'00081140' must have key 'vr'"),
        (
            {"00100020": {"vr": "LO", "Value": "1"}},
            TypeError,
            "'Value' of data element '00100020' must be a list",
        ),
        ({"00091002": {"vr": "OB", "InlineBinary": 42}}, TypeError, "'InlineBinary' must be str, not int"),
        ({"00091002": {"vr": "OB", "BulkDataURI": []}}, TypeError, "'BulkDataURI' must be str, not list"),
        ({"00091002": {"vr": "OB", "InlineBinary": "A"}}, ValueError, "data characters"),
        ({"0010002G": {"vr": "LO", "Value": ["1"]}}, ValueError, "'0010002G' could not be loaded from JSON"),
        ({"00100020": ["LO"]}, TypeError, "is an object, not a list"),
        ({"00081140": {"vr": "SQ", "Value": ["x"]}}, TypeError, "is an object, not a str"),
        ([], TypeError, "is an object, not a list"),
    ],
)
def test_bad_models(model, error, message):
    for given in (model, json.dumps(model)):
        with pytest.raises(error, match=message):
            Dataset.from_json(given)


def test_odd_values_are_passed_with_a_warning():
    with pytest.warns(UserWarning, match="is not formatted correctly"):
        assert Dataset.from_json({"00100010": {"vr": "PN", "Value": ["A^B"]}}).PatientName == "A^B"
    with pytest.warns(UserWarning, match="Invalid value 'xyz' for AT element"):
        assert Dataset.from_json({"00720026": {"vr": "AT", "Value": ["xyz"]}})[0x00720026].value is None
    with pytest.warns(UserWarning, match="Invalid value for VR CS"):
        assert Dataset.from_json({"00080008": {"vr": "CS", "Value": ["lower"]}}).ImageType == "lower"


def test_unknown_vr_becomes_the_known_one():
    ds = Dataset.from_json({"00185100": {"vr": "UN", "InlineBinary": "SEZTIA=="}})
    assert ds["PatientPosition"].VR == "CS" and ds.PatientPosition == "HFS"


def nested(depth):
    return '{"00081140": {"vr": "SQ", "Value": [' * depth + "{}" + "]}}" * depth


def test_nesting_is_bounded():
    assert Dataset.from_json(nested(100)).to_json() == nested(100).replace(
        '"vr": "SQ", "Value": [', '"Value": ['
    ).replace("]}}", '], "vr": "SQ"}}')
    for depth in (300, 3000, 200_000):
        with pytest.raises(DicomLimitError, match="nested"):
            Dataset.from_json(nested(depth))
    model = {}
    model["00081140"] = {"vr": "SQ", "Value": [model]}
    with pytest.raises(DicomLimitError):
        Dataset.from_json(model)


def test_collector_is_left_as_it_was():
    assert gc.isenabled()
    with pytest.raises(TypeError):
        Dataset.from_json("[]")
    assert gc.isenabled()
    gc.disable()
    try:
        examples.mr.to_json()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_other_classes_of_data_sets():
    class Mine(Dataset):
        pass

    ds = Mine.from_json({"00081140": {"vr": "SQ", "Value": [{}]}})
    assert type(ds) is Mine and type(ds.ReferencedImageSequence[0]) is Mine
    meta = FileMetaDataset.from_json({"00020010": {"vr": "UI", "Value": ["1.2.840.10008.1.2"]}})
    assert type(meta) is FileMetaDataset and meta.TransferSyntaxUID.is_implicit_VR
    with pytest.raises(ValueError, match="group 2"):
        FileMetaDataset.from_json({"00100020": {"vr": "LO", "Value": ["1"]}})


def test_converter():
    def convert(vr, value, key="Value"):
        return JsonDataElementConverter(Dataset, "00100010", vr, value, key).get_element_values()

    assert convert("PN", [{"Alphabetic": "A", "Ideographic": "B"}]) == "A=B"
    assert convert("IS", [1, 2]) == [1, 2]
    assert convert("IS", [1.5]) == 1.5
    assert convert("OB", "AAE=", "InlineBinary") == b"\0\1"
    assert convert("LO", [""], None) == ""
    with pytest.raises(ValueError, match="Unknown attribute name 'Other'"):
        convert("LO", ["x"], "Other")
    assert DataElement.from_json(Dataset, "00100020", "LO", ["1"], "Value").value == "1"
