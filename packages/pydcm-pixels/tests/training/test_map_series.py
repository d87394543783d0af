"""map_series."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from operator import attrgetter

import pytest

from pydcm_pixels.torchdata import map_series

from .conftest import slices, write_slice
from .functions import as_it_is, mean, shape_or_fail

MEANS = [pytest.approx(float(slices(count, seed).mean() - 1000)) for count, seed in ((5, 1), (3, 2))]


@pytest.mark.parametrize("workers", [1, 3])
def test_threads(study, workers):
    assert map_series(mean, study, workers=workers).values == MEANS


def test_executors(study):
    with ThreadPoolExecutor(2) as pool:
        assert map_series(mean, study, executor=pool).values == MEANS
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        # of a module that any process can import
        assert map_series(attrgetter("shape"), study, executor=pool).values == [(5, 6, 8), (3, 6, 8)]
        unpicklable = map_series(lambda volume: 1, study, executor=pool)
        assert len(unpicklable.failures) == 2
        assert unpicklable.values == []


def test_dask(study):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.Client(processes=False, n_workers=1, dashboard_address=None) as client,
        client.get_executor() as pool,
    ):
        assert map_series(mean, study, executor=pool).values == MEANS


@pytest.mark.parametrize("workers", [1, 2])
def test_failures_stop_nothing(study, workers):
    results = map_series(shape_or_fail, study, workers=workers)
    assert results.values == [[5, 6, 8]]
    (failure,) = results.failures
    assert failure.error == "ArithmeticError: b is refused"
    assert failure.source.description == "b"
    assert "b is refused" in repr(results)


def test_options_stacks_and_progress(study):
    seen = []
    assert map_series(mean, study, workers=1, rescale=False).values[1] == pytest.approx(slices(3, 2).mean())
    results = map_series(
        lambda stack: stack.n_frames,
        study,
        load=False,
        select=lambda stack: stack.description == "a",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert results.values == [5]
    assert seen == [(0, 1), (1, 1)]


def test_restart(study, tmp_path):
    journal = tmp_path / "results.jsonl"
    calls = []

    def function(volume):
        calls.append(volume.meta["description"])
        return shape_or_fail(volume)

    assert len(map_series(function, study, journal=journal, workers=1).failures) == 1
    assert calls == ["a", "b"]
    results = map_series(function, study, journal=journal, workers=1)  # only what failed
    assert calls == ["a", "b", "b"]
    assert results[0].value == [5, 6, 8]
    with journal.open("ab") as file:
        file.write(b'{"key": "half a li')
    map_series(function, study, journal=journal, workers=1)
    assert calls == ["a", "b", "b", "b"]
    assert journal.read_bytes().endswith(b"}\n")
    write_slice(
        study / "a" / "im0", slices(1, 5)[0], "1.2.3.1", 0, SeriesDescription="a", ImageComments="new"
    )
    map_series(function, study, journal=journal, workers=1)
    assert sorted(calls[4:]) == ["a", "b"]
    map_series(function, study, journal=journal, workers=1, resume=False)
    assert sorted(calls[6:]) == ["a", "b"]


def test_journal_takes_plain_values(study, tmp_path):
    results = map_series(as_it_is, study, journal=tmp_path / "r.jsonl", workers=1)
    assert "the journal cannot keep" in results[0].error
    text = tmp_path / "precious.txt"
    text.write_text("keep me\n")
    with pytest.raises(ValueError, match="no journal"):
        map_series(mean, study, journal=text)
    assert text.read_text() == "keep me\n"
