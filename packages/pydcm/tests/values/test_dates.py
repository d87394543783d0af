"""DA, DT and TM values."""

from __future__ import annotations

import copy
import datetime
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm.valuerep import DA, DT, TM

UTC = datetime.UTC
offsets = st.integers(-14 * 60, 14 * 60).map(lambda m: datetime.timezone(datetime.timedelta(minutes=m)))
duplicates = pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x)), lambda x: type(x)(x)]
)


class TestRoundTrips:
    @given(st.dates(min_value=datetime.date(1000, 1, 1)))
    def test_date(self, value: datetime.date) -> None:
        assert DA(str(DA(value))) == value == DA(value)

    @given(st.datetimes(timezones=st.one_of(st.none(), offsets)))
    def test_date_time(self, value: datetime.datetime) -> None:
        again = DT(str(DT(value)))
        assert again == value == DT(value)
        assert again is not None
        assert again.utcoffset() == value.utcoffset()

    @given(st.times())
    def test_time(self, value: datetime.time) -> None:
        assert TM(str(TM(value))) == value == TM(value)

    @duplicates
    @pytest.mark.parametrize(
        "value",
        [
            DA("20240229"),
            DA("2024.02.29"),
            DA(2024, 2, 29),
            DT("2024"),
            DT("20240229101112.5-0530"),
            DT(2024, 2, 29, tzinfo=UTC),
            TM("10"),
            TM("101112.000001"),
            TM(10, 11),
        ],
    )
    def test_duplicates(self, value: Any, duplicate: Any) -> None:
        twin = duplicate(value)
        assert type(twin) is type(value)
        assert twin == value
        if hasattr(value, "original_string"):
            assert twin.original_string == value.original_string == str(twin)


class TestTexts:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("2024", (2024, 1, 1)),
            ("202402", (2024, 2, 1)),
            ("2024022910", (2024, 2, 29, 10)),
            ("202402291011", (2024, 2, 29, 10, 11)),
            ("20240229101112", (2024, 2, 29, 10, 11, 12)),
            ("20240229101112.05", (2024, 2, 29, 10, 11, 12, 50000)),
            ("2024.5", (2024, 1, 1)),
        ],
    )
    def test_date_time(self, text: str, value: Any) -> None:
        assert DT(text) == datetime.datetime(*value)
        assert str(DT(text)) == text
        assert repr(DT(text)) == f'"{text}"'

    def test_offset(self) -> None:
        assert DT("2024-0130").tzname() == "-0130"  # type: ignore[union-attr]
        assert DT("20240101+0200") == datetime.datetime(2023, 12, 31, 22, tzinfo=UTC)

    def test_acr_nema_date(self) -> None:
        assert DA("1993.08.22") == datetime.date(1993, 8, 22)

    @pytest.mark.parametrize("kind", [DA, DT, TM])
    @pytest.mark.parametrize("nothing", [None, "", "  "])
    def test_nothing(self, kind: Any, nothing: Any) -> None:
        assert kind(nothing) is None
        assert kind() is None

    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            (DA, "20240230"),
            (DA, "2024"),
            (DA, "2024-2-29"),
            (DA, "199a.08.22"),
            (DT, "202"),
            (DT, "x"),
            (DT, "20240101" + " " * 20),
            (DT, "20241301"),
            (DT, 5),
            (TM, "1"),
            (TM, "25"),
            (TM, "1011129"),
            (TM, 123456),
        ],
    )
    def test_no_moment(self, kind: Any, value: Any) -> None:
        with pytest.raises(ValueError, match=r".+"):
            kind(value)

    def test_leap_second(self) -> None:
        with pytest.warns(UserWarning, match="doesn't allow a value of '60' for the seconds component"):
            assert TM("235960") == datetime.time(23, 59, 59)
        with pytest.warns(UserWarning, match=r"'datetime.datetime' doesn't allow"):
            assert DT("20161231235960") == datetime.datetime(2016, 12, 31, 23, 59, 59)

    def test_made_from_numbers(self) -> None:
        assert str(DA(2024, 2, 29)) == "2024-02-29"
        assert not hasattr(DA(2024, 2, 29), "original_string")
        assert DT(2024, 2, 29) + datetime.timedelta(days=1) == datetime.datetime(2024, 3, 1)
        assert TM(hour=5) is None  # the constructor looks at its first positional argument
