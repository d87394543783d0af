"""A function over every series of a folder: in threads, processes or on a cluster, and on from where it stopped."""

from __future__ import annotations

import os
import traceback
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from pydcm_pixels._series.scan import reporter
from pydcm_pixels._training.fingerprint import identity, meaning, state
from pydcm_pixels._training.journal import Journal
from pydcm_pixels._training.sources import discovered, sources_of, unsorted_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._training.journal import Journal
from pydcm_pixels._training.sources import Source

__all__ = ["SeriesResult", "SeriesResults", "map_series"]

_AHEAD = 64  # tasks handed to an executor at once: more than a machine's processors, bounded for a cluster
_OPTIONS = frozenset({"rescale", "dtype", "correct_tilt", "resample"})


@dataclass(frozen=True)
class SeriesResult:
    """What a function made of one volume.

    Attributes
    ----------
    source : Source
        Files, UIDs, modality and description.
    value : object
        What the function returned.
    error : str or None
        What went wrong instead.
    traceback : str
        Where it did.
    """

    source: Source
    value: Any = None
    error: str | None = None
    traceback: str = ""


class SeriesResults(list[SeriesResult]):
    """Results in the order in which the volumes were found.

    Attributes
    ----------
    left_out : list of (str, str)
        Files that are in no volume, and why.
    """

    def __init__(
        self, results: Iterable[SeriesResult] = (), left_out: Iterable[tuple[str, str]] = ()
    ) -> None:
        super().__init__(results)
        self.left_out = list(left_out)

    @property
    def values(self) -> list[Any]:
        """What the function returned, where it did."""
        return [result.value for result in self if result.error is None]

    @property
    def failures(self) -> list[SeriesResult]:
        """The results with an error."""
        return [result for result in self if result.error is not None]

    def __repr__(self) -> str:
        lines = [f"<SeriesResults of {len(self)} volumes, {len(self.failures)} failed>"]
        lines += [f"  {one.source.files[0]}: {one.error}" for one in self.failures[:10]]
        return "\n".join(lines)


def map_series(
    func: Callable[[Any], Any],
    root: Any,
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    journal: str | os.PathLike[str] | None = None,
    resume: bool = True,
    load: bool = True,
    select: Callable[[Stack], bool] | None = None,
    split: str = "series",
    progress: bool | Callable[[int, int], Any] | None = None,
    **options: Any,
) -> SeriesResults:
    """Call a function with every volume of a folder.

    Parameters
    ----------
    func : callable
        Gets a :class:`~pydcm.volume.Volume`. For processes and clusters it has to be picklable: a function of a module.
    root : path or iterable of paths
        Files, folders (with all that is below them) and DICOMDIRs.
    executor : concurrent.futures.Executor, optional
        Where the calls happen: threads, processes, or a cluster's executor (Dask's ``client.get_executor()``, Ray's, an
        MPI pool) whose machines see the same paths. Volumes are read there, not here.
    workers : int, optional
        Without `executor`: threads, one per processor by default; 1 calls the function in this thread.
    journal : path, optional
        A file of JSON lines that keeps the results: calling again leaves out what is in it, unless the files of a volume,
        the options or the function changed. That is its code, the parameters bound to it, numbers, texts, arrays and
        lists of them that it encloses or finds in its module, and the functions of its module that it calls; those of
        other modules are not looked at. Results then have to be what JSON can hold, or NumPy's numbers and arrays, and
        are what it makes of them (lists); failures are tried again.
    resume : bool, optional
        ``False`` begins the journal anew.
    load : bool, optional
        ``False`` gives the function the stack, whose pixels are not read, instead of the volume.
    select : callable, optional
        Gets a stack and says whether to call the function with it.
    split : {"series", "outputs"}, optional
        Whether a series' echoes and components are one volume or several.
    progress : bool or callable, optional
        Show a bar on standard error; a callable gets (volumes done, volumes in all).
    **options
        How volumes are read, as for :func:`pydcm.load_series`: `rescale`, `dtype`, `correct_tilt`, `resample`.

    Returns
    -------
    SeriesResults
        A list of one result per volume. A volume that cannot be read, or with which the function fails, is among its
        ``failures`` and stops nothing; so are, at the end, images that make no volume.

    Raises
    ------
    FileNotFoundError
        If there is nothing at `root`.
    TypeError
        For another option, or what is no function.
    ValueError
        If `workers` is below 1, or `journal` is another file.

    Examples
    --------
    >>> from pydcm.volume import map_series
    >>> results = map_series(lambda volume: float(volume.pixels.mean()), "study")  # doctest: +SKIP
    >>> results.values  # doctest: +SKIP
    [-612.3, 104.5]
    """
    if not callable(func):
        raise TypeError(f"map_series calls a function with every volume; {func!r} is none")
    if workers is not None and workers < 1:
        raise ValueError(f"workers is the number of threads, at least 1, not {workers}")
    if wrong := sorted(set(options) - _OPTIONS):
        raise TypeError(
            f"map_series has no option {wrong[0]!r}; volumes are read with {', '.join(sorted(_OPTIONS))}"
        )
    sources: list[Source] = []
    unsorted: list[SeriesResult] = []
    left_out: list[tuple[str, str]] = []
    for found in discovered(root, split=split, workers=workers, progress=False):
        chosen = [select is None or select(stack) for stack in found.stacks]
        sources += [one for one, yes in zip(sources_of(found.stacks, split), chosen, strict=True) if yes]
        unsorted += [
            SeriesResult(one, None, reason) for one, reason in unsorted_sources(found.unsorted, split)
        ]
        left_out += found.left_out
        del found  # its headers, before others are read
    report = reporter(progress, len(sources), "volumes")
    results: list[SeriesResult | None] = [None] * len(sources)
    book = Journal(journal, resume) if journal is not None else None
    try:
        left: list[tuple[int, Source]] = []
        what = (meaning(func), load, sorted(options.items())) if book else ()
        keys = [_key(source, what) if book else "" for source in sources]
        for at, source in enumerate(sources):
            if book is not None and keys[at] in book.done:
                results[at] = SeriesResult(source, book.done[keys[at]])
            else:
                left.append((at, source))
        done = len(sources) - len(left)
        report(done)
        for at, value in _outcomes(func, left, executor, workers, load, options):
            error, where = (value.error, value.traceback) if isinstance(value, _Failure) else (None, "")
            if book is not None and error is None:
                value, error = book.add(keys[at], sources[at], value)
            results[at] = SeriesResult(sources[at], value if error is None else None, error, where)
            done += 1
            report(done)
    finally:
        if book is not None:
            book.close()
    return SeriesResults([*(result for result in results if result is not None), *unsorted], left_out)


