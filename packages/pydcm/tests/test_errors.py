"""Exceptions: what they say, what they carry, and that they survive pickling."""

import pickle
from pathlib import Path

import pytest

import pydcm
from pydcm.errors import (
    BytesLengthException,
    DicomError,
    DicomLimitError,
    InvalidDicomError,
    MissingPluginError,
    PluginLoadError,
)


def test_a_plain_error_is_just_its_message():
    error = DicomError("broken")
    assert str(error) == "broken"
    assert error.args == ("broken",)
    assert (error.file, error.offset, error.tag_path, error.location) == (None, None, None, "")


def test_the_place_is_appended():
    error = DicomError("broken", file="a.dcm", offset=500, tag_path=[0x00081140, "item 3", 0x00080008])
    assert str(error) == "broken [offset 0x1F4 in a.dcm, at (0008,1140) > item 3 > (0008,0008)]"
    assert error.offset == 500


@pytest.mark.parametrize(
    ("place", "location"),
    [
        ({"file": "a.dcm"}, "file a.dcm"),
        ({"offset": 0}, "offset 0x0"),
        ({"tag_path": "(0010,0010)"}, "at (0010,0010)"),
    ],
)
def test_a_part_of_the_place_is_enough(place, location):
    assert DicomError(**place).location == location
    assert str(DicomError(**place)) == location


def test_invalid_dicom_has_a_message_of_its_own():
    assert str(InvalidDicomError()) == "The specified file is not a valid DICOM file."
    assert str(InvalidDicomError("why", offset=16)) == "why [offset 0x10]"


def test_every_content_error_is_a_dicom_error_but_no_value_error():
    for kind in (InvalidDicomError, BytesLengthException, DicomLimitError, PluginLoadError):
        assert issubclass(kind, DicomError)
        # A ValueError would make the value converters try another VR
        assert not issubclass(kind, ValueError)


def test_a_limit_names_the_constant_to_raise():
    error = DicomLimitError("too deep", limit="MAX_DEPTH", offset=1)
    assert "raise pydcm.limits.MAX_DEPTH" in str(error)
    assert str(DicomLimitError("too deep")) == "too deep"


def test_missing_plugin_has_one_remedy():
    error = MissingPluginError("pydcm-seg", feature="pydcm.seg")
    assert isinstance(error, ImportError)
    assert (error.distribution, error.extra, error.remedy) == ("pydcm-seg", "seg", 'pip install "pydcm[seg]"')
    assert str(error).startswith("pydcm.seg needs the distribution 'pydcm-seg'")
    assert str(error).count("pip install") == 1


def test_a_plugin_that_is_too_old():
    error = MissingPluginError("pydcm-wsi", feature="pydcm.ann", installed="1.0.0")
    assert error.remedy == 'pip install --upgrade "pydcm[wsi]"'
    assert "is not part of the installed 'pydcm-wsi' 1.0.0" in str(error)


def test_missing_distribution_outside_of_the_extras():
    assert MissingPluginError("pylibjpeg-libjpeg", "").remedy == "pip install pylibjpeg-libjpeg"


def test_a_broken_plugin_shows_its_entry_point():
    error = PluginLoadError("cannot be loaded", entry_point="pydcm.decoders: 1.2 = x:y")
    assert str(error) == "cannot be loaded (entry point: pydcm.decoders: 1.2 = x:y)"
    assert str(PluginLoadError("cannot be loaded")) == "cannot be loaded"


@pytest.mark.parametrize(
    "error",
    [
        DicomError("a", file="f", offset=3, tag_path="x"),
        DicomLimitError("a", limit="MAX_ITEMS", file="f"),
        MissingPluginError("pydcm-rt", feature="pydcm.rt"),
        MissingPluginError("other", ""),
        MissingPluginError("pydcm-wsi", feature="pydcm.ann", installed="1.0.0"),
        PluginLoadError("a", entry_point="b"),
    ],
)
def test_errors_cross_process_borders(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert copy.__dict__ == error.__dict__


@pytest.mark.parametrize("how", [str, Path, lambda path: path.open("rb")], ids=["str", "Path", "stream"])
def test_what_cannot_be_read_is_named(how, tmp_path):
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear colleague, " * 20)
    with pytest.raises(InvalidDicomError) as caught:
        pydcm.dcmread(how(path))
    assert caught.value.file == str(path)
    assert str(path) in str(caught.value)
