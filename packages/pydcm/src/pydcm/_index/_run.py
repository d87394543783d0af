"""Drive an index: files to batches, batches to workers, rows to the table."""

from __future__ import annotations

import os
import sys
from collections import deque
from typing import TYPE_CHECKING, Any

from ._columns import columns_for, read_batch
from ._journal import Journal
from ._tables import as_table, check_output, write_table
from ._walk import find_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from ._columns import Column, Row

__all__ = ["DEFAULT_TAGS", "index"]

#: The columns of an index for which none are named.
DEFAULT_TAGS = (
    "PatientID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SOPInstanceUID",
    "SOPClassUID",
    "Modality",
    "StudyDate",
    "SeriesDescription",
    "SeriesNumber",
    "InstanceNumber",
)

_BATCH = 64  # files per task: enough that handing tasks out costs nothing, few enough that progress shows
_AHEAD = 4  # tasks per worker that wait: bounds memory whatever the number of files
_TABLES = ("auto", "arrow", "pandas", "dict")


def index(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    tags: Iterable[Any] | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    progress: bool | Callable[[int, int], object] | None = None,
    output: str | os.PathLike[str] | None = None,
    resume: bool = True,
    pattern: str | None = None,
    force: bool = False,
    to: str = "auto",
) -> Any:
    """Make a table of chosen elements of many files.

    Parameters
    ----------
    paths : str, os.PathLike or iterable of them
        Files, directories (walked to the bottom) and URL prefixes (``"s3://bucket/study"``, with fsspec).
    tags : iterable, optional
        One column each: keywords, tags, or paths such as
        ``"SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SliceThickness"``. :data:`DEFAULT_TAGS` if none
        are given. A column holds numbers or text as the element's VR says, and lists if it may be multi-valued.
    executor : concurrent.futures.Executor, optional
        Who reads the files: threads, processes, or a cluster's executor (Dask's ``client.get_executor()``, an MPI or
        Ray pool), whose workers then must see the same paths.
    workers : int, optional
        Without `executor`, how many threads read; as many as there are processors by default. 1 reads in the calling
        thread.
    progress : bool or callable, optional
        ``True`` draws a bar on standard error; a callable gets the number of files done and of all files.
    output : str or os.PathLike, optional
        Write the table there (``.csv`` or ``.parquet``) rather than return it. Rows are kept in ``OUTPUT.partial`` on
        the way, so that calling this again after an interruption continues; that file goes when the table is written.
    resume : bool
        ``False`` begins anew.
    pattern : str, optional
        Only files whose name fits, such as ``"*.dcm"``.
    force : bool
        Read files without the DICOM prefix as well, as ``dcmread(force=True)`` does.
    to : {"auto", "arrow", "pandas", "dict"}
        What to return. ``"auto"``: Arrow if pyarrow is installed, else pandas, else a dict of lists.

    Returns
    -------
    pyarrow.Table, pandas.DataFrame, dict or pathlib.Path
        Columns ``path``, one per tag, and ``error``: what was wrong with a file that could not be read, or could only
        be in part. One bad file never stops the others. With `output`, the path written.

    Raises
    ------
    ValueError
        If a column, `to` or the output's ending is not understood.
    FileNotFoundError
        If one of `paths` does not exist.
    """
    if to not in _TABLES:
        raise ValueError(f"to={to!r}: choose one of {', '.join(map(repr, _TABLES))}")
    columns = columns_for(DEFAULT_TAGS if tags is None else tags)
    target = os.fspath(output) if output is not None else None
    if target is not None:
        check_output(target)
    files = find_files(paths, pattern)
    report = _reporter(progress)
    if target is None:
        return as_table(_rows(files, columns, executor, workers, force, report, 0, len(files)), columns, to)
    return _to_file(target, files, columns, executor, workers, force, report, resume)


def _to_file(
    target: str,
    files: Sequence[str],
    columns: Sequence[Column],
    executor: Executor | None,
    workers: int | None,
    force: bool,
    report: Callable[[int, int], object],
    resume: bool,
) -> Path:
    from pathlib import Path

    journal = Journal(f"{target}.partial", columns, resume=resume)
    try:
        # Neither the table being replaced nor the journal is a file to index
        own = {os.path.abspath(target), os.path.abspath(journal.path)}
        wanted = {file for file in files if os.path.abspath(file) not in own}
        missing = [file for file in files if file in wanted and file not in journal.done]
        known = len(wanted) - len(missing)
        batch: list[Row] = []
        for row in _rows(missing, columns, executor, workers, force, report, known, len(wanted)):
            batch.append(row)
            if len(batch) == _BATCH:
                journal.add(batch)
                batch.clear()
        journal.add(batch)
        write_table(target, (row for row in journal.rows() if row[0] in wanted), columns)
    except BaseException:
        journal.close()
        raise
    journal.remove()
    return Path(target)


def _rows(
    files: Sequence[str],
    columns: Sequence[Column],
    executor: Executor | None,
    workers: int | None,
    force: bool,
    report: Callable[[int, int], object],
    done: int,
    total: int,
) -> Iterator[Row]:
    """Yield the rows of `files` in their order, reporting after every batch."""
    batches = (files[start : start + _BATCH] for start in range(0, len(files), _BATCH))
    count = workers if workers is not None else (os.cpu_count() or 1)
    if executor is None and (count <= 1 or len(files) <= _BATCH):
        results: Iterator[list[Row]] = (read_batch(batch, columns, force) for batch in batches)
        yield from _reported(results, report, done, total)
    elif executor is not None:
        yield from _reported(_parallel(executor, batches, columns, force, max(count, 8)), report, done, total)
    else:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(count, thread_name_prefix="pydcm-index") as pool:
            yield from _reported(_parallel(pool, batches, columns, force, count), report, done, total)


def _parallel(
    executor: Executor, batches: Iterable[Sequence[str]], columns: Sequence[Column], force: bool, count: int
) -> Iterator[list[Row]]:
    """Yield the batches' rows in order, with a bounded number of tasks on their way."""
    waiting: deque[Future[list[Row]]] = deque()
    try:
        for batch in batches:
            waiting.append(executor.submit(read_batch, list(batch), list(columns), force))
            if len(waiting) >= _AHEAD * count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for task in waiting:  # after an interruption nobody needs the rest
            task.cancel()


def _reported(
    results: Iterable[list[Row]], report: Callable[[int, int], object], done: int, total: int
) -> Iterator[Row]:
    report(done, total)
    for rows in results:
        yield from rows
        done += len(rows)
        report(done, total)


def _reporter(progress: bool | Callable[[int, int], object] | None) -> Callable[[int, int], object]:
    if callable(progress):
        return progress
    return draw_bar if progress else lambda done, total: None


def draw_bar(done: int, total: int) -> None:
    """Draw a progress bar over the one before."""
    share = done / total if total else 1.0
    filled = round(40 * share)
    end = "\n" if done == total else ""
    sys.stderr.write(f"\r[{'#' * filled}{'.' * (40 - filled)}] {done}/{total} files{end}")
    sys.stderr.flush()
