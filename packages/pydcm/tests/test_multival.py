"""Lists of values."""

from __future__ import annotations

import copy
import pickle
from collections.abc import MutableSequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm.multival import ConstrainedList, MultiValue


class Even(ConstrainedList[int]):
    def _validate(self, item: Any) -> int:
        if item % 2:
            raise TypeError(f"{item} is odd")
        return int(item)


class Doubled(ConstrainedList[int]):
    @staticmethod
    def _validate(item: int) -> int:
        return item * 2


ints = st.lists(st.integers(-5, 5), max_size=8)
CHANGES = {
    "append": lambda s: s.append(4),
    "extend": lambda s: s.extend([4]),
    "iadd": lambda s: s.__iadd__([4]),
    "insert": lambda s: s.insert(0, 4),
    "pop": lambda s: s.pop(),
    "remove": lambda s: s.remove(2),
    "reverse": lambda s: s.reverse(),
    "clear": lambda s: s.clear(),
    "setitem": lambda s: s.__setitem__(0, 4),
    "set slice": lambda s: s.__setitem__(slice(0, 1), [4, 6]),
    "delitem": lambda s: s.__delitem__(0),
    "del slice": lambda s: s.__delitem__(slice(None)),
}


class TestChanges:
    @pytest.mark.parametrize("change", CHANGES)
    def test_each_marks_the_list(self, change: str) -> None:
        values = Even([2, 4])
        plain = [2, 4]
        assert not values.touched
        CHANGES[change](values)
        CHANGES[change](plain)
        assert values.touched
        assert values == plain

    def test_sort_marks_the_list(self) -> None:
        values = MultiValue(int, ["3", "1"])
        values.sort()
        assert values.touched
        assert values == [1, 3]
        values.sort(key=lambda x: -x)
        assert values == [3, 1]

    @pytest.mark.parametrize(
        "change",
        [
            lambda s: s.append(3),
            lambda s: s.extend([2, 3]),
            lambda s: s.insert(0, 3),
            lambda s: s.__setitem__(0, 3),
            lambda s: s.__setitem__(slice(0, 1), [2, 3]),
            lambda s: s.__iadd__([3]),
            lambda s: s.pop(9),
            lambda s: s.remove(9),
            lambda s: s.__delitem__(9),
        ],
    )
    def test_none_if_it_fails(self, change: Any) -> None:
        values = Even([2, 4])
        with pytest.raises((TypeError, IndexError, ValueError)):
            change(values)
        assert values == [2, 4]
        assert not values.touched

    @pytest.mark.parametrize("wrong", [None, 5])
    def test_extending_needs_an_iterable(self, wrong: Any) -> None:
        values = Even([2])
        with pytest.raises(TypeError, match="An iterable is required"):
            values.extend(wrong)
        with pytest.raises(TypeError, match="An iterable is required"):
            values += wrong
        with pytest.raises(TypeError, match="not iterable"):
            values[0:1] = wrong

    def test_extending_by_itself_ends(self) -> None:
        values = Even([2, 4])
        values.extend(values)
        assert values == [2, 4, 2, 4]


class TestReading:
    @given(ints, st.slices(8))
    def test_like_a_list(self, items: list[int], part: slice) -> None:
        values = MultiValue(int, items)
        assert values[part] == items[part]
        assert type(values[part]) is list
        assert list(values) == items
        assert list(reversed(values)) == items[::-1]
        assert len(values) == len(items)
        assert bool(values) == bool(items)
        assert values == items == values
        assert (values != items) is False
        for item in range(-5, 6):
            assert (item in values) == (item in items)
            assert values.count(item) == items.count(item)

    def test_index(self) -> None:
        values = MultiValue(str, "abcab")
        assert values.index("b") == 1
        assert values.index("b", 2) == 4
        assert values.index("b", 2, None) == 4
        with pytest.raises(ValueError, match="is not in list"):
            values.index("b", 2, 4)

    def test_text(self) -> None:
        assert str(MultiValue(int, [])) == ""
        assert str(MultiValue(int, [1, 2])) == repr(MultiValue(int, [1, 2])) == "[1, 2]"
        assert str(MultiValue(str, ["a"])) == "['a']"

    def test_abstract_base_and_patterns(self) -> None:
        values = MultiValue(int, [1, 2, 3])
        assert isinstance(values, MutableSequence)
        match values:
            case [first, *_]:
                assert first == 1
            case _:
                pytest.fail("is no sequence to a match statement")

    def test_not_hashable_not_ordered(self) -> None:
        with pytest.raises(TypeError, match="unhashable"):
            hash(Even())
        with pytest.raises(TypeError):
            Even([2]) < Even([4])  # type: ignore[operator]


class TestValidation:
    def test_static_method(self) -> None:
        values = Doubled([1, 2])
        values.append(3)
        values[0:1] = [5]
        assert values == [10, 4, 6]

    def test_missing(self) -> None:
        with pytest.raises(NotImplementedError, match=r"'ConstrainedList._validate\(\)' must be implemented"):
            ConstrainedList([1])


class TestCopies:
    @pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
    def test_are_equal_and_apart(self, duplicate: Any) -> None:
        values = MultiValue(int, ["1", "2"])
        values.note = "kept"  # type: ignore[attr-defined]
        twin = duplicate(values)
        assert type(twin) is MultiValue
        assert twin == values
        assert twin.note == "kept"  # type: ignore[attr-defined]
        twin.append("3")
        assert twin == [1, 2, 3]
        assert values == [1, 2]

    def test_uninitialised_object_does_not_crash(self) -> None:
        values = MultiValue.__new__(MultiValue)
        for act in (len, list, lambda s: s.append(1), lambda s: s[0], lambda s: s.pop(), str):
            try:
                act(values)
            except (TypeError, AttributeError):
                pass
