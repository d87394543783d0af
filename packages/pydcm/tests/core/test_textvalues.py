"""The compiled parsers and checks agree with Python's own and with the complete checks."""

from __future__ import annotations

import math
import re
from array import array

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pydcm import config
from pydcm._core import _textarrays as arrays
from pydcm._core import _textvalues as text
from pydcm.valuerep import VALIDATORS, validate_value

DS_PATTERN = re.compile(r" *[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)? *", re.ASCII)
IS_PATTERN = re.compile(r" *[+-]?\d{1,18} *", re.ASCII)

numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(allow_nan=False, allow_infinity=False).map("{:.9e}".format),
    st.floats(-1e6, 1e6).map("{:.4f}".format),
    st.tuples(st.integers(0, 10**25), st.integers(-400, 400)).map(lambda me: f"{me[0]}e{me[1]}"),
    st.from_regex(DS_PATTERN, fullmatch=True),
)


def same_float(a: float | None, b: float) -> bool:
    return a is not None and a == b and math.copysign(1, a) == math.copysign(1, b)


class TestDecimal:
    @given(numbers)
    @example("9007199254740993")  # 2**53 + 1: not a double
    @example("1e23")  # ten to the 23rd is not a double either
    @example("-0")
    @example("1e400")
    @example("0" * 400 + "1")
    @example("." + "0" * 400 + "1e401")
    def test_is_what_float_makes_of_it(self, value: str) -> None:
        assert same_float(text.decimal_from_text(value.encode()), float(value))

    @given(st.text("0123456789+-.eE \n_xn", max_size=12))
    def test_takes_decimal_strings_only(self, value: str) -> None:
        parsed = text.decimal_from_text(value.encode())
        assert (parsed is not None) == bool(DS_PATTERN.fullmatch(value))

    @given(st.lists(numbers, min_size=1, max_size=50))
    def test_array(self, values: list[str]) -> None:
        out = array("d", [0.0] * len(values))
        encoded = "\\".join(values).encode()
        assert arrays.text_extent(encoded + b" \0") == (len(encoded.rstrip(b" ")), len(values))
        assert arrays.fill_decimals(encoded, out) == len(values)
        assert all(same_float(a, float(b)) for a, b in zip(out, values))

    def test_array_tells_where_it_stopped(self) -> None:
        out = array("d", [0.0] * 3)
        assert arrays.fill_decimals(b"1\\2\\x", out) == -3
        assert arrays.fill_decimals(b"1\\\\3", out) == -2
        assert arrays.fill_decimals(b"1\\2\\3\\4", out) == -4
        assert arrays.fill_decimals(b"1\\2\\", out) == -3
        assert arrays.fill_decimals(b"", out) == 0

    def test_huge_text_is_no_problem(self) -> None:
        assert text.decimal_from_text(b"1" * 100_000) == math.inf
        assert text.decimal_from_text(b"1e" + b"9" * 100_000) == math.inf
        assert text.decimal_from_text(b"0." + b"0" * 100_000 + b"1") == 0.0


class TestInteger:
    @given(st.integers(-(10**18) + 1, 10**18 - 1), st.sampled_from(["{}", " {}", "{} ", "{:+}", "{:012}"]))
    def test_is_what_int_makes_of_it(self, value: int, form: str) -> None:
        assert text.integer_from_text(form.format(value).encode()) == value

    @given(st.text("0123456789+- .", max_size=20))
    def test_takes_integer_strings_only(self, value: str) -> None:
        parsed = text.integer_from_text(value.encode())
        assert (parsed is not None) == bool(IS_PATTERN.fullmatch(value))

    @given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=50))
    def test_array(self, values: list[int]) -> None:
        out = array("q", [0] * len(values))
        assert arrays.fill_integers("\\".join(map(str, values)).encode(), out) == len(values)
        assert out.tolist() == values

    def test_array_tells_where_it_stopped(self) -> None:
        out = array("q", [0] * 2)
        assert arrays.fill_integers(b"1\\2.5", out) == -2
        assert arrays.fill_integers(b"1\\2\\3", out) == -3


