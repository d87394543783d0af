"""map_series."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from operator import attrgetter
from unittest.mock import patch

import pytest

from pydcm_pixels.torchdata import map_series

from .conftest import slices, write_slice
from .functions import as_it_is, die, mean, numbers, shape, shape_or_fail, silent_error, unpickable_error

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
    assert 'raise ArithmeticError("b is refused")' in failure.traceback
    assert failure.source.description == "b"
    assert "b is refused" in repr(results)


def test_images_that_make_no_volume_are_failures(unsorted):
    (unsorted / "broken.dcm").write_bytes((unsorted / "a" / "im0").read_bytes()[:400])
    results = map_series(mean, unsorted)
    assert results.values == MEANS
    (failure,) = results.failures
    assert failure is results[-1]
    assert "no element tells them apart" in failure.error
    assert (failure.source.description, failure.source.series_uid) == ("u", "1.2.3.9")
    assert len(failure.source.files) == 3
    assert [(path, reason.split(":")[0]) for path, reason in results.left_out] == [
        (str(unsorted / "broken.dcm"), "cannot be read"),
        (str(unsorted / "notes.txt"), "no DICOM file"),
    ]


def test_process_that_dies(study):
    if not hasattr(os, "fork"):
        pytest.skip("the function is of a module that is no package elsewhere")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        results = map_series(die, study, executor=pool)
    assert [result.error.split(":")[0] for result in results] == ["BrokenProcessPool"] * 2


def test_exceptions_that_are_exceptions_themselves(study):
    """One that cannot be unpickled would take the pool with it, one without a text the run."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        for function, error in (
            (unpickable_error, "Odd: it"),
            (silent_error, "Silent: (its text fails with RuntimeError)"),
        ):
            results = map_series(function, study, executor=pool)
            assert [result.error for result in results] == [error] * 2
            assert "in unpickable_error" in results[0].traceback or function is silent_error
        assert map_series(mean, study, executor=pool).values == MEANS
    for workers in (1, 2):
        results = map_series(silent_error, study, workers=workers)
        assert [result.error for result in results] == ["Silent: (its text fails with RuntimeError)"] * 2


class Abandoned(ThreadPoolExecutor):
    """Is shut down with tasks that it has not begun."""

    def submit(self, *args, **options):
        task = Future()
        task.cancel()
        return task


def test_executor_that_cancels(study):
    results = map_series(mean, study, executor=Abandoned(1))
    assert [result.error.split(":")[0] for result in results] == ["CancelledError"] * 2


def test_executor_that_is_shut_down(study):
    with ThreadPoolExecutor(1) as pool:

        def function(volume):
            pool.shutdown(wait=False, cancel_futures=True)
            return 1

        results = map_series(function, study, executor=pool)
    assert [(result.value, (result.error or "").split(":")[0]) for result in results] == [
        (1, ""),
        (None, "CancelledError"),
    ]


def test_machines_with_other_working_directories(study, monkeypatch):
    monkeypatch.chdir(study.parent)
    with ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("fork"), initializer=os.chdir, initargs=("/",)
    ) as pool:
        results = map_series(mean, study.name, executor=pool)
    assert results.values == MEANS
    assert not os.path.isabs(results[0].source.files[0])


def test_what_cannot_be_called(study):
    with pytest.raises(TypeError, match="calls a function with every volume; 3 is none"):
        map_series(3, study)
    with pytest.raises(ValueError, match="workers is .* at least 1, not 0"):
        map_series(mean, study, workers=0)


def test_unknown_option(study):
    with pytest.raises(TypeError, match="no option 'rescal'; .*rescale"):
        map_series(mean, study, rescal=False)


def test_another_function_has_other_results(study, tmp_path):
    journal = tmp_path / "results.jsonl"
    assert map_series(mean, study, journal=journal).values == MEANS
    assert map_series(partial(shape, 1), study, journal=journal).values == [6, 6]
    assert map_series(mean, study, journal=journal).values == MEANS
    assert len(journal.read_bytes().splitlines()) == 4


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


@pytest.mark.parametrize("content", [b"{", b'{"key":"half', b'{"key":"1","value":2}', b""])
def test_journal_whose_first_line_was_being_written(study, tmp_path, content):
    journal = tmp_path / "r.jsonl"
    journal.write_bytes(content)
    assert map_series(mean, study, journal=journal).values == MEANS
    assert len(journal.read_bytes().splitlines()) == 2


def test_files_that_are_no_journal_stay(study, tmp_path):
    text = tmp_path / "precious.txt"
    for content in (b"keep me\n", b'{"a": 1}\n', b"\n", b"[1, 2]"):
        text.write_bytes(content)
        for resume in (True, False):
            with pytest.raises(ValueError, match="no journal"):
                map_series(mean, study, journal=text, resume=resume)
            assert text.read_bytes() == content


def test_damaged_line_of_a_journal(study, tmp_path):
    journal = tmp_path / "r.jsonl"
    map_series(mean, study, journal=journal)
    first, second = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(first[:20] + b"\n" + second)
    seen = []
    assert map_series(mean, study, journal=journal, progress=lambda *done: seen.append(done)).values == MEANS
    assert seen == [(1, 2), (2, 2)]
    assert len(journal.read_bytes().splitlines()) == 3