def _key(source: Source, what: tuple[Any, ...]) -> str:
    try:
        current = state(source.files)
    except OSError:  # gone since its header was read; reading it says so
        current = ""
    return f"{identity(source.files, (source.number, source.split, *what))}-{current}"


class _Failure(NamedTuple):
    """What went wrong, as texts: there are exceptions that do not survive the way from another process."""

    error: str
    traceback: str


def _failure(exc: BaseException) -> _Failure:
    try:
        text = " ".join(str(exc).split())[:500]
    except Exception as wrong:
        text = f"(its text fails with {type(wrong).__name__})"
    return _Failure(f"{type(exc).__name__}: {text}", "".join(traceback.format_exception(exc)))


def _call(func: Callable[[Any], Any], source: Source, load: bool, options: dict[str, Any]) -> Any:
    """Read and call; this is what runs in the executor."""
    try:
        return func(source.volume(workers=1, **options) if load else source.stack())
    except Exception as exc:
        return _failure(exc)


def _outcomes(
    func: Callable[[Any], Any],
    left: Sequence[tuple[int, Source]],
    executor: Executor | None,
    workers: int | None,
    load: bool,
    options: dict[str, Any],
) -> Iterator[tuple[int, Any]]:
    """Yield place and value, or failure, of each task as they come."""
    if executor is not None:
        # a cluster's machines see the same paths from other working directories
        left = [(at, replace(source, files=tuple(map(os.path.abspath, source.files)))) for at, source in left]
        yield from _submitted(executor, func, left, load, options)
        return
    if workers is None:
        from pydcm_pixels._decode.parallel import available_cpus

        workers = available_cpus()
    if workers > 1 and len(left) > 1:
        with ThreadPoolExecutor(min(workers, len(left)), thread_name_prefix="pydcm-map") as pool:
            yield from _submitted(pool, func, left, load, options, workers + 1)
        return
    for at, source in left:
        yield at, _call(func, source, load, options)


def _submitted(
    executor: Executor,
    func: Callable[[Any], Any],
    left: Sequence[tuple[int, Source]],
    load: bool,
    options: dict[str, Any],
    ahead: int = _AHEAD,
) -> Iterator[tuple[int, Any]]:
    pending: dict[Future[Any], int] = {}
    # not futures.wait(), which waits for ever for tasks that an executor cancels as it is shut down
    ended: SimpleQueue[Future[Any]] = SimpleQueue()
    waiting = iter(left)
    try:
        while True:
            while len(pending) < ahead and (following := next(waiting, None)) is not None:
                try:
                    task = executor.submit(_call, func, following[1], load, options)
                except Exception as exc:  # a pool whose process died takes no more tasks
                    yield following[0], _failure(exc)
                    continue
                pending[task] = following[0]
                task.add_done_callback(ended.put)
            if not pending:
                return
            task = ended.get()
            yield pending.pop(task), _outcome(task)
    finally:
        for task in pending:  # after an interruption nobody needs the rest
            task.cancel()


def _outcome(task: Future[Any]) -> Any:
    """Return what a task that ended returned, or its failure."""
    if task.cancelled():
        return _failure(CancelledError("the executor was shut down before it came to this volume"))
    exc = task.exception()
    return task.result() if exc is None else _failure(exc)
