"""Facades hand out the plugin's own modules, and are all alike."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import pydcm
from pydcm._facade import FACADES, installed_names

INSTALLED = [name for name in FACADES if name in installed_names()]


def _submodules(package: str) -> list[str]:
    module = importlib.import_module(package)
    if not hasattr(module, "__path__"):
        return []
    return [info.name for info in pkgutil.walk_packages(module.__path__, f"{package}.")]


@pytest.mark.parametrize("name", INSTALLED)
def test_same_object(name: str) -> None:
    real = importlib.import_module(FACADES[name])
    assert importlib.import_module(f"pydcm.{name}") is real
    assert getattr(pydcm, name) is real


@pytest.mark.parametrize("name", INSTALLED)
def test_same_submodules(name: str) -> None:
    for real in _submodules(FACADES[name]):
        if any(part.startswith("_") for part in real.split(".")) or _is_facade_of_its_own(real):
            continue
        alias = f"pydcm.{name}" + real[len(FACADES[name]) :]
        try:
            module = importlib.import_module(real)
        except ImportError:
            continue  # needs a library that is not installed
        assert importlib.import_module(alias) is module


def _is_facade_of_its_own(module: str) -> bool:
    """Whether a module of ``pydcm_sr`` is one of the public modules beside ``pydcm.sr``."""
    return any(
        module == real or module.startswith(f"{real}.") for real in FACADES.values() if real.count(".") == 1
    )


@pytest.mark.parametrize("name", sorted(FACADES))
def test_facades_hold_no_code(name: str, root: Path) -> None:
    folder = root / "packages" / "pydcm" / "src" / "pydcm"
    path = next(path for path in (folder / f"{name}.py", folder / name / "__init__.py") if path.exists())
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstring, typing_import, branch = tree.body
    assert isinstance(docstring, ast.Expr)
    assert isinstance(typing_import, ast.ImportFrom)
    assert isinstance(branch, ast.If)
    star = branch.body[0]
    assert isinstance(star, ast.ImportFrom)
    assert star.module == FACADES[name]
    assert star.names[0].name == "*"
    assert [ast.unparse(line) for line in branch.orelse][1:] == ["expose(__name__, __spec__)"]


def test_stubs_of_submodules_name_modules_that_exist(root: Path) -> None:
    """Type checkers see a facade's sub-modules through stubs: each must mirror a module of the plugin."""
    folder = root / "packages" / "pydcm" / "src" / "pydcm"
    for name in INSTALLED:
        for stub in (folder / name).rglob("*.pyi"):
            parts = stub.relative_to(folder / name).with_suffix("").parts
            module = ".".join([FACADES[name], *(part for part in parts if part != "__init__")])
            assert importlib.util.find_spec(module) is not None, f"{stub} stands for nothing"


def test_unknown_submodule() -> None:
    if not INSTALLED:
        pytest.skip("no plugin is installed")
    with pytest.raises(ModuleNotFoundError, match=f"pydcm.{INSTALLED[0]}.nothing"):
        importlib.import_module(f"pydcm.{INSTALLED[0]}.nothing")


def test_unknown_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing_of_this_name'"):
        _ = pydcm.nothing_of_this_name


_MANY_THREADS = """
import threading
import pydcm
ready, failed = threading.Barrier(8), []
def ask():
    ready.wait()
    try:
        from pydcm.pixels import transcode
    except ImportError as exc:
        failed.append(exc)
threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not failed, failed
"""


def test_a_facade_that_many_threads_import_at_once() -> None:
    """Those that wait for the first one get the plugin's names as well."""
    pytest.importorskip("pydcm_pixels")
    for _ in range(3):
        subprocess.run([sys.executable, "-c", _MANY_THREADS], check=True)
