"""DS and IS values."""

from __future__ import annotations

import copy
import math
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import config
from pydcm.valuerep import DS, IS, DSdecimal, DSfloat, ISfloat, format_number_as_ds, is_valid_ds

# The largest numbers round up to infinity where they are shortened
finite = st.floats(-1.7976e308, 1.7976e308)
duplicates = pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x)), lambda x: type(x)(x)]
)


@pytest.fixture
def decimals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "use_DS_decimal", True)


class TestFormat:
    @given(finite)
    def test_valid_and_close(self, value: float) -> None:
        text = format_number_as_ds(value)
        assert is_valid_ds(text)
        # The worst case, "-1.23456789e+100", keeps nine digits
        assert math.isclose(float(text), value, rel_tol=1e-8, abs_tol=1e-320)

    @given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
    def test_decimals_too(self, value: Decimal) -> None:
        if value:
            text = format_number_as_ds(value)
            assert is_valid_ds(text)
            assert math.isclose(float(text), float(value), rel_tol=1e-8, abs_tol=1e-320)

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (1.0, "1.0"),
            (math.pi, "3.14159265358979"),
            (-math.pi, "-3.1415926535898"),
            (math.pi * 1e13, "31415926535897.9"),
            (-math.pi * 1e13, "-3.141592654e+13"),
            (math.pi * 1e-5, "3.1415926536e-05"),
            (math.pi * 1e-101, "3.141592654e-101"),
        ],
    )
    def test_examples(self, value: float, text: str) -> None:
        assert format_number_as_ds(value) == text

    @pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, Decimal("NaN")])
    def test_not_finite(self, value: Any) -> None:
        with pytest.raises(ValueError, match="Cannot encode non-finite floats"):
            format_number_as_ds(value)

    def test_wrong_type(self) -> None:
        with pytest.raises(TypeError, match="must be of type float or decimal"):
            format_number_as_ds(1)


class TestDSfloat:
    @given(finite)
    def test_from_number(self, value: float) -> None:
        ds = DSfloat(value)
        assert ds == value
        assert str(ds) == repr(value)
        assert repr(ds) == repr(str(ds))
        assert not hasattr(ds, "original_string")
        assert hash(ds) == hash(value)

    @pytest.mark.parametrize("text", ["1.0", "+1.50", "1e3", "007", "1.23456789012345678901", "nan"])
    def test_text_is_kept(self, text: str) -> None:
        ds = DSfloat(f"  {text} ")
        assert str(ds) == ds.original_string == text
        assert f"{ds}" == text
        assert ds == text
        assert ds != text + "0"

    def test_blank(self) -> None:
        assert DSfloat(" ") == " "  # type: ignore[comparison-overlap]
        assert DSfloat("") == ""  # type: ignore[comparison-overlap]
        assert DSfloat(None) is None  # type: ignore[arg-type]

    def test_numbers_compare_as_numbers(self) -> None:
        ds = DSfloat("1.50")
        assert 1 < ds < 2
        assert ds <= 1.5 <= ds
        assert ds == Decimal("1.5")
        with pytest.raises(TypeError, match="not supported"):
            ds < "2"  # type: ignore[operator]

    def test_arithmetic_gives_plain_floats(self) -> None:
        assert type(DSfloat("1.5") + 1) is float

    def test_auto_format(self) -> None:
        ds = DSfloat(math.pi, auto_format=True)
        assert ds == math.pi
        assert str(ds) == "3.14159265358979"
        assert DSfloat(ds).auto_format
        assert str(DSfloat(ds)) == "3.14159265358979"
        assert str(DSfloat("3.14159265358979323846", True)) == "3.14159265358979"
        assert str(DSfloat("1.50", auto_format=True)) == "1.50"

    def test_strict(self) -> None:
        with pytest.raises(OverflowError, match="must be <= 16 characters long"):
            DSfloat(math.pi, validation_mode=config.RAISE)
        with pytest.raises(ValueError, match='Value "nan" is not valid'):
            DSfloat(math.nan, validation_mode=config.RAISE)
        assert DSfloat(math.pi, True, config.RAISE) == math.pi
        with config.strict_reading(), pytest.raises(OverflowError):
            DSfloat("1.23456789012345678")

    def test_not_a_number(self) -> None:
        with pytest.raises(ValueError, match="could not convert string to float: 'abc'"):
            DSfloat("abc")
        with pytest.raises(TypeError):
            DSfloat()  # type: ignore[call-arg]

    @duplicates
    @pytest.mark.parametrize(
        "ds", [DSfloat("1.50"), DSfloat(1.5), DSfloat(math.pi, True), DSfloat("1." + "5" * 40)]
    )
    def test_duplicates(self, ds: DSfloat, duplicate: Any) -> None:
        twin = duplicate(ds)
        assert type(twin) is DSfloat
        assert twin == ds
        assert str(twin) == str(ds)
        assert twin.auto_format == ds.auto_format
        assert hasattr(twin, "original_string") == hasattr(ds, "original_string")

    def test_subclass(self) -> None:
        class Dose(DSfloat):
            def __init__(self, val: Any, unit: str = "GY") -> None:
                super().__init__(val)
                self.unit = unit

        dose = copy.deepcopy(Dose("1.50"))
        assert type(dose) is Dose
        assert (dose, dose.unit, dose.original_string) == (1.5, "GY", "1.50")
        assert pickle.loads(pickle.dumps(DSfloat(dose))) == 1.5

    def test_attributes(self) -> None:
        ds = DSfloat("1.5")
        ds.auto_format = True
        assert ds.auto_format is True
        del ds.original_string
        with pytest.raises(AttributeError):
            del ds.original_string
        assert str(ds) == "1.5"

    def test_name(self) -> None:
        assert DSfloat.__module__ == "pydcm.valuerep"


