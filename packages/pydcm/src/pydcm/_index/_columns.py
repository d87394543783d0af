"""Columns of an index, and one file's row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..multival import MultiValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..dataset import Dataset

__all__ = ["Column", "Row", "columns_for", "read_batch"]

_FLOATS = frozenset(("DS", "FD", "FL", "OD", "OF"))
_INTEGERS = frozenset(("IS", "SL", "SS", "SV", "UL", "US", "UV"))
_NO_COLUMN = frozenset(("OB", "OL", "OV", "OW", "SQ", "UN"))
_TAG = re.compile(r"\(?([\da-fA-F]{4}),?\s*([\da-fA-F]{4})\)?")
_STEP = re.compile(r"(\w+)(?:\[(-?\d+)\])?")

#: A file's path, one plain value per column, and what went wrong (``None`` if nothing did).
Row = tuple[str, list[Any], "str | None"]


class Column(NamedTuple):
    """One column: an element and the type of its values.

    Attributes
    ----------
    name : str
        The column's title: the keyword or path asked for.
    path : tuple of (tag, item)
        The elements on the way and the item taken of each sequence; the last item is ``None``.
    kind : str
        ``"float"``, ``"integer"`` or ``"text"``.
    many : bool
        Whether the dictionary lets the element have several values: the cells are lists then.
    """

    name: str
    path: tuple[tuple[int, int | None], ...]
    kind: str
    many: bool


def columns_for(tags: Iterable[Any]) -> list[Column]:
    """Return the columns for elements given as keywords, tags or dotted paths (``"ABCSequence[0].Keyword"``).

    Raises
    ------
    ValueError
        If an entry is no keyword, tag or path, if it is a sequence or binary, or if a column appears twice.
    """
    result = [_column(tag) for tag in tags]
    names = [column.name for column in result]
    reserved = {"path", "error"}
    for name in names:
        if names.count(name) > 1 or name in reserved:
            raise ValueError(f"the column {name!r} appears more than once")
    return result


def _column(entry: Any) -> Column:
    from ..datadict import dictionary_VM, dictionary_VR
    from ..tag import Tag

    if isinstance(entry, str) and not (number := _TAG.fullmatch(entry)):
        name, path = entry, _path(entry)
    else:
        tag = int(number[1] + number[2], 16) if isinstance(entry, str) and number else int(Tag(entry))
        name, path = _tag_name(tag), ((tag, None),)
    last = path[-1][0]
    try:
        vrs, vm = set(dictionary_VR(last).split(" or ")), dictionary_VM(last)
    except KeyError:  # a private element: whatever it is, as text
        return Column(name, path, "text", False)
    if vrs <= _NO_COLUMN:
        raise ValueError(
            f"{name} has VR {' or '.join(vrs)} and cannot be a column; name an element inside of it"
        )
    kind = "float" if vrs <= _FLOATS else "integer" if vrs <= _INTEGERS else "text"
    return Column(name, path, kind, vm != "1")


def _tag_name(tag: int) -> str:
    from ..datadict import keyword_for_tag

    return keyword_for_tag(tag) or f"{tag:08X}"


def _path(text: str) -> tuple[tuple[int, int | None], ...]:
    from ..datadict import tag_for_keyword

    steps = text.split(".")
    path: list[tuple[int, int | None]] = []
    for position, step in enumerate(steps):
        match = _STEP.fullmatch(step)
        tag = tag_for_keyword(match[1]) if match else None
        last = position == len(steps) - 1
        if match is None or tag is None or (last and match[2] is not None):
            raise ValueError(
                f"{text!r} is no keyword, tag or path of keywords such as 'SharedFunctionalGroupsSequence[0]."
                "PixelMeasuresSequence[0].SliceThickness'"
            )
        path.append((int(tag), None if last else int(match[2] or 0)))
    return tuple(path)


def read_batch(paths: Sequence[str], columns: Sequence[Column], force: bool) -> list[Row]:
    """Read the rows of some files. Runs in a worker: it takes and returns only plain values and never raises."""
    from .._core._cells import plain_cells
    from ..filereader import dcmread
    from ..tag import BaseTag

    flat = all(len(column.path) == 1 and column.path[0][0] >> 16 != 2 for column in columns)
    tags = tuple(BaseTag(column.path[0][0]) for column in columns)
    order = tuple(sorted(range(len(tags)), key=tags.__getitem__))
    kinds, many = tuple(column.kind for column in columns), tuple(column.many for column in columns)

    def convert(value: Any, position: int) -> Any:
        return _cell(value, columns[position])

    rows: list[Row] = []
    for path in paths:
        try:
            ds = dcmread(path, stop_before_pixels=True, force=force)
        except Exception as exc:  # whatever is wrong with one file, the others are read
            rows.append((path, [None] * len(columns), _describe(exc)))
            continue
        if flat:
            try:
                cells = ds._values_of(tags, order)
                plain_cells(cells, kinds, many, convert)
            except Exception:
                pass  # one column after the other, to say which
            else:
                rows.append((path, cells, None))
                continue
        rows.append(_careful_row(path, ds, columns))
    return rows


def _careful_row(path: str, ds: Dataset, columns: Sequence[Column]) -> Row:
    values: list[Any] = []
    problems = []
    for column in columns:
        try:
            values.append(_cell(_value_at(ds, column), column))
        except Exception as exc:
            values.append(None)
            problems.append(f"{column.name}: {_describe(exc)}")
    return path, values, "; ".join(problems) or None


def _value_at(ds: Dataset, column: Column) -> Any:
    """Return the value at the end of a column's path, ``None`` if something on the way is not there."""
    value: Any = ds
    for tag, item in column.path:
        holder = value
        if tag not in holder:
            meta = getattr(holder, "file_meta", None)
            if tag >> 16 != 2 or meta is None or tag not in meta:
                return None
            holder = meta
        value = holder[tag].value
        if item is not None:
            if not -len(value) <= item < len(value):
                return None
            value = value[item]
    return value


def _describe(exc: Exception) -> str:
    text = " ".join(str(exc).split())
    return f"{type(exc).__name__}: {text}"[:500] if text else type(exc).__name__


def _cell(value: Any, column: Column) -> Any:
    """Return one cell: a plain number or text, a list of them for a multi-valued column, ``None`` for no value."""
    if value is None or value == "":
        return None
    convert = _CONVERT[column.kind]
    if not isinstance(value, _SEVERAL):
        return [convert(value)] if column.many else convert(value)
    if not len(value):
        return None
    if column.many:
        return [convert(each) for each in value]
    if column.kind == "text":
        return "\\".join(map(_text, value))
    if len(value) == 1:
        return convert(value[0])
    raise ValueError(f"{len(value)} values where the dictionary has one")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return str.__str__(value)  # plain text, not a UID
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _integer(value: Any) -> int:
    if type(value) is int:
        return value
    number = int(value)
    if number != value:
        raise ValueError(f"{value} is not a whole number")
    return number


# What holds several values; a PersonName can be iterated as well, but is one
_SEVERAL = (list, tuple, MultiValue)
_CONVERT: dict[str, Callable[[Any], Any]] = {"float": float, "integer": _integer, "text": _text}
