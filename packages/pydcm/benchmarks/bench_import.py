"""`import pydcm` in a fresh interpreter; next to pydicom."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator

from pydcm_testing import timing
from pydcm_testing.timing import Row


def _seconds(code: str) -> float:
    """Return the processor time of an interpreter that runs `code`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows() -> Iterator[Row]:
    """Yield the rows of the table."""
    programs = (
        "import pydcm, sys; assert 'numpy' not in sys.modules",
        "import pydicom",
        "pass",
        "from pydcm import dcmread, Dataset",
    )
    taken: list[list[float]] = [[] for _ in programs]
    for _ in range(9):
        for program, times in zip(programs, taken, strict=True):
            times.append(_seconds(program))
    mine, peer, bare, names = map(statistics.median, taken)
    yield Row(
        "import pydcm (interpreter's start taken off)", mine - bare, {"pydicom": peer - bare}, {"pydicom": 3}
    )
    yield Row("from pydcm import dcmread, Dataset", names - bare, {"pydicom": peer - bare}, {"pydicom": 3})


if __name__ == "__main__":
    timing.main(rows)