class TestDSdecimal:
    def test_text_is_kept(self) -> None:
        ds = DSdecimal(" 1.50 ")
        assert (ds, str(ds), repr(ds)) == (Decimal("1.5"), "1.50", "'1.50'")
        assert ds == "1.50"
        assert ds != "1.5"
        assert hash(ds) == hash(Decimal("1.5"))

    def test_blank(self) -> None:
        assert DSdecimal(" ") == " "
        assert DSdecimal(None) is None  # type: ignore[arg-type]

    def test_floats_need_permission(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(TypeError, match="cannot be instantiated with a float value unless"):
            DSdecimal(1.5)
        monkeypatch.setattr(config, "allow_DS_float", True)
        assert DSdecimal(1.5) == Decimal("1.5")

    def test_too_long(self) -> None:
        with pytest.raises(OverflowError, match="<= 16 characters long"):
            DSdecimal("1.23456789012345678", validation_mode=config.RAISE)
        with pytest.warns(UserWarning, match="<= 16 characters long"):
            ds = DSdecimal("1.23456789012345678")
        assert str(ds) == "1.23456789012345678"
        assert str(DSdecimal("1.23456789012345678", auto_format=True)) == "1.23456789012346"

    def test_not_finite(self) -> None:
        with pytest.raises(ValueError, match='Value "NaN" is not valid'):
            DSdecimal(Decimal("NaN"), validation_mode=config.RAISE)
        with pytest.warns(UserWarning, match='Value "Infinity" is not valid'):
            DSdecimal(Decimal("Infinity"))

    @duplicates
    @pytest.mark.parametrize(
        "ds", [DSdecimal("1.50"), DSdecimal(Decimal("1.5")), DSdecimal(3, auto_format=True)]
    )
    def test_duplicates(self, ds: DSdecimal, duplicate: Any) -> None:
        twin = duplicate(ds)
        assert type(twin) is DSdecimal
        assert twin == ds
        assert str(twin) == str(ds)
        assert twin.auto_format == ds.auto_format

    def test_from_the_other_class(self) -> None:
        assert str(DSfloat(DSdecimal("1.50"))) == "1.50"
        with pytest.raises(TypeError):
            DSdecimal(DSfloat("1.50"))


class TestDS:
    def test_class(self) -> None:
        assert type(DS("1.5")) is DSfloat
        assert DS(None) is None
        assert DS(" ") == " "

    def test_decimal(self, decimals: None) -> None:
        assert type(DS("1.5")) is DSdecimal

    def test_validation(self) -> None:
        with pytest.warns(UserWarning, match="Invalid value for VR DS: '1_0'"):
            assert DS("1_0") == 10
        with pytest.raises(ValueError, match="Invalid value for VR DS: '1_0'"):
            DS("1_0", validation_mode=config.RAISE)

    def test_setting_chooses_the_class_that_is_read(self) -> None:
        from pydcm import valuerep

        try:
            config.DS_decimal(True)
            assert valuerep.DSclass is DSdecimal
        finally:
            config.DS_decimal(False)
        assert valuerep.DSclass is DSfloat


class TestIS:
    @given(st.integers(-(2**31), 2**31 - 1), st.sampled_from(["{}", "{:+}", "{:011}", " {} "]))
    def test_text_is_kept(self, number: int, form: str) -> None:
        text = form.format(number)
        value = IS(text, config.IGNORE)
        assert value == number
        assert str(value) == value.original_string == text.strip()
        assert value == text.strip()
        assert repr(value) == f"'{number}'"
        assert hash(value) == hash(number)
        assert type(value + 1) is int

    def test_from_number(self) -> None:
        for value in (IS(5), IS(5.0), IS(Decimal(5))):
            assert (value, str(value), repr(value)) == (5, "5", "'5'")
            assert not hasattr(value, "original_string")
            with pytest.raises(AttributeError):
                del value.original_string

    def test_blank(self) -> None:
        assert IS(" ") == " "  # type: ignore[comparison-overlap]
        assert IS(None) is None  # type: ignore[arg-type]

    def test_fraction(self) -> None:
        with pytest.warns(UserWarning, match="not valid") as caught:
            value = IS("1.50")
        assert [str(warning.message)[:40] for warning in caught] == [
            "Invalid value for VR IS: '1.50'. Please ",
            'Value "1.5" is not valid for elements wi',
        ]
        assert type(value) is ISfloat
        assert (value, value.original_string) == (1.5, "1.50")
        with pytest.raises(TypeError, match="Set reading_validation_mode to WARN or IGNORE to bypass"):
            IS(1.5, config.RAISE)
        assert str(IS(IS("1.50", config.IGNORE), config.IGNORE)) == "1.5"
        assert ISfloat(" ") == ""

    def test_integral_float_text(self) -> None:
        value = IS("5.0", config.IGNORE)
        assert type(value) is IS
        assert (value, value.original_string) == (5, "5.0")

    def test_range(self) -> None:
        assert IS(2**31) == 2**31
        with pytest.raises(OverflowError, match="must have a value between"):
            IS(2**31, config.RAISE)
        assert IS(-(2**31), config.RAISE) == -(2**31)

    @duplicates
    @pytest.mark.parametrize("value", [IS("5"), IS("+5"), IS(5)])
    def test_duplicates(self, value: IS, duplicate: Any) -> None:
        twin = duplicate(value)
        assert type(twin) is IS
        assert twin == value
        assert str(twin) == str(value)
        assert hasattr(twin, "original_string") == hasattr(value, "original_string")
