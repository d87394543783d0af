"""The data dictionary: what it says, what can be added, and that only what is used gets built."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import _dictionaries, datadict
from pydcm.tag import BaseTag


@pytest.fixture
def scratch_dictionary() -> Iterator[None]:
    """Undo what a test adds to the standard and private dictionaries."""
    elements, keywords = dict(datadict.DicomDictionary), dict(datadict.keyword_dict)
    private = copy.deepcopy(datadict.private_dictionaries)
    yield
    for kept, now in (
        (elements, datadict.DicomDictionary),
        (keywords, datadict.keyword_dict),
        (private, datadict.private_dictionaries),
    ):
        now.clear()
        now.update(kept)
    _dictionaries.vr_changes.clear()


def test_an_entry() -> None:
    entry = ("PN", "1", "Patient's Name", "", "PatientName")
    for tag in (0x00100010, (0x0010, 0x0010), "PatientName", "00100010", BaseTag(0x00100010)):
        assert datadict.get_entry(tag) == entry
    assert datadict.dictionary_VR(0x00100010) == "PN"
    assert datadict.dictionary_VM(0x00080008) == "2-n"
    assert datadict.dictionary_description("Rows") == "Rows"
    assert datadict.dictionary_keyword(0x7FE00010) == "PixelData"
    assert datadict.tag_for_keyword("PixelData") == 0x7FE00010
    assert datadict.dictionary_is_retired(0x00080040)
    assert not datadict.dictionary_is_retired(0x00080060)


def test_what_depends_on_other_elements() -> None:
    assert datadict.dictionary_VR("PixelData") == "OB or OW"
    assert datadict.dictionary_VR("SmallestImagePixelValue") == "US or SS"
    assert datadict.dictionary_VR("LUTData") == "US or OW"


@pytest.mark.parametrize("tag", [0x00090010, 0x00100012, 0x99990000, 0x50F10010])
def test_unknown_tags(tag: int) -> None:
    message = rf"Tag \({tag >> 16:04X},{tag & 0xFFFF:04X}\) not found in DICOM dictionary"
    for look_up in (
        datadict.get_entry,
        datadict.dictionary_VR,
        datadict._dictionary_vr_fast,
        datadict.dictionary_is_retired,
    ):
        with pytest.raises(KeyError, match=message):
            look_up(tag)
    assert datadict.keyword_for_tag(tag) == ""
    assert not datadict.dictionary_has_tag(tag)
    assert datadict.tag_for_keyword("NoSuchKeyword") is None


class TestRepeaters:
    @pytest.mark.parametrize(
        ("tag", "masked", "keyword"),
        [
            (0x60000010, "60xx0010", "OverlayRows"),
            (0x601E3000, "60xx3000", "OverlayData"),
            (0x50FE0005, "50xx0005", "CurveDimensions"),
            (0x002031FF, "002031xx", "SourceImageIDs"),
            (0x00280410, "002804x0", "RowsForNthOrderCoefficients"),
            (0x00280840, "002808x0", "CodeLabel"),
            (0x10001231, "1000xxx1", "RunLengthTriplet"),
            (0x1010ABCD, "1010xxxx", "ZonalMap"),
            (0x7F040010, "7Fxx0010", "VariablePixelData"),
        ],
    )
    def test_entry(self, tag: int, masked: str, keyword: str) -> None:
        assert datadict.mask_match(tag) == masked
        assert datadict.dictionary_keyword(tag) == keyword
        assert datadict.repeater_has_tag(tag)
        assert datadict.repeater_has_keyword(keyword)
        assert datadict._dictionary_vr_fast(tag) == datadict.RepeatersDictionary[masked][0]
        assert keyword in datadict.REPEATER_KEYWORDS

    def test_the_dictionary_proper_comes_first(self) -> None:
        assert datadict.mask_match(0x00280400) == "002804x0"
        assert datadict.dictionary_keyword(0x00280400) == "TransformLabel"
        assert datadict.mask_match(0x7FE00010) == "7Fxx0010"
        assert datadict.dictionary_keyword(0x7FE00010) == "PixelData"

    @given(st.integers(0, 0xFFFFFFFF))
    def test_masks_find_what_trying_each_one_finds(self, tag: int) -> None:
        tried = [name for name, (value, mask) in datadict.masks.items() if (tag ^ value) & mask == 0]
        assert datadict.mask_match(tag) == (tried[0] if tried else None)

    def test_not_private(self) -> None:
        with pytest.raises(KeyError):
            datadict.get_entry(0x60010010)


@pytest.mark.usefixtures("scratch_dictionary")
class TestAdditions:
    def test_an_element(self) -> None:
        datadict.add_dict_entry(0x10021001, "UL", "TestOne", "Test One")
        assert datadict.get_entry("TestOne") == ("UL", "1", "Test One", "", "TestOne")
        assert datadict.tag_for_keyword("TestOne") == 0x10021001
        assert _dictionaries.vr_changes == {0x10021001: "UL"}

    def test_a_replaced_element(self) -> None:
        datadict.add_dict_entry(0x00100010, "LO", "PatientName", "Name", "1-n", "Retired")
        assert datadict.dictionary_is_retired("PatientName")
        assert _dictionaries.vr_changes == {0x00100010: "LO"}

    def test_private_tags_are_refused_and_nothing_is_added(self) -> None:
        new = {0x10021001: ("UL", "1", "A", "", "AAA"), 0x10011001: ("UL", "1", "B", "", "BBB")}
        with pytest.raises(ValueError, match="Private tags cannot be added"):
            datadict.add_dict_entries(new)
        assert not datadict.dictionary_has_tag(0x10021001)

    @pytest.mark.parametrize("group", [0x1001, 0x6001])
    def test_a_private_element(self, group: int) -> None:
        datadict.add_private_dict_entry("ACME 3.1", group << 16 | 0x1101, "DS", "Test One", "3")
        for block in (0x10, 0x11, 0xFF):
            tag = group << 16 | block << 8 | 1
            assert datadict.get_private_entry(tag, "ACME 3.1") == ("DS", "3", "Test One", "")
            assert datadict.private_dictionary_VR(tag, "ACME 3.1") == "DS"
            assert datadict.private_dictionary_VM(tag, "ACME 3.1") == "3"
            assert datadict.private_dictionary_description(tag, "ACME 3.1") == "Test One"
        assert "ACME 3.1" in datadict.private_dictionaries

    def test_standard_tags_are_refused_as_private(self) -> None:
        with pytest.raises(ValueError, match="Non-private tags cannot be added"):
            datadict.add_private_dict_entry("ACME 3.1", 0x10021001, "DS", "Test")

    def test_every_change_of_the_dictionary_is_noted(self) -> None:
        elements, noted = datadict.DicomDictionary, _dictionaries.vr_changes
        entry = ("UL", "1", "A", "", "AAA")
        elements[0x10020001] = entry
        elements.update(
            {0x10020002: entry},
        )
        elements |= {0x10020003: entry}
        assert elements.setdefault(0x10020004, entry) == entry
        assert elements.setdefault(0x00100010, entry)[0] == "PN"
        assert noted == dict.fromkeys(range(0x10020001, 0x10020005), "UL")
        del elements[0x10020001]
        assert elements.pop(0x10020002) == entry
        assert elements.pop(0x10020002, None) is None
        with pytest.raises(KeyError):
            elements.pop(0x10020002)
        assert elements.popitem() == (0x10020004, entry)
        assert [tag for tag, vr in noted.items() if vr is None] == [0x10020001, 0x10020002, 0x10020004]
        elements.clear()
        assert noted[0x00100010] is None

    def test_a_copy_changes_nothing(self) -> None:
        for other in (
            copy.deepcopy(datadict.DicomDictionary),
            pickle.loads(pickle.dumps(datadict.DicomDictionary)),
        ):
            assert type(other) is dict
            other[0x10020001] = ("UL", "1", "A", "", "AAA")
        assert not _dictionaries.vr_changes


class TestPrivateDictionary:
    def test_blocks(self) -> None:
        for tag in (0x00291010, 0x00291110, 0x0029FF10):
            assert (
                datadict.private_dictionary_description(tag, "SIEMENS CSA HEADER") == "CSA Image Header Info"
            )
        assert datadict.get_private_entry((0x0903, 0x1011), "GEIIS PACS")[2] == "Significant Flag"

    @pytest.mark.parametrize(
        ("creator", "message"),
        [("Nobody", "Private creator 'Nobody' not in"), ("GEIIS PACS", r"Tag '\(0903,0091\)' not in")],
    )
    def test_unknown(self, creator: str, message: str) -> None:
        with pytest.raises(KeyError, match=message):
            datadict.get_private_entry(0x09030091, creator)

    def test_a_creator_that_is_no_string(self) -> None:
        with pytest.warns(UserWarning, match="is not a valid private creator"), pytest.raises(KeyError):
            datadict.get_private_entry(0x09030091, ["A", "B"])  # type: ignore[arg-type]

    def test_one_creator_alone_is_as_in_the_whole(self) -> None:
        alone = _dictionaries._parse_block(_packed_private()["GEMS_PARM_01"])
        assert datadict.private_dictionaries["GEMS_PARM_01"] == alone
        assert len(alone) > 50


def _packed_private() -> dict[str, str]:
    from pydcm._tables.private import PRIVATE

    return PRIVATE


def test_names_of_pydicoms_own_modules() -> None:
    from pydcm import _dicom_dict, _private_dict, _uid_dict, uid

    assert _dicom_dict.DicomDictionary is datadict.DicomDictionary
    assert _dicom_dict.RepeatersDictionary is datadict.RepeatersDictionary
    assert _private_dict.private_dictionaries is datadict.private_dictionaries
    assert _uid_dict.UID_dictionary is uid.UID_dictionary
    for module in (_dicom_dict, _private_dict, _uid_dict, datadict, uid):
        with pytest.raises(AttributeError, match="no_such_name"):
            module.no_such_name
    assert {"DicomDictionary", "masks"} <= set(dir(datadict))


def test_only_what_is_used_is_built() -> None:
    program = """
