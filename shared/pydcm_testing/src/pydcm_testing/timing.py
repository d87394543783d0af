"""Interleaved timing, and the table that every ``benchmarks/bench_*.py`` prints.

A benchmark is a module with a function ``rows()`` that yields :class:`Row`; its last lines are::

    if __name__ == "__main__":
        timing.main(rows)

Alternatives are called in turn, round after round, so that a busy moment of the machine hits all of them, and medians
are compared. Time is the processor's unless a row says otherwise (threads).
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Row", "interleaved", "main", "print_table"]


@dataclass
class Row:
    """One line of a table.

    Attributes
    ----------
    what : str
        What was done.
    seconds : float
        Ours, the median.
    peers : dict[str, float]
        The others' medians by name, in seconds.
    aims : dict[str, float]
        By the name of a peer the ratio wanted: above 1 "that many times faster than it", up to 2 with a leading
        ``<`` in the name ("at most that many times its time"), as in ``{"pydicom": 10, "<raw read": 1.25}``.
    """

    what: str
    seconds: float
    peers: dict[str, float] = field(default_factory=dict)
    aims: dict[str, float] = field(default_factory=dict)

    def ratios(self) -> Iterator[tuple[str, float, float | None, bool]]:
        """Yield for each peer its name, the ratio, what was wanted and whether that was reached."""
        for name, seconds in self.peers.items():
            if (most := self.aims.get("<" + name)) is not None:
                ratio = self.seconds / seconds
                yield f"time of {name}", ratio, most, ratio <= most
            else:
                least = self.aims.get(name)
                ratio = seconds / self.seconds
                yield f"faster than {name}", ratio, least, least is None or ratio >= least


def interleaved(
    *calls: Callable[[], Any],
    rounds: int = 9,
    clock: Callable[[], float] = time.process_time,
    choose: Callable[[list[float]], float] = statistics.median,
    before: Callable[[], object] = lambda: None,
) -> list[float]:
    """Return the median seconds of each call, all called in turn `rounds` times after one round that is not counted.

    Wall time (`clock`) of several threads wants `choose` to be ``min``: in most rounds other programs had a processor too.
    What `before` does before each call is not counted.
    """
    taken: list[list[float]] = [[] for _ in calls]
    for round_number in range(rounds + 1):
        for call, times in zip(calls, taken, strict=True):
            before()
            start = clock()
            call()
            seconds = clock() - start
            if round_number:
                times.append(seconds)
    return [choose(times) for times in taken]


def _text(seconds: float) -> str:
    return f"{seconds * 1e3:.3f}" if seconds < 10 else f"{seconds * 1e3:.0f}"


def print_table(rows: Iterable[Row]) -> list[Row]:
    """Print rows as they come and return them."""
    print(f"{'':58} {'ms':>10}   ratios (aim)")
    done = []
    for row in rows:
        parts = []
        for name, ratio, aim, reached in row.ratios():
            wanted = "" if aim is None else f" ({'at most' if 'time of' in name else 'at least'} {aim:g})"
            parts.append(f"{ratio:.2f}x {name}{wanted}{'' if reached else '  MISSED'}")
        print(f"{row.what:58} {_text(row.seconds):>10}   {'; '.join(parts)}", flush=True)
        done.append(row)
    return done


def main(rows: Callable[[], Iterable[Row]], argv: Sequence[str] | None = None) -> None:
    """Print the table of a benchmark; ``--json FILE`` appends its rows to a file of JSON lines."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="append the rows to FILE, one JSON object a line"
    )
    args = parser.parse_args(argv)
    done = print_table(rows())
    if args.json is not None:
        with args.json.open("a", encoding="utf-8") as out:
            out.writelines(json.dumps(asdict(row)) + "\n" for row in done)
