"""A pytest plugin for runs in which every peer has to be there: a test skipped for a missing package is a failure.

``pytest -p pydcm_testing.peers``. Programs cannot be installed with pip: those that tests missed are only named.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

__all__: list[str] = []

#: What tests look for that no Python package brings.
_PROGRAMS = re.compile(
    r"\b(dciodvfy|dcm\w+|djxl|gdcm\w+|grk_\w+|img2dcm|ojph_\w+|opj_\w+)(?= is not installed)"
    r"|^(pydicom-data) is not installed"
)
#: How pytest.importorskip and the tests say that a package is missing or too old.
_MISSING = (
    re.compile(r"could not import '([^']+)'"),
    re.compile(r"module '?([\w.]+)'? has __version__"),
    re.compile(r"^(?!the )(.+) is not (?:installed|here)$"),  # "the ..." are collections of files
    re.compile(r"^(pydicom has no plugin) for"),
)

_missing: Counter[str] = Counter()
_programs: Counter[str] = Counter()


def _note(report: Any) -> None:
    if not report.skipped or not isinstance(report.longrepr, tuple):
        return
    reason = str(report.longrepr[2]).removeprefix("Skipped: ")
    program = _PROGRAMS.search(reason)
    if program:
        _programs[program[0].removesuffix(" is not installed")] += 1
        return
    for pattern in _MISSING:
        found = pattern.search(reason)
        if found:
            _missing[found[1]] += 1
            return


pytest_runtest_logreport = _note
pytest_collectreport = _note


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run that passed but for missing peers."""
    if _missing and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was missing."""
    for what, counts, colour in (
        ("programs and sample files that are not here (allowed)", _programs, "yellow"),
        ("packages that are missing from the group of peers", _missing, "red"),
    ):
        if counts:
            terminalreporter.section(what)
            for name, number in sorted(counts.items()):
                terminalreporter.line(f"{name}: {number} skipped", **{colour: True})