ALPHABETS = {
    "AE": "Az 0~\\\t\x7fé",
    "AS": "0123DWMYX ",
    "CS": "AZ09 _a-",
    "DA": "0123-. ",
    "DS": "0129+-.eE ",
    "DT": "0123+-. ",
    "IS": "0129+- .",
    "LO": "ab \\\x1bé",
    "LT": "ab \r\n\x1bé",
    "PN": "ab^= é\x1b",
    "SH": "ab \\é",
    "ST": "ab\né",
    "TM": "012356.- ",
    "UC": "abé\x1b",
    "UI": "0129.a",
    "UR": "aZ0:/?#% \\<é",
    "UT": "ab\né",
}


@st.composite
def values(draw: st.DrawFn) -> tuple[str, str]:
    vr = draw(st.sampled_from(sorted(ALPHABETS)))
    value = draw(st.text(ALPHABETS[vr] + "\n", max_size=draw(st.sampled_from([4, 8, 14, 20, 70]))))
    return vr, value


moments = st.tuples(
    st.sampled_from(["DA", "DT", "TM"]),
    st.datetimes().map(lambda t: t.strftime("%Y%m%d%H%M%S.%f").zfill(21)),
    st.integers(0, 21),
    st.integers(0, 21),
    st.sampled_from(["", " ", "+0100", "-1430", "+2400", "-"]),
).map(lambda t: (t[0], t[1][min(t[2:4]) : max(t[2:4])] + t[4]))


class TestClean:
    @given(st.one_of(values(), moments), st.booleans())
    def test_never_wider_than_the_complete_check(self, case: tuple[str, str], encoded: bool) -> None:
        vr, value = case
        thing = value.encode("latin-1") if encoded else value
        if not text.is_clean_value(vr, thing):
            return
        # Named explicitly, the check is not short-cut
        if vr in VALIDATORS:
            validate_value(vr, thing, config.RAISE, VALIDATORS[vr])

    @pytest.mark.parametrize(
        ("vr", "value"),
        [
            ("AE", "STORE_SCP"),
            ("AS", "045Y"),
            ("CS", "ORIGINAL"),
            ("DA", "20240229"),
            ("DS", "-1.25e-3"),
            ("DT", "20240229101112.123456+0100"),
            ("DT", "2024"),
            ("IS", "-42"),
            ("LO", "x" * 64),
            ("PN", "A" * 64 + "=" + "B" * 64),
            ("TM", "101112.5 "),
            ("TM", "10"),
            ("UI", "1.2.840.10008.1.2"),
            ("UR", "https://example.org/a?b=c "),
            ("UT", "y" * 100_000),
        ],
    )
    def test_knows_ordinary_values(self, vr: str, value: str) -> None:
        assert text.is_clean_value(vr, value)
        assert text.is_clean_value(vr, value.encode())

    @pytest.mark.parametrize(
        ("vr", "value"),
        [
            ("AE", "x" * 17),
            ("CS", "lower"),
            ("DA", "20241301"),
            ("DS", "1.23456789012345678"),
            ("IS", "1234567890123"),
            ("LO", "\x1b$B"),
            ("LO", "x" * 65),
            ("PN", "a=b=c=d"),
            ("PN", "A" * 65),
            ("TM", "2460"),
            ("UI", "1.02"),
            ("UI", "1..2"),
            ("UI", "1.2."),
            ("XX", "a"),
            ("OB", "a"),
        ],
    )
    def test_leaves_the_rest_to_others(self, vr: str, value: str) -> None:
        assert not text.is_clean_value(vr, value)

    def test_odd_types(self) -> None:
        assert not text.is_clean_value(None, "a")
        assert not text.is_clean_value("LO", 5)
        assert not text.is_clean_value("LO", None)
