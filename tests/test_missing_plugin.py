"""The core without plugins, and after one was removed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pydcm._facade import FACADES, TOP_LEVEL
from pydcm_testing.environments import Environment


def test_core_alone(environment: Callable[..., Environment]) -> None:
    """Every facade and every name that a plugin provides names the command that installs it."""
    core = environment("pydcm")
    problems = core.run(
        """
import importlib, pydcm
from pydcm._facade import FACADES, TOP_LEVEL, distribution_of
from pydcm.errors import MissingPluginError

def complain(name, attempt, distribution):
    extra = distribution.removeprefix("pydcm-")
    try:
        attempt()
    except MissingPluginError as exc:
        if exc.distribution != distribution or exc.extra != extra or f'pip install "pydcm[{extra}]"' not in str(exc):
            print(name, exc)
    else:
        print(name, "raised nothing")

for name in FACADES:
    complain(name, lambda: importlib.import_module(f"pydcm.{name}"), distribution_of(name))
    complain(name, lambda: getattr(pydcm, name), distribution_of(name))
for name, facade in TOP_LEVEL.items():
    complain(name, lambda: getattr(pydcm, name), distribution_of(facade))
for name in set(dir(pydcm)) & (set(FACADES) | set(TOP_LEVEL)):
    print(name, "is listed, but not installed")
"""
    )
    assert problems == ""


def test_core_needs_no_other_distribution(environment: Callable[..., Environment]) -> None:
    core = environment("pydcm")
    code = (
        "import pydcm, importlib.metadata as m; ds = pydcm.Dataset(); ds.PatientName = 'A^B'; "
        "print(ds.PatientName, len(list(m.distributions())))"
    )
    assert core.run(code) == "A^B 1"


def test_import_is_cheap(environment: Callable[..., Environment]) -> None:
    core = environment("pydcm")
    heavy = ("numpy", "json", "inspect", "decimal", "importlib.metadata", "argparse", "logging")
    loaded = core.run(f"import sys, pydcm; print(*[name for name in {heavy!r} if name in sys.modules])")
    assert loaded == ""


def test_uninstalling_a_plugin_leaves_the_core_whole(
    environment: Callable[..., Environment], distributions: list[str]
) -> None:
    plugin = next(name for name in distributions if name != "pydcm")
    both = environment("pydcm", plugin)
    facade = next(name for name, module in FACADES.items() if module.startswith(plugin.replace("-", "_")))
    both.uninstall(plugin)
    code = (
        "import pydcm\n"
        "ds = pydcm.Dataset()\n"
        "ds.Rows = 5\n"
        f"try:\n    pydcm.{facade}\nexcept pydcm.errors.MissingPluginError as exc:\n    print(ds.Rows, exc.distribution)"
    )
    assert both.run(code) == f"5 {plugin}"


def test_a_plugins_own_missing_import_is_not_a_missing_plugin(
    environment: Callable[..., Environment], distributions: list[str]
) -> None:
    """pydcm-pixels is installed here without NumPy: the error has to name NumPy."""
    if "pydcm-pixels" not in distributions:
        pytest.skip("there is no pydcm-pixels yet")
    both = environment("pydcm", "pydcm-pixels")
    code = "try:\n    from pydcm.pixels import apply_rescale\nexcept ModuleNotFoundError as exc:\n    print(exc.name)"
    assert both.run(code) in ("numpy", "")


def test_top_level_names_belong_to_facades() -> None:
    assert set(TOP_LEVEL.values()) <= set(FACADES)
    assert not set(TOP_LEVEL) & set(FACADES)
