"""Hooks: registration, the default callbacks and the two that repair values."""

import pytest

from pydcm import config
from pydcm.dataelem import RawDataElement
from pydcm.dataset import Dataset
from pydcm.errors import BytesLengthException
from pydcm.hooks import (
    Hooks,
    hooks,
    raw_element_value,
    raw_element_value_fix_separator,
    raw_element_value_retry,
    raw_element_vr,
)
from pydcm.tag import BaseTag


def raw(tag, vr, value):
    return RawDataElement(BaseTag(tag), vr, len(value or b""), value, 0, vr is None, True)


def find_vr(tag, vr=None, value=b"", ds=None):
    data = {}
    raw_element_vr(raw(tag, vr, value), data, ds=ds)
    return data["VR"]


def convert(vr, value, function=raw_element_value, tag=0x00091001, **kwargs):
    data = {"VR": vr}
    function(raw(tag, vr, value), data, ds=None, **kwargs)
    return data


class TestRegistration:
    def test_callbacks(self):
        own = Hooks()
        assert own.raw_element_kwargs == {}
        own.register_callback("raw_element_vr", find_vr)
        own.register_callback("raw_element_value", convert)
        own.register_kwargs("raw_element_kwargs", {"a": 1})
        assert (own.raw_element_vr, own.raw_element_value) == (find_vr, convert)
        assert own.raw_element_kwargs == {"a": 1}

    def test_errors(self):
        with pytest.raises(TypeError, match="callable"):
            hooks.register_callback("raw_element_vr", 1)
        with pytest.raises(ValueError, match="Unknown hook 'x'"):
            hooks.register_callback("x", print)
        with pytest.raises(TypeError, match="not 'int'"):
            hooks.register_kwargs("raw_element_kwargs", 1)
        with pytest.raises(ValueError, match="Unknown hook 'raw_element_vr'"):
            hooks.register_kwargs("raw_element_vr", {})

    def test_defaults(self):
        assert hooks.raw_element_vr is raw_element_vr
        assert hooks.raw_element_value is raw_element_value

    def test_a_callback_is_used_for_values_not_yet_converted(self, monkeypatch):
        def shout(raw, data, **kwargs):
            data["value"] = kwargs["word"]

        ds = Dataset()
        ds[0x00100020] = raw(0x00100020, "LO", b"abc ")
        monkeypatch.setattr(hooks, "raw_element_value", shout)
        monkeypatch.setattr(hooks, "raw_element_kwargs", {"word": "HEY"})
        assert ds.PatientID == "HEY"


class TestVR:
    def test_stored(self):
        assert find_vr(0x00100010, "LO") == "LO"

    def test_implicit(self):
        assert find_vr(0x00100010) == "PN"
        assert find_vr(0x00110000) == "UN"
        assert find_vr(0x00120000) == "UL"

    def test_unknown(self):
        with pytest.warns(UserWarning, match=r"VR lookup failed .* \(8888,0002\) - setting VR to 'UN'"):
            assert find_vr(0x88880002) == "UN"
        with config.strict_reading(), pytest.raises(KeyError, match="8888,0002"):
            find_vr(0x88880002)

    def test_stored_as_un(self, monkeypatch):
        assert find_vr(0x00100010, "UN", b"A") == "PN"
        assert find_vr(0x00100010, "UN", None) == "PN"
        assert find_vr(0x00100010, "UN", bytes(0xFFFF)) == "UN"
        assert find_vr(0x88880002, "UN", b"A") == "UN"
        monkeypatch.setattr(config, "replace_un_with_known_vr", False)
        assert find_vr(0x00100010, "UN", b"A") == "UN"

    def test_private(self):
        ds = Dataset()
        assert find_vr(0x00090010) == "LO"
        assert find_vr(0x00091001) == "UN"
        assert find_vr(0x00091001, ds=ds) == "UN"
        ds.add_new(0x00090010, "LO", "GEMS_IDEN_01")
        assert find_vr(0x00091001, ds=ds) == "LO"
        assert find_vr(0x00091002, "UN", b"", ds=ds) == "SH"
        assert find_vr(0x000910FF, ds=ds) == "UN"
        ds.add_new(0x00090010, "LO", "NOBODY")
        assert find_vr(0x00091001, ds=ds) == "UN"


class TestValue:
    def test_unknown_vr_names_the_tag(self):
        with pytest.raises(NotImplementedError, match=r"'ZZ' in tag \(0009,1001\)"):
            convert("ZZ", b"a")

    def test_length(self, monkeypatch):
        with pytest.raises(
            BytesLengthException, match=r"parse \(0009,1001\) according to VR 'US'\. To replace"
        ):
            convert("US", b"abc")
        monkeypatch.setattr(config, "convert_wrong_length_to_UN", True)
        with pytest.warns(UserWarning, match="Setting VR to 'UN'"):
            assert convert("US", b"abc") == {"VR": "UN", "value": b"abc"}

    def test_descriptor_of_a_lookup_table(self):
        value = b"\xff\xff\x00\x00\x10\x00"
        assert convert("SS", value, tag=0x00281101)["value"] == [65535, 0, 16]
        assert convert("SS", value)["value"] == [-1, 0, 16]
        assert convert("LO", b"a\\b", tag=0x00281101)["value"] == ["a", "b"]


class TestRepairs:
    def fix(self, vr, value, **kwargs):
        return convert(vr, value, raw_element_value_fix_separator, **kwargs)["value"]

    def test_separator(self):
        assert self.fix("DS", b"1,2", target_VRs=("DS", "IS")) == [1, 2]
        assert self.fix("IS", b"1:2", target_VRs=("DS", "IS"), separator=":") == [1, 2]
        assert self.fix("LO", b"1,2", target_VRs=("DS", "IS")) == "1,2"
        assert self.fix("LO", b"1,2") == "1,2"

    def retry(self, vr, value, **kwargs):
        return convert(vr, value, raw_element_value_retry, **kwargs)

    def test_retry(self):
        targets = {"US": ("UL", "LO")}
        assert self.retry("US", b"abc", target_VRs=targets) == {"VR": "LO", "value": "abc"}
        assert self.retry("US", b"\1\0", target_VRs=targets) == {"VR": "US", "value": 1}
        with pytest.raises(BytesLengthException):
            self.retry("US", b"abc", target_VRs={"US": ("UL",)})
        with pytest.raises(BytesLengthException):
            self.retry("US", b"abc")
