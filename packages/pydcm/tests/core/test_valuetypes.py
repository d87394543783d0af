"""Values made by the compiled readers are those that the constructors make."""

from __future__ import annotations

import gc
import sys

from hypothesis import given
from hypothesis import strategies as st

from pydcm._core import _personname, _valuetypes
from pydcm.multival import MultiValue
from pydcm.valuerep import IS, DSfloat, PersonName

decimal_texts = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr), st.floats(-1e5, 1e5).map("{:.3f}".format)
)


class TestLists:
    @given(st.lists(decimal_texts, min_size=1, max_size=20))
    def test_decimal_strings(self, texts: list[str]) -> None:
        made = _valuetypes.dsfloats_from_text(" \\ ".join(texts).encode())
        assert made == [DSfloat(text) for text in texts]
        assert [value.original_string for value in made] == texts
        assert all(type(value) is DSfloat for value in made)

    @given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=20))
    def test_integer_strings(self, numbers: list[int]) -> None:
        made = _valuetypes.integers_from_text("\\".join(map(str, numbers)).encode())
        assert made == [IS(str(number)) for number in numbers]
        assert [value.original_string for value in made] == [str(number) for number in numbers]

    def test_what_is_not_clean_is_left_alone(self) -> None:
        for text in (b"", b"1\\", b"\\1", b"1\\x", b"1\\nan", b"1 2"):
            assert _valuetypes.dsfloats_from_text(text) is None
        for text in (b"", b"1\\", b"1.0", b"2147483648", b"0000000000001"):
            assert _valuetypes.integers_from_text(text) is None

    def test_length_limit_of_strict_reading(self) -> None:
        assert _valuetypes.dsfloats_from_text(b"1.23456789012345678", True) == [1.23456789012345678]
        assert _valuetypes.dsfloats_from_text(b"1.23456789012345678", False) is None
        assert _valuetypes.dsfloats_from_text(b"  1.2345678901234 ", False) == [1.2345678901234]


class TestSize:
    def test_decimal_strings_are_lean(self) -> None:
        value = DSfloat("1.5")
        assert not gc.is_tracked(value)
        assert sys.getsizeof(value) <= 64

    def test_texts_of_any_length(self) -> None:
        for n in (1, 15, 16, 17, 300):
            text = "0." + "1" * n
            assert DSfloat(text).original_string == text


class TestTouched:
    def test_decimal_string(self) -> None:
        value = DSfloat("1.5")
        assert not _valuetypes.was_touched(value)
        value.original_string = "1.50"
        assert _valuetypes.was_touched(value)
        assert str(value) == "1.50"

    def test_integer_string(self) -> None:
        value = IS("5")
        assert not _valuetypes.was_touched(value)
        del value.original_string
        assert _valuetypes.was_touched(value)
        assert not hasattr(value, "original_string")
        assert str(value) == "5"

    def test_person_name(self) -> None:
        name = PersonName(b"A^B")
        assert str(name) == "A^B"
        assert not _valuetypes.was_touched(name)
        name.original_string = b"C"
        assert _valuetypes.was_touched(name)

    def test_inside_a_list(self) -> None:
        values = MultiValue(DSfloat, ["1", "2"])
        assert not _valuetypes.was_touched(values)
        values[1].original_string = "2.0"
        assert _valuetypes.was_touched(values)
        assert not _valuetypes.was_touched("text")


class TestPersonName:
    def test_padding_and_empty_groups_go(self) -> None:
        name = _personname.person_name_from_text(b"A^B== \0", ("latin_1",))
        assert name.original_string == b"A^B"
        assert name.components == ("A^B",)
        assert name.encodings == ("latin_1",)
        assert name == PersonName("A^B")

    def test_beyond_ascii_is_left_alone(self) -> None:
        assert _personname.person_name_from_text(b"\xc4") is None
        assert _personname.person_name_from_text(b"\x1b$B") is None
        assert _personname.person_name_from_text(b"a=b=c=d") is None

    @given(st.text("ab^= ", max_size=30), st.sampled_from(["latin_1", "utf8", "shift_jis", "iso2022_jp"]))
    def test_same_as_the_constructor(self, text: str, encoding: str) -> None:
        if len(text.split("=")) > 3:
            return
        fast = _personname.person_name_from_text(text.encode(), (encoding,))
        slow = PersonName(text.rstrip(" "), [encoding])
        assert fast.components == slow.components
        assert fast.encode() == slow.encode()
        assert (fast.family_name, fast.ideographic) == (slow.family_name, slow.ideographic)
