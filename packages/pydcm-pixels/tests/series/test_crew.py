"""Threads that do one thing after another."""

from __future__ import annotations

import _thread
import threading

import pytest

from pydcm_pixels._series.crew import Crew


def test_calls_in_order():
    crew, done, gate = Crew(), [], threading.Event()
    crew.give(1, gate.wait)
    crew.give(1, done.append, 1)
    crew.give(1, done.append, 2)
    assert len(crew) == 1 and not done
    gate.set()
    assert crew.wait() == [] and done == [1, 2]
    crew.end()
    assert len(crew) == 0


def test_threads_are_used_again():
    crew, names = Crew(), set()
    for count in (0, -1, 3, 2):
        barrier = threading.Barrier(max(count, 1))
        crew.give(count, lambda gate=barrier: names.add(threading.get_ident()) or gate.wait())
        assert crew.wait() == []
    assert len(crew) == len(names) == 3 and threading.get_ident() not in names


def test_errors_are_told_and_stop_nothing():
    crew = Crew()
    crew.give(2, int, "x")
    crew.give(1, dict)
    errors = crew.wait()
    assert [type(one) for one in errors] == [ValueError, ValueError]
    assert crew.wait() == []


@pytest.mark.parametrize("how", ["end", "forget"])
def test_threads_go(how):
    crew, found = Crew(), []
    crew.give(2, lambda: found.append(threading.get_native_id()))
    crew.wait()
    before = _thread._count()
    if how == "end":
        crew.end()
    else:
        del crew
    for _ in range(1000):
        if _thread._count() <= before - 2:
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"{_thread._count()} threads of {before} are there still")
