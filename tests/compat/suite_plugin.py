"""A pytest plugin that presents pydcm as ``pydicom`` to pydicom's own tests.

A name that pydcm lacks must not take a whole test file with it: while pytest collects, tests that import such a name get
a placeholder, and only a test that *uses* it fails. Results go, one JSON line each, to the file named by
``PYDCM_SUITE_RESULTS``, so that a crash leaves everything before it on record.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

TARGET = os.environ.get("PYDCM_SUITE_TARGET", "pydcm")
TESTS = Path(os.environ["PYDCM_SUITE_TESTS"]).resolve()
SECONDS_PER_TEST = int(os.environ.get("PYDCM_SUITE_TIMEOUT", "60"))

_running = False


class MissingName(BaseException):
    """A test used a name that the target lacks; no ``except Exception`` or ``pytest.raises`` may mistake it."""


class TestTimeout(BaseException):
    """A test took too long."""

    __test__ = False


class Placeholder:
    """Stands for a missing name: permits everything during collection and nothing when tests run."""

    def __init__(self, name: str) -> None:
        self.__dict__["name"] = name

    def _derive(self, suffix: str) -> Placeholder:
        if _running:
            raise MissingName(f"{TARGET} has no {self.name}")
        return Placeholder(self.name + suffix)

    def __call__(self, *args: object, **kwargs: object) -> Placeholder:
        return self._derive("()")

    def __getattr__(self, name: str) -> Placeholder:
        if name.startswith("__") or (_running and name.startswith(("_pytest", "pytest", "_fixture"))):
            raise AttributeError(name)
        return self._derive(f".{name}")

    def __getitem__(self, key: object) -> Placeholder:
        return self._derive("[]")

    def __iter__(self) -> Any:
        self._derive("")
        return iter(())

    def __bool__(self) -> bool:
        return False

    def __mro_entries__(self, bases: object) -> tuple[()]:
        return ()


class SuiteFinder:
    """Answers ``import pydicom[.x.y]`` with the target's modules, the same objects under a second name."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] != "pydicom":
            return None
        real = TARGET + fullname[len("pydicom") :]
        try:
            importlib.import_module(real)
        except ModuleNotFoundError as exc:
            if exc.name is None or not (real + ".").startswith(exc.name + "."):
                raise  # something that the target itself needs
            if _running or not _asked_by_tests():
                return None
            real = ""
        return ModuleSpec(fullname, self, origin=real)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """Let the import system make its own, which exec_module replaces."""

    def exec_module(self, module: types.ModuleType) -> None:
        spec = module.__spec__
        assert spec is not None
        if spec.origin:
            sys.modules[spec.name] = _lenient(sys.modules[spec.origin])
        else:
            module.__path__ = []
            module.__getattr__ = lambda name: _placeholder(f"{spec.name}.{name}")  # type: ignore[method-assign]


def _placeholder(name: str) -> Placeholder:
    last = name.rpartition(".")[2]
    if last.startswith("__"):
        raise AttributeError(last)
    return Placeholder(name)


def _lenient(module: types.ModuleType) -> types.ModuleType:
    """Give a module a ``__getattr__`` that serves placeholders to test files that are being collected."""
    if "__suite_getattr__" in module.__dict__:
        return module
    prior = module.__dict__.get("__getattr__")

    def get_missing(name: str) -> Any:
        if prior is not None:
            try:
                return prior(name)
            except AttributeError:
                pass
        if not _running and not name.startswith("__") and _asked_by_tests():
            try:
                return importlib.import_module(f"{module.__name__}.{name}")
            except ImportError:
                return Placeholder(f"{module.__name__}.{name}")
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    module.__suite_getattr__ = True  # type: ignore[attr-defined]
    module.__getattr__ = get_missing  # type: ignore[method-assign]
    return module


def _asked_by_tests() -> bool:
    """Whether the code that imports something is a test file, and not the target itself."""
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith(("<frozen importlib", __file__)):
        frame = frame.f_back  # type: ignore[assignment]
    return frame is not None and TESTS in Path(frame.f_code.co_filename).resolve().parents


if TARGET != "pydicom":
    sys.meta_path.insert(0, SuiteFinder())  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------ pytest's hooks

_results = open(os.environ["PYDCM_SUITE_RESULTS"], "a", buffering=1, encoding="utf-8")  # noqa: SIM115


def _emit(**entry: object) -> None:
    _results.write(json.dumps(entry) + "\n")


def _interrupt(signum: int, frame: object) -> None:
    raise TestTimeout(f"the test takes longer than {SECONDS_PER_TEST} s")


def pytest_configure(config: object) -> None:
    signal.signal(signal.SIGALRM, _interrupt)


def pytest_collection_finish(session: Any) -> None:
    for item in session.items:
        _emit(kind="collected", id=item.nodeid)


def pytest_collectreport(report: Any) -> None:
    if report.failed:
        _emit(kind="broken", id=report.nodeid, why=str(report.longrepr)[-1500:])


def pytest_runtest_logstart(nodeid: str) -> None:
    global _running
    _running = True
    _emit(kind="start", id=nodeid)
    signal.alarm(SECONDS_PER_TEST)


def pytest_runtest_logfinish(nodeid: str) -> None:
    signal.alarm(0)


def pytest_runtest_logreport(report: Any) -> None:
    expected = hasattr(report, "wasxfail")
    why = str(report.longrepr or "")[-700:] if report.failed else ""
    _emit(kind="report", id=report.nodeid, when=report.when, outcome=report.outcome, xfail=expected, why=why)


def pytest_sessionfinish(exitstatus: int) -> None:
    _emit(kind="end")
