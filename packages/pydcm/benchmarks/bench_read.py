"""Reading: whole files, headers, ten elements of many files, every value, and arrays of numbers; next to pydicom."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import samples

from pydcm_testing import timing
from pydcm_testing.timing import Row, interleaved

TEN = [
    "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "Modality",
    "InstanceNumber", "Rows", "Columns", "SliceThickness", "ImagePositionPatient",
]  # fmt: skip
PLAIN = ("structure set", "report", "enhanced header")


def _raw(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def _touch(ds: Any) -> int:
    count = 0
    for elem in ds.iterall():
        _ = elem.value
        count += 1
    return count


def _ct(folder: str) -> Iterator[Row]:
    import pydicom

    import pydcm

    paths = []
    for i in range(100):
        path = Path(folder, f"{i:03}.dcm")
        path.write_bytes(samples.file("ct"))
        paths.append(str(path))

    def each(function: Callable[..., Any], **options: Any) -> Callable[[], Any]:
        def call() -> None:
            for path in paths:  # one at a time: memory is used again
                function(path, **options)

        return call

    def each_touched(read: Callable[[str], Any]) -> Callable[[], Any]:
        return lambda: sum(_touch(read(path)) for path in paths[:20])

    mine, peer, raw = interleaved(each(pydcm.dcmread), each(pydicom.dcmread), each(_raw), rounds=15)
    yield Row(
        "dcmread, 100 CT 512x512x16",
        mine,
        {"pydicom": peer, "open(p,'rb').read()": raw},
        {"pydicom": 12, "<open(p,'rb').read()": 1.25},
    )
    mine, peer = interleaved(
        each(pydcm.dcmread, stop_before_pixels=True), each(pydicom.dcmread, stop_before_pixels=True)
    )
    yield Row("dcmread(stop_before_pixels=True), 100 CT", mine, {"pydicom": peer}, {"pydicom": 40})

    def pydicom_index() -> None:
        for path in paths:
            ds = pydicom.dcmread(path, stop_before_pixels=True)
            [ds.get(keyword) for keyword in TEN]

    mine, peer = interleaved(lambda: pydcm.index(paths, tags=TEN, workers=1, progress=False), pydicom_index)
    yield Row("index of 10 elements, 100 CT", mine, {"pydicom": peer}, {"pydicom": 40})
    mine, peer = interleaved(each_touched(pydcm.dcmread), each_touched(pydicom.dcmread))
    yield Row("read and every value, 20 CT", mine, {"pydicom": peer}, {"pydicom": 15})


def _nested(folder: str) -> Iterator[Row]:
    import pydicom

    import pydcm

    for name in PLAIN:
        for undefined in (False, True):
            path = str(Path(folder, f"{name} {undefined}.dcm"))
            Path(path).write_bytes(samples.file(name, undefined_lengths=undefined))
            raw: list[Callable[[], Any]] = [] if undefined else [lambda path=path: _raw(path)]
            mine, peer, *more = interleaved(
                lambda path=path: pydcm.dcmread(path), lambda path=path: pydicom.dcmread(path), *raw, rounds=7
            )
            peers = {"pydicom": peer} | ({"raw read": more[0]} if more else {})
            aims = {"pydicom": 20} if undefined else {"<raw read": 1.5}
            yield Row(f"open, {name}, {'un' if undefined else ''}defined lengths", mine, peers, aims)
    for name, aim in (("structure set", 6), ("report", 10), ("enhanced header", 10)):
        path = str(Path(folder, f"{name} False.dcm"))
        if _touch(pydcm.dcmread(path)) != _touch(pydicom.dcmread(path)):
            raise AssertionError(f"{name}: not the same elements")
        mine, peer = interleaved(
            lambda path=path: _touch(pydcm.dcmread(path)),
            lambda path=path: _touch(pydicom.dcmread(path)),
            rounds=5,
        )
        yield Row(f"read and every value, {name}", mine, {"pydicom": peer}, {"pydicom": aim})


def _arrays(folder: str) -> Iterator[Row]:
    import numpy as np
    import pydicom

    import pydcm

    path = str(Path(folder, "structure set False.dcm"))

    def mine() -> list[Any]:
        contours = pydcm.dcmread(path).ROIContourSequence[0].ContourSequence
        return [contour.to_numpy("ContourData") for contour in contours]

    def peer() -> list[Any]:
        contours = pydicom.dcmread(path).ROIContourSequence[0].ContourSequence
        return [np.array(contour.ContourData, dtype="float64") for contour in contours]

    if not all(map(np.array_equal, mine(), peer())):
        raise AssertionError("not the same contours")
    ours, theirs = interleaved(mine, peer, rounds=5)
    yield Row("structure set to float64 arrays", ours, {"pydicom": theirs}, {"pydicom": 40})


def _threads(folder: str) -> Iterator[Row]:
    import pydcm

    paths = []
    for i in range(1000):
        path = Path(folder, f"t{i:04}.dcm")
        path.write_bytes(samples.file("ct"))
        paths.append(str(path))

    def read(part: list[str]) -> None:
        for path in part:
            pydcm.dcmread(path)

    def two() -> None:
        threads = [threading.Thread(target=read, args=(paths[start::2],)) for start in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    both, one = interleaved(two, lambda: read(paths), rounds=40, clock=time.perf_counter, choose=min)
    yield Row("two threads, 1000 CT (wall time)", both, {"one thread": one}, {"one thread": 1.6})


def rows() -> Iterator[Row]:
    """Yield the rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        for part in (_ct, _nested, _arrays, _threads):
            yield from part(folder)


if __name__ == "__main__":
    timing.main(rows)
