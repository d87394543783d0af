"""Character sets."""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import charset, config
from pydcm.charset import convert_encodings, decode_bytes, decode_element, encode_string, python_encoding
from pydcm.valuerep import PN_DELIMS, TEXT_VR_DELIMS, PersonName

# A word of each character set
SAMPLES = {
    "ISO_IR 100": "Jérôme",
    "ISO_IR 101": "Wałęsa",
    "ISO_IR 109": "antaŭnomo",
    "ISO_IR 110": "vārds",
    "ISO_IR 126": "Διονυσιος",
    "ISO_IR 127": "قباني",
    "ISO_IR 138": "שרון",
    "ISO_IR 144": "Люкceмбypг",
    "ISO_IR 148": "Çavuşoğlu",
    "ISO_IR 166": "นามสกุล",
    "ISO_IR 203": "Œuvre 10 €",
    "ISO_IR 13": "ﾔﾏﾀﾞ",
    "ISO_IR 192": "王^小東 🙂",
    "GB18030": "王^小东",
    "GBK": "王^小东",
}
EXTENSIONS = {name.replace("_IR", " 2022 IR"): text for name, text in SAMPLES.items() if name[7:] != "192"}
EXTENSIONS = {name: text for name, text in EXTENSIONS.items() if name.startswith("ISO 2022")} | {
    "ISO 2022 IR 87": "山田太郎",
    "ISO 2022 IR 159": "鷗",
    "ISO 2022 IR 149": "김희중",
    "ISO 2022 IR 58": "张小东",
}


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config.settings, "_reading_validation_mode", config.RAISE)
    monkeypatch.setattr(config.settings, "_writing_validation_mode", config.RAISE)


