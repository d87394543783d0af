"""Codes: what makes two of them the same."""

from __future__ import annotations

import copy
import pickle
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm_sr import Code
from pydcm_sr._snomed_dict import mapping

words = st.text(min_size=1, max_size=12)
made = st.builds(Code, words, words, words, st.none() | words)


def test_it_is_a_tuple() -> None:
    code = Code("24028007", "SCT", "Right")
    value, scheme, meaning, version = code
    assert (value, scheme, meaning, version) == ("24028007", "SCT", "Right", None)
    assert Code(value="24028007", scheme_designator="SCT", meaning="Right") == code
    assert repr(code) == (
        "Code(value='24028007', scheme_designator='SCT', meaning='Right', scheme_version=None)"
    )


@given(made, made)
def test_equality(first: Code, second: Code) -> None:
    parts = (first.value, first.scheme_designator, first.scheme_version)
    other = (second.value, second.scheme_designator, second.scheme_version)
    if "SRT" not in (first.scheme_designator, second.scheme_designator):
        assert (first == second) is (parts == other)
    assert (first != second) is not (first == second)
    assert first == first._replace(meaning="something else")
    assert hash(first) == hash(first._replace(meaning="something else"))


def test_versions_count() -> None:
    assert Code("a", "X", "m") != Code("a", "X", "m", "1")


@given(st.sampled_from(sorted(mapping["SRT"])))
def test_old_snomed_codes_equal_what_replaced_them(old: str) -> None:
    first, second = Code(old, "SRT", "old"), Code(mapping["SRT"][old], "SCT", "new")
    assert first == second
    assert second == first
    assert hash(first) == hash(second)
    assert len({first, second}) == 1
    assert mapping["SCT"][mapping["SRT"][old]] == old


def test_an_old_code_that_was_not_replaced() -> None:
    assert Code("no such", "SRT", "") != Code("no such", "SCT", "")


def test_other_objects() -> None:
    code = Code("24028007", "SCT", "Right")
    lookalike = SimpleNamespace(value="24028007", scheme_designator="SCT", scheme_version=None)
    assert code == lookalike
    for other in ("24028007", None, ("24028007", "SCT", "Right", None)):
        assert code != other
        assert not code == other  # noqa: SIM201


def test_copies() -> None:
    code = Code("24028007", "SCT", "Right")
    for other in (copy.deepcopy(code), pickle.loads(pickle.dumps(code))):
        assert other == code
        assert type(other) is Code


def test_fields_are_required() -> None:
    with pytest.raises(TypeError):
        Code("24028007", "SCT")  # type: ignore[call-arg]
