"""Who may import whom (see ARCHITECTURE.md), read off the syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from pydcm._facade import FACADES

PACKAGES = Path(__file__).resolve().parent.parent / "packages"
SOURCES = sorted(
    path
    for path in PACKAGES.glob("*/src/**/*.py*")
    if path.suffix in (".py", ".pyi") and "__pycache__" not in path.parts
)
#: The only edges between plugins.
EDGES = {"pydcm_seg": {"pydcm_pixels"}, "pydcm_wsi": {"pydcm_pixels"}, "pydcm_rt": {"pydcm_pixels"}}
#: The core's layers: a module imports at its own level or below when it is loaded.
LAYERS = (
    {"errors", "limits"},
    {"tag", "datadict", "uid", "charset", "config", "hooks", "misc", "multival"},
    {"valuerep", "values"},
    {"dataelem", "sequence", "dataset"},
    {
        "filebase",
        "fileutil",
        "filereader",
        "filewriter",
        "dicomio",
        "encaps",
        "jsonrep",
        "fileset",
        "util",
        "data",
    },
    {"plugins"},
    {"content", "compat", "cli", *FACADES},
)


def _module(path: Path) -> tuple[str, bool]:
    source = next(parent for parent in path.parents if parent.name == "src")
    parts = list(path.relative_to(source).with_suffix("").parts)
    package = parts[-1] == "__init__"
    return ".".join(parts[:-1] if package else parts), package


def _imports(path: Path, *, only_at_import: bool = False) -> Iterator[tuple[int, str]]:
    """Yield the line and full name of everything that a file imports; of ``from a import b`` both a and a.b."""
    module, package = _module(path)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in _loaded_at_import(tree) if only_at_import else ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")[: None if package and node.level == 1 else -(node.level - package)]
                base = ".".join([*above, *([base] if base else [])])
            yield node.lineno, base
            for name in node.names:
                yield node.lineno, f"{base}.{name.name}"


def _loaded_at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs when a module is loaded: not functions, not ``if TYPE_CHECKING``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                yield other
                yield from _loaded_at_import(other)
            continue
        yield node
        yield from _loaded_at_import(node)


def _problems(path: Path) -> Iterator[str]:
    package = _module(path)[0].partition(".")[0]
    for line, name in _imports(path):
        parts = name.split(".")
        where = f"{path.relative_to(PACKAGES)}:{line}"
        if package == "pydcm":
            if parts[0].startswith("pydcm_") and not _is_facade(path):
                yield f"{where} the core imports {name} outside of a facade"
        elif parts[0] == "pydcm" and len(parts) > 1:
            if parts[1].startswith("_") and not parts[1].startswith("__"):
                yield f"{where} a plugin imports {name}, which is private to the core"
            elif parts[1] in FACADES:
                yield f"{where} a plugin imports the facade {name}"
        elif parts[0].startswith("pydcm_") and parts[0] != package and parts[0] not in EDGES.get(package, ()):
            yield f"{where} {package} imports {parts[0]}, which it does not depend on"


def _is_facade(path: Path) -> bool:
    parts = path.relative_to(PACKAGES / "pydcm" / "src" / "pydcm").with_suffix("").parts
    return parts[0] in FACADES


def test_who_imports_whom() -> None:
    assert [problem for path in SOURCES for problem in _problems(path)] == []


def test_layers() -> None:
    """At import time the core's public modules load nothing above their own layer."""
    level = {f"pydcm.{name}": number for number, names in enumerate(LAYERS) for name in names}
    problems = []
    for path in SOURCES:
        here = level.get(_module(path)[0])
        if here is None or path.suffix != ".py":
            continue
        for line, name in _imports(path, only_at_import=True):
            there = level.get(name)
            if there is not None and there > here:
                problems.append(f"{path.name}:{line} imports {name}")
    assert problems == []


@pytest.mark.parametrize(
    "package", sorted({_module(path)[0].partition(".")[0] for path in SOURCES} - {"pydcm"})
)
def test_plugin_top_level_is_cheap(package: str) -> None:
    """A plugin's package imports none of the libraries that it needs: ``pydcm plugins`` imports it."""
    path = next(PACKAGES.glob(f"*/src/{package}/__init__.py"))
    heavy = {name.partition(".")[0] for _, name in _imports(path, only_at_import=True)} & {
        "numpy",
        "pandas",
        "torch",
    }
    assert heavy == set()
