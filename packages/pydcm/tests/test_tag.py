"""Tags: the ways to write one, comparison, and what a tag tells about itself."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import tag as tag_module
from pydcm.tag import BaseTag, Tag, TupleTag, intern_tag, tag_in_exception

tags = st.integers(0, 0xFFFFFFFF)


@given(tags)
def test_every_form_gives_the_same_tag(value: int) -> None:
    group, element = value >> 16, value & 0xFFFF
    expected = BaseTag(value)
    assert Tag(value) == expected
    assert Tag(group, element) == expected
    assert Tag((group, element)) == expected
    assert Tag([group, element]) == expected
    assert Tag(f"{value:08X}") == expected
    assert Tag(f"{value:#x}") == expected
    assert Tag((f"{group:x}", f"{element:x}")) == expected
    assert TupleTag((group, element)) == expected


@given(tags, tags)
def test_tags_compare_as_numbers_and_pairs(a: int, b: int) -> None:
    first, pair = BaseTag(a), (b >> 16, b & 0xFFFF)
    for other in (b, BaseTag(b), pair):
        assert (first < other) is (a < b)
        assert (first <= other) is (a <= b)
        assert (first > other) is (a > b)
        assert (first >= other) is (a >= b)
        assert (first == other) is (a == b)
        assert (first != other) is (a != b)
    assert hash(first) == hash(a)


@given(tags)
def test_parts_put_together_are_the_tag(value: int) -> None:
    tag = BaseTag(value)
    assert tag.group << 16 | tag.element == value
    assert tag.elem == tag.element
    assert str(tag) == repr(tag) == f"({tag.group:04X},{tag.element:04X})"
    assert int(tag.json_key, 16) == value
    assert len(tag.json_key) == 8
    assert tag.is_private is (tag.group % 2 == 1)


def test_keyword() -> None:
    assert Tag("PatientName") == 0x00100010
    assert BaseTag(0x00100010) == "PatientName"
    assert BaseTag(0x00100010) != "PatientID"


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        ((-1,), ValueError, "tags must be positive"),
        ((1 << 32,), OverflowError, "4-bytes"),
        (("100000000",), OverflowError, "4-bytes"),
        (((0, 0x10000),), OverflowError, "2-bytes each"),
        (((0x10000, 0),), OverflowError, "2-bytes each"),
        (((-1, 0),), ValueError, "tags must be positive"),
        (((1, 2, 3),), ValueError, "2-tuple"),
        (((1, "2"),), TypeError, "same type"),
        ((1, "2"), TypeError, "same type"),
        (((1.0, 2.0),), TypeError, "same type"),
        (("PatientMane",), ValueError, "unknown DICOM element keyword"),
        ((None,), TypeError, "not supported"),
    ],
)
def test_what_is_no_tag(args: tuple[object, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Tag(*args)  # type: ignore[arg-type]


def test_order_needs_a_tag_and_equality_does_not() -> None:
    with pytest.raises(TypeError, match="Cannot compare Tag with non-Tag item"):
        BaseTag(1) < "no tag"
    assert (BaseTag(1) == "no tag") is False
    assert (BaseTag(1) == None) is False  # noqa: E711
    assert (BaseTag(1) != object()) is True


@pytest.mark.parametrize(
    ("value", "is_creator", "creator"),
    [
        (0x00090010, True, 0x00090000),
        (0x000900FF, True, 0x00090000),
        (0x0009000F, False, 0x00090000),
        (0x00091001, False, 0x00090010),
        (0x0029FF08, False, 0x002900FF),
        (0x00080010, False, 0x00080000),
    ],
)
def test_private_blocks(value: int, is_creator: bool, creator: int) -> None:
    assert BaseTag(value).is_private_creator is is_creator
    assert BaseTag(value).private_creator == creator


def test_interned_tags_are_shared_but_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert intern_tag(0x00100010) is intern_tag(0x00100010) is Tag(0x10, 0x10)
    monkeypatch.setattr(tag_module, "_interned", {})
    monkeypatch.setattr(tag_module, "_MAX_INTERNED", 3)
    for value in range(10):
        assert intern_tag(value) == value
    assert len(tag_module._interned) == 3


def test_copies_are_the_tag_itself() -> None:
    tag = BaseTag(0x00100010)
    assert copy.copy(tag) is copy.deepcopy(tag) is tag
    again = pickle.loads(pickle.dumps(tag))
    assert again == tag
    assert type(again) is BaseTag


class TestTagInException:
    def test_names_the_tag(self) -> None:
        message = r"^With tag \(0010,0010\) got exception: no good\n"
        with pytest.raises(ValueError, match=message) as caught, tag_in_exception(BaseTag(0x00100010)):
            raise ValueError("no good")
        assert str(caught.value.__cause__) == "no good"
        assert "Traceback" in str(caught.value)

    def test_an_error_that_needs_more_than_a_message_gets_a_note(self) -> None:
        with pytest.raises(UnicodeDecodeError) as caught, tag_in_exception(BaseTag(0x00100010)):
            b"\xff".decode("ascii")
        assert caught.value.__notes__ == ["With tag (0010,0010)"]

    def test_lets_interrupts_and_success_through(self) -> None:
        with tag_in_exception(BaseTag(1)) as nothing:
            assert nothing is None
        with pytest.raises(KeyboardInterrupt, match=r"^$"), tag_in_exception(BaseTag(1)):
            raise KeyboardInterrupt
