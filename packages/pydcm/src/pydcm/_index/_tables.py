"""Rows to Arrow, pandas, CSV and Parquet."""

from __future__ import annotations

import csv
import os
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ._columns import Column, Row

__all__ = ["as_table", "check_output", "write_table"]

_CHUNK = 50_000


def as_table(rows: Iterable[Row], columns: Sequence[Column], to: str) -> Any:
    """Return the rows as an Arrow table, a pandas frame or a dict of lists.

    Raises
    ------
    ImportError
        If the library asked for is not installed.
    """
    if to in ("auto", "arrow"):
        try:
            return _arrow(list(rows), columns)
        except ImportError as exc:
            if to == "arrow":
                raise ImportError('an Arrow table needs pyarrow:  pip install "pydcm[arrow]"') from exc
    data = _by_column(list(rows), columns)
    if to in ("auto", "pandas"):
        try:
            import pandas
        except ImportError as exc:
            if to == "pandas":
                raise ImportError('a data frame needs pandas:  pip install "pydcm[pandas]"') from exc
        else:
            return pandas.DataFrame(data)
    return data


def _by_column(rows: Sequence[Row], columns: Sequence[Column]) -> dict[str, list[Any]]:
    data: dict[str, list[Any]] = {"path": [row[0] for row in rows]}
    for position, column in enumerate(columns):
        data[column.name] = [row[1][position] for row in rows]
    data["error"] = [row[2] for row in rows]
    return data


def _arrow(rows: Sequence[Row], columns: Sequence[Column]) -> Any:
    import pyarrow

    kinds = {"float": pyarrow.float64(), "integer": pyarrow.int64(), "text": pyarrow.string()}
    fields = [("path", pyarrow.string())]
    for column in columns:
        kind = kinds[column.kind]
        fields.append((column.name, pyarrow.list_(kind) if column.many else kind))
    fields.append(("error", pyarrow.string()))
    return pyarrow.table(_by_column(rows, columns), schema=pyarrow.schema(fields))


def check_output(path: str) -> None:
    """Refuse a name whose ending says neither CSV nor Parquet, before any file is read.

    Raises
    ------
    ValueError
        If the ending is not ``.csv``, ``.parquet`` or ``.pq``.
    ImportError
        If it is Parquet and pyarrow is not installed.
    """
    _writer_for(path)


def _writer_for(path: str) -> Callable[[str, Iterator[Row], Sequence[Column]], None]:
    ending = os.path.splitext(path)[1].lower()
    if ending == ".csv":
        return _write_csv
    if ending in (".parquet", ".pq"):
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError as exc:
            raise ImportError('writing Parquet needs pyarrow:  pip install "pydcm[arrow]"') from exc
        return _write_parquet
    raise ValueError(f"the output's name must end in .csv or .parquet, not {ending or 'nothing'!r}: {path}")


def write_table(path: str, rows: Iterator[Row], columns: Sequence[Column]) -> None:
    """Write rows to a CSV or Parquet file, under another name until it is complete."""
    unfinished = f"{path}.writing"
    try:
        _writer_for(path)(unfinished, rows, columns)
        os.replace(unfinished, path)
    finally:
        if os.path.exists(unfinished):
            os.unlink(unfinished)


def _write_csv(path: str, rows: Iterator[Row], columns: Sequence[Column]) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", *(column.name for column in columns), "error"])
        for name, values, error in rows:
            cells = ["\\".join(map(str, value)) if isinstance(value, list) else value for value in values]
            writer.writerow([name, *cells, error])


def _write_parquet(path: str, rows: Iterator[Row], columns: Sequence[Column]) -> None:
    import pyarrow.parquet

    first = _arrow(list(islice(rows, _CHUNK)), columns)
    with pyarrow.parquet.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        while chunk := list(islice(rows, _CHUNK)):
            writer.write_table(_arrow(chunk, columns))