class TestSets:
    @pytest.mark.parametrize("name", python_encoding)
    def test_ascii_reads_the_same_in_all(self, name: str) -> None:
        plain = bytes(byte for byte in range(128) if byte != 0x1B)
        assert plain.decode(python_encoding[name]) == plain.decode("ascii")

    @pytest.mark.parametrize("name", SAMPLES)
    def test_single(self, name: str) -> None:
        encodings = convert_encodings(name)
        encoded = encode_string(SAMPLES[name], encodings)
        assert b"\x1b" not in encoded
        assert decode_bytes(encoded, encodings, TEXT_VR_DELIMS) == SAMPLES[name]

    @pytest.mark.parametrize("name", EXTENSIONS)
    def test_as_code_extension(self, name: str) -> None:
        encodings = convert_encodings(["", name])
        encoded = encode_string(EXTENSIONS[name], encodings)
        if name != "ISO 2022 IR 100":  # the default encoding has these letters as well
            assert encoded.startswith(b"\x1b")
        assert decode_bytes(encoded, encodings, TEXT_VR_DELIMS) == EXTENSIONS[name]

    def test_mixed(self, strict: None) -> None:
        encodings = convert_encodings(
            ["ISO 2022 IR 100", "ISO 2022 IR 144", "ISO 2022 IR 126", "ISO 2022 IR 149"]
        )
        text = "Jérôme Люкceмбypг Διονυσιος 김희중"
        encoded = encode_string(text, encodings)
        assert decode_bytes(encoded, encodings, TEXT_VR_DELIMS) == text

    @given(st.text("ab山田ﾔﾏやま鷗 ", max_size=20))
    def test_japanese(self, text: str) -> None:
        encodings = convert_encodings(["ISO 2022 IR 13", "ISO 2022 IR 87", "ISO 2022 IR 159"])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            encoded = encode_string(text, encodings)
            assert decode_bytes(encoded, encodings, TEXT_VR_DELIMS) == text

    @given(st.text(max_size=30), st.sampled_from(["UTF8", "GB18030"]))
    def test_unicode(self, text: str, encoding: str) -> None:
        text = "".join(char for char in text if not 0xD800 <= ord(char) < 0xE000 and char != "\x1b")
        assert decode_bytes(encode_string(text, [encoding]), [encoding], set()) == text

    @given(
        st.binary(max_size=40),
        st.sampled_from([["iso8859", "iso2022_jp"], ["shift_jis", "euc_kr"], ["UTF8"]]),
    )
    def test_decoding_never_fails(self, value: bytes, encodings: list[str]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert isinstance(decode_bytes(value, encodings, PN_DELIMS), str)


class TestDecode:
    def test_delimiter_calls_the_first_set_back(self) -> None:
        encodings = ["latin_1", "iso_ir_144"]
        assert decode_bytes(b"\x1b-L\xbb\xee^\xe9", encodings, PN_DELIMS) == "Лю^é"
        assert decode_bytes(b"\x1b-L\xbb\xee^\xbb", encodings, set()) == "Лю^Л"
        assert decode_bytes(b"\xe9\x1b-L\xbb\r\n\xe9", encodings, TEXT_VR_DELIMS) == "éЛ\r\né"

    def test_escape_sequence_of_the_default_set(self) -> None:
        assert decode_bytes(b"\x1b$B;3\x1b(Ba", ["latin_1", "iso2022_jp"], set()) == "山a"

    def test_unfit(self) -> None:
        with pytest.warns(UserWarning, match="Failed to decode byte string with encoding 'utf8'"):
            assert decode_bytes(b"a\xff", ["utf8"], set()) == "a\ufffd"
        with pytest.warns(
            UserWarning, match="Failed to decode byte string with encodings: utf8, euc_kr - using"
        ):
            assert decode_bytes(b"\x1b$)C\xb1", ["utf8", "euc_kr"], set()).endswith("\ufffd")

    def test_unknown_encoding(self) -> None:
        with pytest.warns(UserWarning, match="Unknown encoding 'nonsense' - using default encoding instead"):
            assert decode_bytes(b"a", ["nonsense"], set()) == "a"

    def test_unknown_escape_sequence(self) -> None:
        with pytest.warns(UserWarning, match="Found unknown escape sequence in encoded string value - using"):
            assert decode_bytes(b"\x1b-Fx", ["latin_1"], set()) == "\x1b-Fx"

    @pytest.mark.parametrize(
        ("value", "encodings", "error"),
        [
            (b"\xff", ["utf8"], UnicodeDecodeError),
            (b"a", ["nonsense"], LookupError),
            (b"\x1b-Fx", ["latin_1"], ValueError),
            (b"\x1b$)C\xb1", ["latin_1", "euc_kr"], UnicodeDecodeError),
        ],
    )
    def test_strict(self, strict: None, value: bytes, encodings: list[str], error: type[Exception]) -> None:
        with pytest.raises(error):
            decode_bytes(value, encodings, set())


class TestEncode:
    def test_first_that_can(self) -> None:
        assert encode_string("Люкс", ["latin_1", "iso_ir_126", "iso_ir_144"]) == b"\x1b-L" + "Люкс".encode(
            "iso8859_5"
        )

    def test_first_set_is_called_back_after_two_byte_sets(self) -> None:
        assert encode_string("山", ["latin_1", "iso2022_jp"]) == b"\x1b$B;3\x1b-A"
        assert encode_string("山", ["shift_jis", "iso2022_jp"]) == b"\x1b$B;3\x1b(J"

    def test_halves_of_jis_x_0201(self) -> None:
        assert encode_string("ﾔ", ["shift_jis"]) == b"\xd4"
        assert encode_string("aﾔ", ["latin_1", "shift_jis"]) == b"\x1b-Aa\x1b)I\xd4"

    def test_impossible(self, strict: None) -> None:
        with pytest.raises(UnicodeEncodeError):
            encode_string("é", ["euc_kr", "iso_ir_144"])
        # Shift JIS has the letter, JIS X 0201 does not
        with pytest.raises(UnicodeEncodeError):
            encode_string("Л", ["shift_jis"])

    def test_replaced(self) -> None:
        with pytest.warns(
            UserWarning, match="Failed to encode value with encodings: iso_ir_144 - using replacement"
        ):
            assert encode_string("aé", ["iso_ir_144"]) == b"a?"
        with pytest.warns(UserWarning, match="Failed to encode"):
            assert encode_string("あaｱア", ["shift_jis"]) == b"?a??"

    def test_own_encoder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(charset.custom_encoders, "koi8_r", lambda value, errors: b"mine")
        assert encode_string("ж", ["koi8_r"]) == b"mine"


class TestNames:
    @pytest.mark.parametrize(
        ("names", "encodings"),
        [
            (None, ["iso8859"]),
            ("", ["iso8859"]),
            ([], ["iso8859"]),
            (["", "ISO 2022 IR 87"], ["iso8859", "iso2022_jp"]),
            ("ISO_IR 192", ["UTF8"]),
            (["utf8", "latin_1"], ["utf8", "latin_1"]),
        ],
    )
    def test_known(self, names: Any, encodings: list[str]) -> None:
        assert convert_encodings(names) == encodings

    @pytest.mark.parametrize(
        ("name", "meant"),
        [
            ("ISO IR 144", "ISO_IR 144"),
            ("ISO-IR 144", "ISO_IR 144"),
            ("ISO_2022_IR_126", "ISO 2022 IR 126"),
            ("ISO 2022-IR 126", "ISO 2022 IR 126"),
        ],
    )
    def test_misspelt(self, name: str, meant: str) -> None:
        with pytest.warns(
            UserWarning, match=f"Incorrect value for Specific Character Set '{name}' - assuming '{meant}'"
        ):
            assert convert_encodings([name]) == [python_encoding[meant]]

    @pytest.mark.parametrize(
        "name", ["nonsense", "ISO_IR 999", "ISO IR 999", "ISO 2022 IR 146", "ISO_2022 IR 146"]
    )
    def test_unknown(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.warns(UserWarning, match=f"Unknown encoding '{name}' - using default encoding instead"):
            assert convert_encodings(["ISO_IR 100", name]) == ["latin_1", "iso8859"]
        monkeypatch.setattr(config.settings, "_reading_validation_mode", config.RAISE)
        with pytest.raises(LookupError, match=f"Unknown encoding '{name}'"):
            convert_encodings(name)

    def test_no_company(self) -> None:
        with (
            pytest.warns(
                UserWarning, match="'ISO_IR 192' for .* does not allow code extensions, ignoring: a, b"
            ),
            pytest.warns(UserWarning, match="Unknown encoding"),
        ):
            assert convert_encodings(["ISO_IR 192", "a", "b"]) == ["UTF8"]
        with pytest.warns(UserWarning, match="Value 'GBK' cannot be used as code extension, ignoring it"):
            assert convert_encodings(["ISO_IR 100", "GBK", "ISO 2022 IR 144"]) == ["latin_1", "iso_ir_144"]

    def test_argument_is_not_changed(self) -> None:
        names = ["", "ISO 2022 IR 87"]
        convert_encodings(names)
        assert names == ["", "ISO 2022 IR 87"]


def element(vr: str, value: Any) -> Any:
    vm = len(value) if isinstance(value, list) else 1
    return SimpleNamespace(VR=vr, value=value, VM=vm, is_empty=not value)


class TestElements:
    def test_text(self) -> None:
        elem = element("LO", "Люкс".encode("iso8859_5"))
        decode_element(elem, "ISO_IR 144")
        assert elem.value == "Люкс"
        decode_element(elem, "ISO_IR 100")
        assert elem.value == "Люкс"

    def test_several(self) -> None:
        elem = element("SH", [b"\xe9", "é"])
        decode_element(elem, None)
        assert elem.value == ["é", "é"]

    def test_names(self) -> None:
        elem = element("PN", PersonName(b"\xc3\xa9"))
        decode_element(elem, ["ISO_IR 192"])
        assert elem.value == "é"
        elem = element("PN", [PersonName(b"\xc3\xa9"), PersonName(b"a")])
        decode_element(elem, ["ISO_IR 192"])
        assert elem.value == ["é", "a"]

    def test_others_stay(self) -> None:
        elem = element("CS", b"\xe9")
        decode_element(elem, "ISO_IR 192")
        assert elem.value == b"\xe9"
        empty = element("LO", "")
        decode_element(empty, "nonsense")  # not even looked up
        assert empty.value == ""