def test_lines_of_other_runs_stay(study, tmp_path):
    """What another run appends after this one has read the file."""
    from pydcm_pixels._training.journal import Journal

    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"key":"1","value":1}\n')
    with patch.object(Journal, "_read", autospec=True, side_effect=Journal._read) as read:
        original = read.side_effect

        def and_append(self, path):
            found = original(self, path)
            with open(path, "ab") as file:
                file.write(b'{"key":"2","value":2}\n')
            return found

        read.side_effect = and_append
        Journal(path, True).close()
    assert len(path.read_bytes().splitlines()) == 2


def test_journal_takes_numbers_of_numpy(study, tmp_path):
    for _ in range(2):
        results = map_series(numbers, study, journal=tmp_path / "r.jsonl", workers=1)
        assert results.values == [{"shape": [5, 6, 8], "mean": mean} for mean in MEANS[:1]] + [
            {"shape": [3, 6, 8], "mean": mean} for mean in MEANS[1:]
        ]


def test_results_are_the_same_from_a_journal(study, tmp_path):
    found = [map_series(attrgetter("shape"), study, journal=tmp_path / "r.jsonl").values for _ in range(2)]
    assert found == [[[5, 6, 8], [3, 6, 8]]] * 2


def test_killed_and_started_again(study, tmp_path):
    """A process that ends in the middle leaves what was done; the next one does the rest."""
    journal = tmp_path / "r.jsonl"
    code = (
        "import os, sys; from pydcm_pixels.torchdata import map_series\n"
        "def mean(volume):\n"
        "    print(volume.meta['description'], flush=True)\n"
        "    if volume.meta['description'] == sys.argv[3]: os._exit(9)\n"
        "    return float(volume.pixels.mean())\n"
        "print(map_series(mean, sys.argv[1], journal=sys.argv[2], workers=1).values)\n"
    )
    command = [sys.executable, "-c", code, str(study), str(journal)]
    ended = subprocess.run([*command, "b"], check=False)
    assert ended.returncode == 9
    assert len(journal.read_bytes().splitlines()) == 1
    called, values = subprocess.check_output([*command, ""], text=True).splitlines()
    assert called == "b"
    assert json.loads(values) == MEANS


class Above:
    def __init__(self, least):
        self.least = least

    def __call__(self, volume):
        return int((volume.pixels > self.least).sum())


def more_than(least):
    return lambda volume: int((volume.pixels > least).sum())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (lambda volume: 1, lambda volume: 2),
        (partial(shape, 0), partial(shape, 1)),
        (Above(-900), Above(-700)),
        (Above(-900).__call__, Above(-700).__call__),
        (more_than(-900), more_than(-700)),
    ],
)
def test_functions_of_one_name(study, tmp_path, first, second):
    journal = tmp_path / "results.jsonl"
    expected = [map_series(function, study).values for function in (first, second)]
    assert expected[0] != expected[1]
    for _ in range(2):
        for function, values in zip((first, second), expected, strict=True):
            assert map_series(function, study, journal=journal).values == values
    assert len(journal.read_bytes().splitlines()) == 4


LEAST, LEVELS = -900, {"high": [-700]}


def by_module(volume):
    return counted(volume)


def counted(volume):
    found = {}
    for name, (level,) in LEVELS.items():
        found[name] = [int((volume.pixels > level).sum()), int((volume.pixels > LEAST).sum())]
    return found


@pytest.mark.parametrize("name", ["LEAST", "LEVELS", "counted"])
def test_what_a_function_finds_in_its_module(study, tmp_path, monkeypatch, name):
    journal = tmp_path / "results.jsonl"
    first = map_series(by_module, study, journal=journal).values
    new = {"LEAST": -800, "LEVELS": {"high": [-750]}, "counted": lambda volume: 3}
    monkeypatch.setitem(globals(), name, new[name])
    second = map_series(by_module, study, journal=journal).values
    assert second == map_series(by_module, study).values != first
    assert map_series(by_module, study, journal=journal).values == second
    assert len(journal.read_bytes().splitlines()) == 4


def test_lists_that_a_function_encloses(study, tmp_path):
    levels, seen = [-900], {}

    def function(volume):
        seen[volume.meta["description"]] = 1
        return int((volume.pixels > levels[0]).sum())

    first = map_series(function, study, journal=tmp_path / "r.jsonl", workers=1).values
    assert len(seen) == 2
    seen.clear()
    assert map_series(function, study, journal=tmp_path / "r.jsonl", workers=1).values == first
    assert not seen
    levels[0] = -700
    assert map_series(function, study, journal=tmp_path / "r.jsonl", workers=1).values != first


def test_stacks_and_volumes_have_results_of_their_own(study, tmp_path):
    journal = tmp_path / "results.jsonl"
    both = [map_series(kind, study, load=load, journal=journal).values for load in (True, False)]
    assert both == [["Volume"] * 2, ["Stack"] * 2]


def kind(what):
    return type(what).__name__


def test_keys_are_the_same_in_every_process(study, tmp_path):
    script = (
        "import sys\nfrom pydcm_pixels.torchdata import map_series\n"
        "def function(volume, among=frozenset('abcdef')):\n    return volume.meta['description'] in {'a', 'x', 'y', 'z'}\n"
        "map_series(function, sys.argv[1], journal=sys.argv[2], workers=1)\n"
    )
    journal = tmp_path / "results.jsonl"
    for seed in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", script, str(study), str(journal)]
        subprocess.run(command, env=environment, check=True)
    assert len(journal.read_bytes().splitlines()) == 2
