"""From paths to headers: every file once, in threads, up to the pixel data."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from pydcm.errors import InvalidDicomError
from pydcm.filereader import dcmread
from pydcm_pixels._series.alike import Models
from pydcm_pixels._series.frames import frames_of
from pydcm_pixels._series.problems import LeftOut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydcm_pixels._series.frame import Frame
    from pydcm_pixels._series.reserve import Reserve

__all__ = ["MANY", "UNREADABLE", "expand", "reporter", "scan", "unreadable"]

#: What a file that is no DICOM file ends with; it is not opened.
_NOT_DICOM = (
    ".json",
    ".txt",
    ".nii",
    ".nii.gz",
    ".bval",
    ".bvec",
    ".md",
    ".csv",
    ".png",
    ".py",
    ".zip",
    ".xml",
    ".html",
)
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".7z", ".rar")
#: What a file ends with that should be one.
_DICOM = (".dcm", ".dicom", ".dic", ".ima")
#: What the reason begins with if a file is broken.
UNREADABLE = "cannot be read: "
#: Of more files than this, headers (4 to 130 KB each) are not held but read again, series by series.
MANY = 2000
#: No system has longer paths.
_LONGEST = 1 << 15
#: Files at a time; few at first, which show what is to come.
_FIRST, _BATCH = 8, 32
#: Threads for slow disks, and how many times the processor's time a batch takes on one.
_THREADS, _WAITING = 8, 3.0


def expand(paths: Any, depth: int | None = None) -> Iterator[str]:
    """Yield the files of paths: files as they are, folders with all that is below them, a DICOMDIR's files.

    `depth` says how many levels of folders below the given ones are searched; by default all.
    """
    if isinstance(paths, str | bytes | os.PathLike) or hasattr(paths, "read") or hasattr(paths, "file_meta"):
        paths = [paths]
    elif not hasattr(paths, "__iter__"):
        raise TypeError(f"a path or several are needed, not {paths!r}")
    for path in paths:
        if not isinstance(path, str | bytes | os.PathLike):
            raise TypeError(
                f"series are read from files: a path or several are needed, no {type(path).__name__}; "
                "write data sets and streams to a folder first"
            )
        path = os.fsdecode(path)
        if len(path) > _LONGEST:
            raise TypeError(
                f"a path or several are needed, not the {len(path)} bytes or characters of a file's content"
            )
        if os.path.isdir(path):
            yield from _walk(path, depth)
        elif is_dicomdir(os.path.basename(path)):
            yield from _referenced(path)
        else:
            if not os.path.exists(path):
                raise FileNotFoundError(f"there is no file or folder {path!r}")
            if not os.path.isfile(path):
                raise ValueError(f"{path!r} is neither a file nor a folder")
            yield path


def is_dicomdir(name: str) -> bool:
    """Say whether a file has the name of a DICOMDIR, as discs are copied in small letters or with a version, too."""
    return name[:8].upper() == "DICOMDIR" and name[8:] in ("", ".", ";1", ".;1")


def _walk(folder: str, depth: int | None = None) -> Iterator[str]:
    """Yield the files below a folder, sorted; neither pipes and devices nor what links to a folder lead to."""
    pending = [(folder, 0)]
    while pending:
        here, level = pending.pop()
        try:
            with os.scandir(here) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            yield here  # reading it says why it cannot be read
            continue
        folders = []
        for entry in entries:
            if entry.name.startswith(".") or is_dicomdir(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append((entry.path, level + 1))
            elif entry.is_file():
                yield entry.path
        if depth is None or level < depth:
            pending.extend(reversed(folders))


def _referenced(path: str) -> Iterator[str]:
    """Yield the files that a DICOMDIR lists, none outside of its folder (PS3.10 §8.6); reading says if one is not there."""
    folder = os.path.dirname(os.path.abspath(path))
    for record in dcmread(path).get("DirectoryRecordSequence", ()):
        parts = record.get("ReferencedFileID")
        if not parts:
            continue
        parts = [parts] if isinstance(parts, str) else list(parts)
        name = os.path.normpath(os.path.join(folder, *parts))
        if os.path.commonpath([folder, name]) == folder:
            yield name if os.path.exists(name) else _renamed(folder, os.path.relpath(name, folder)) or name


def _renamed(folder: str, name: str) -> str | None:
    """Return the file of a name whose letters became small ones, or got a version (``;1``), on their way from a disc."""
    for part in name.split(os.sep):
        try:
            names = os.listdir(folder)
        except OSError:
            return None
        plain = part.upper()
        found = next(
            (one for one in sorted(names) if one.upper().partition(";")[0].rstrip(".") == plain), None
        )
        if found is None:
            return None
        folder = os.path.join(folder, found)
    return folder


def scan(
    paths: Any,
    *,
    progress: Any = None,
    workers: int | None = None,
    reserve: Reserve | None = None,
) -> tuple[list[Frame], list[tuple[str, str]]]:
    """Read the headers of all files.

    Parameters
    ----------
    paths : path or iterable of paths
        Files and folders.
    progress : bool or callable, optional
        Show a bar on standard error; by default if it is a terminal. A callable gets (files done, files in all).
    workers : int, optional
        Threads that read from slow disks; 8 by default.
    reserve : Reserve, optional
        Is shown the images of each batch of files.

    Returns
    -------
    frames : list of Frame
        All images.
    left_out : list of (str, str)
        The other files and why they are no images.
    """
    from pydcm_pixels._series.grouping import series_key

    files = list(dict.fromkeys(expand(paths)))
    report = reporter(progress, len(files))
    frames: list[Frame] = []
    left_out: list[tuple[str, str]] = []
    done = 0
    release = len(files) > MANY
    for found, bad in _batches(files, workers):
        frames.extend(found)
        left_out.extend(bad)
        if reserve is not None and found:
            reserve.look(found, len(files))
        for frame in found if release else ():
            # one image, and none of its items is held
            if frame.image.series is None and frame.index is None and frame.groups is None:
                frame.image.series = series_key(frame)
                frame.image.release()
        done = min(done + (_BATCH if done else _FIRST), len(files))
        report(done)
    return frames, left_out


def _batches(files: list[str], workers: int | None) -> Iterator[tuple[list[Frame], list[tuple[str, str]]]]:
    """Yield what batches of files hold, in their order.

    Headers keep the interpreter busy, so threads pay only where most of the time is spent on waiting for a disk or a
    network: the first batch shows it. Where the system tells, waiting for a processor is not taken for it.
    """
    parts = [files[:_FIRST], *(files[at : at + _BATCH] for at in range(_FIRST, len(files), _BATCH))]
    if not files:
        return
    models = Models()
    wall, cpu, waits = time.perf_counter(), time.thread_time(), _waits()
    first = _read_batch(parts[0], models)
    wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
    waited = wall > _WAITING * cpu and (waits is None or (_waits() or 0) - waits >= len(parts[0]) // 2)
    yield first
    if workers == 1 or not waited or len(parts) < 3:
        for part in parts[1:]:
            yield _read_batch(part, models)
    else:
        yield from _threaded(parts[1:], workers or _THREADS, models)


def _waits() -> int | None:
    """Return how often this thread has given its processor up to wait for something, ``None`` if that is not known."""
    if sys.platform != "linux":
        return None
    import resource

    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw


def _threaded(
    parts: list[list[str]], workers: int, models: Models
) -> Iterator[tuple[list[Frame], list[tuple[str, str]]]]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers, thread_name_prefix="pydcm-scan") as pool:
        yield from pool.map(lambda part: _read_batch(part, models), parts)


def _read_batch(paths: list[str], models: Models) -> tuple[list[Frame], list[tuple[str, str]]]:
    frames: list[Frame] = []
    left_out: list[tuple[str, str]] = []
    for path in paths:
        try:
            frames.extend(_read(path, models))
        except LeftOut as exc:
            left_out.append((path, str(exc)))
        except Exception as exc:  # whatever is wrong with one file, the others are read
            left_out.append((path, unreadable(exc)))
    return frames, left_out


def unreadable(exc: Exception) -> str:
    """Return why a file is left out that cannot be read."""
    return f"{UNREADABLE}{type(exc).__name__}: {' '.join(str(exc).split())[:300]}"


def _read(path: str, models: Models) -> list[Frame]:
    try:
        ds = dcmread(path, stop_before_pixels=True)
    except InvalidDicomError:
        if path.lower().endswith(_DICOM) and not _has_no_preamble(path):
            raise
        if path.lower().endswith(_NOT_DICOM) or not _has_no_preamble(path):
            archive = path.lower().endswith(_ARCHIVES)
            raise LeftOut(
                "no DICOM file but an archive: unpack it first" if archive else "no DICOM file"
            ) from None
        ds = dcmread(path, stop_before_pixels=True, force=True)
    return frames_of(path, ds, models)


def _has_no_preamble(path: str) -> bool:
    """Say whether a file begins with an element of group 0008, as data sets without file meta information do."""
    with open(path, "rb") as file:
        head = file.read(8)
    return (
        len(head) == 8
        and head[:2] == b"\x08\0"
        and head[2:4] in (b"\0\0", b"\x01\0", b"\x05\0", b"\x08\0", b"\x10\0", b"\x12\0", b"\x16\0")
    )


def reporter(progress: Any, total: int, what: str = "headers") -> Callable[[int], object]:
    """Return what is told how many of `total` are done; it calls `progress` or draws a bar labelled `what`."""
    if callable(progress):
        return lambda done: progress(done, total)
    stream = sys.stderr
    if progress is None:
        progress = total > 200 and stream is not None and stream.isatty()
    if not progress or not total or stream is None:
        return lambda done: None

    def show(done: int) -> None:
        filled = 30 * done // total
        end = "\n" if done >= total else ""
        stream.write(f"\r{what} [{'#' * filled}{'.' * (30 - filled)}] {done}/{total}{end}")
        stream.flush()

    return show
