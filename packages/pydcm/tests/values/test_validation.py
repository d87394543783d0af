"""Checks of values against their VR."""

from __future__ import annotations

import datetime
import pickle
from typing import Any

import pytest

from pydcm import config, valuerep
from pydcm.valuerep import VR, PersonName, validate_value

GOOD: list[tuple[str, Any]] = [
    ("AE", "A B"),
    ("AS", "012M"),
    ("CS", ""),
    ("DA", "20000101-20001231"),
    ("DA", "-20001231"),
    ("DA", datetime.date(2000, 1, 1)),
    ("DS", " 1e3 "),
    ("DT", "2000-2001"),
    ("DT", datetime.datetime(2000, 1, 1)),
    ("FD", 1),
    ("FL", 1.5),
    ("IS", "+007"),
    ("LO", "Ä" * 64),
    ("OB", b"\0"),
    ("OW", bytearray(2)),
    ("PN", PersonName("x" * 64)),
    ("SL", -0x80000000),
    ("SV", 0x7FFFFFFFFFFFFFFF),
    ("TM", "10-12"),
    ("TM", datetime.time(1)),
    ("UI", "0.1"),
    ("UL", 0xFFFFFFFF),
    ("US", b"\0\0\0\0"),
    ("UV", 0xFFFFFFFFFFFFFFFF),
    ("LT", None),
    ("SQ", object()),
    ("??", object()),
]

BAD: list[tuple[str, Any, str]] = [
    (
        "AE",
        "x" * 17,
        r"^The value length \(17\) exceeds the maximum length of 16 allowed for VR AE\. Please see <",
    ),
    ("CS", "a" * 17, r"^The value length \(17\) .* VR CS\. Invalid value for VR CS: 'a{17}'\. Please see <"),
    ("CS", b"a", r"^Invalid value for VR CS: b'a'\. Please see <"),
    ("AS", "12", r"^Invalid value for VR AS: '12'\.$"),
    ("AS", "012Y\n", "Invalid value for VR AS"),
    ("DA", "2000-01-01", "Invalid value for VR DA"),
    ("DA", 20000101, "A value of type 'int' cannot be assigned to a tag with VR DA"),
    ("DA", datetime.time(1), "A value of type 'time' cannot be assigned to a tag with VR DA"),
    ("DS", "1,5", "Invalid value for VR DS"),
    ("FD", "1", "A value of type 'str' cannot be assigned to a tag with VR FD"),
    ("IS", "1.0", "Invalid value for VR IS"),
    ("LO", "x" * 65, r"^The value length \(65\) exceeds the maximum length of 64 allowed for VR LO\.$"),
    ("LO", 1, "A value of type 'int' cannot be assigned to a tag with VR LO"),
    ("OB", "x", "A value of type 'str' cannot be assigned to a tag with VR OB"),
    ("PN", "a=b=c=d", r"The number of PN components length \(4\) exceeds the maximum allowed number of 3"),
    ("PN", b"a=" + b"b" * 65, r"The PN component length \(65\) exceeds the maximum allowed length of 64"),
    ("PN", 1, "A value of type 'int' cannot be assigned to a tag with VR PN"),
    ("SS", 0x8000, "Invalid value: a value for a tag with VR SS must be between -32768 and 32767"),
    ("US", -1, "Invalid value: a value for a tag with VR US must be between 0 and 65535"),
    ("UL", b"\0", r"Invalid value length 1: .* with VR UL must be a multiple of 4"),
    ("UI", "1.02", "Invalid value for VR UI"),
    ("UR", "a b", "Invalid value for VR UR"),
]


class TestValidateValue:
    @pytest.mark.parametrize(("vr", "value"), GOOD)
    def test_good(self, vr: str, value: Any) -> None:
        validate_value(vr, value, config.RAISE)

    @pytest.mark.parametrize(("vr", "value", "message"), BAD)
    def test_bad(self, vr: str, value: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            validate_value(vr, value, config.RAISE)
        with pytest.warns(UserWarning, match=message):
            validate_value(vr, value, config.WARN)

    @pytest.mark.parametrize(("vr", "value", "_message"), BAD)
    def test_ignored(self, vr: str, value: Any, _message: str, recwarn: pytest.WarningsRecorder) -> None:
        validate_value(vr, value, config.IGNORE)
        assert not recwarn

    def test_members_of_the_enumeration_do(self) -> None:
        with pytest.raises(ValueError, match="for VR CS: 'a'"):
            validate_value(VR.CS, "a", config.RAISE)
        validate_value(VR.CS, "A", config.RAISE)

    def test_another_check(self) -> None:
        with pytest.raises(ValueError, match="never"):
            validate_value("CS", "A", config.RAISE, lambda vr, value: (False, "never"))

    def test_replaced_check(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(valuerep.VALIDATORS, "CS", lambda vr, value: (False, "no more"))
        with pytest.raises(ValueError, match="no more"):
            validate_value("CS", "A", config.RAISE)


class TestGroups:
    def test_every_vr_has_one_length_field(self) -> None:
        assert set(valuerep.STANDARD_VR) == valuerep.EXPLICIT_VR_LENGTH_16 | valuerep.EXPLICIT_VR_LENGTH_32
        assert not valuerep.EXPLICIT_VR_LENGTH_16 & valuerep.EXPLICIT_VR_LENGTH_32
        assert len(valuerep.STANDARD_VR) == 34
        # PS3.5 Table 7.1-1
        long_form = "OB OD OF OL OV OW SQ SV UC UN UR UT UV".split()
        assert set(long_form) == valuerep.EXPLICIT_VR_LENGTH_32

    def test_plain_strings_are_members(self) -> None:
        assert "OB" in valuerep.BYTES_VR
        assert "US or SS" in valuerep.AMBIGUOUS_VR
        assert "UN" not in valuerep.BUFFERABLE_VRS
        assert str(VR.OB_OW) == "OB or OW"

    @pytest.mark.parametrize("vr", [VR.AE, VR.US_SS_OW])
    def test_members_pickle(self, vr: VR) -> None:
        assert pickle.loads(pickle.dumps(vr)) is vr
        assert repr(vr) == f"<VR.{vr.name}: '{vr.value}'>"

    def test_patterns_are_public(self) -> None:
        assert valuerep.STR_VR_REGEXES.keys() == valuerep.VR_REGEXES.keys() == valuerep.BYTE_VR_REGEXES.keys()
        assert valuerep.BYTE_VR_REGEXES["CS"].match(b"A")

    def test_every_public_name_is_there(self) -> None:
        assert all(hasattr(valuerep, name) for name in valuerep.__all__)
        assert set(valuerep.__all__) <= set(dir(valuerep))
        with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
            _ = valuerep.nonsense  # type: ignore[attr-defined]