import sys
import pydcm.datadict as d, pydcm.uid
loaded = lambda: sorted(m.rpartition('.')[2] for m in sys.modules if m.startswith('pydcm._tables.'))
assert loaded() == ['named_uids'], loaded()
d.tag_for_keyword('PatientName')
assert loaded() == ['elements', 'named_uids'], loaded()
d.get_private_entry(0x09031011, 'GEIIS PACS')
assert 'DicomDictionary' not in vars(d) and 'private_dictionaries' not in vars(d)
assert d._dictionaries._elements is None and d._dictionaries._private is None
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.usefixtures("scratch_dictionary")
def test_a_replaced_vr_holds_for_files_read_and_written_afterwards() -> None:
    from io import BytesIO

    from pydcm import Dataset, dcmread

    ds = Dataset()
    ds.PatientID, ds.InstanceNumber = "12", 3
    implicit, explicit = BytesIO(), BytesIO()
    ds.save_as(implicit, implicit_vr=True, little_endian=True)
    datadict.add_dict_entry(0x00200013, "LO", "InstanceNumber", "Instance Number")
    again = dcmread(BytesIO(implicit.getvalue()), force=True)
    again.save_as(explicit, implicit_vr=False, little_endian=True)
    assert explicit.getvalue().endswith(b"\x20\x00\x13\x00LO\x02\x003 ")
    assert again["InstanceNumber"].VR == "LO"
    assert again.InstanceNumber == "3"
    assert again["PatientID"].VR == "LO"
