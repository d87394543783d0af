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
#: The layers of a package from the ground up, in full names without the package's. A name stands for all that it holds
#: but what is named elsewhere: ``_utils.read`` is not where ``_utils`` is.
LAYERS = {
    "pydcm": (
        {"errors", "limits"},
        {"tag", "datadict", "uid", "charset", "config", "hooks", "misc", "multival"},
        {"valuerep", "values"},
        {"dataelem", "sequence", "dataset"},
        {"filebase", "fileutil", "filereader", "filewriter", "dicomio"}
        | {"encaps", "jsonrep", "fileset", "util", "data"},
        {"plugins"},
        {"content", "compat", "cli", *FACADES},
    ),
    "pydcm_pixels": (
        {"_core", "_plugin"},
        {"_codestream", "_utils"},
        {"_codecs", "_coding", "_processing"},
        {"_decode"},
        {"_utils.read"},
        {"_encode", "decoding"},
        {"_utils.compress", "overlays", "transcoding"},
        {"_display", "_handlers", "display", "pixels"},
        {"encoders", "pixel_data_handlers"},
        {"_volume"},
        {"_formats", "_series.fields", "_series.private", "_series.problems"},
        {"_series.vendors"},
        {"_vendors"},
        {"_series"},
        {"_training", "transforms"},
        {"_vendors.header", "_bids.orientation"},
        {"_diffusion"},
        {"_bids"},
        {"diffusion", "torchdata", "volume"},
    ),
}
#: Packages whose functions keep to the layers as well: what they import when they are called.
STRICT = {"pydcm_pixels"}
#: Doors: methods of an object that users hold, which hand it up to whoever does the work.
DOORS = {
    ("pydcm_pixels._volume", "pydcm_pixels._formats"),
    ("pydcm_pixels._volume", "pydcm_pixels.transforms"),
}


def _module(path: Path) -> tuple[str, bool]:
    source = next(parent for parent in path.parents if parent.name == "src")
    parts = list(path.relative_to(source).with_suffix("").parts)
    package = parts[-1] == "__init__"
    return ".".join(parts[:-1] if package else parts), package


ALL, CALLED, LOADED = range(3)


def _imports(path: Path, *, when: int = ALL) -> Iterator[tuple[int, str]]:
    """Yield the line and full name of what a file imports; of ``from a import b`` both a and a.b.

    `when`: ``LOADED`` when the module is loaded, ``CALLED`` then or in a function, ``ALL`` for type checkers as well.
    """
    module, package = _module(path)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if when == ALL else _run(tree, when == CALLED):
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


def _run(tree: ast.AST, functions: bool) -> Iterator[ast.AST]:
    """Walk what runs: not ``if TYPE_CHECKING``, and functions only on demand."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) and not functions:
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                yield other
                yield from _run(other, functions)
            continue
        yield node
        yield from _run(node, functions)


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


def _levels(package: str) -> dict[str, int]:
    return {f"{package}.{name}": number for number, names in enumerate(LAYERS[package]) for name in names}


def _placed(name: str, levels: dict[str, int]) -> str | None:
    """Return the longest entry of the layers that holds a module or a name in one."""
    while name and name not in levels:
        name = name.rpartition(".")[0]
    return name or None


@pytest.mark.parametrize("package", sorted(LAYERS))
def test_layers(package: str) -> None:
    """A module imports at its own level or below."""
    levels = _levels(package)
    problems = []
    for path in SOURCES:
        module = _module(path)[0]
        here = _placed(module, levels)
        if here is None or path.suffix != ".py" or (package not in STRICT and module != here):
            continue
        for line, name in _imports(path, when=CALLED if package in STRICT else LOADED):
            there = _placed(name, levels)
            if there == name and any(other.startswith(f"{name}.") for other in levels):
                continue  # ``from a import b``: a.b comes next, and is what counts
            if there and levels[there] > levels[here] and (here, there) not in DOORS:
                problems.append(
                    f"{path.relative_to(PACKAGES)}:{line} {here} imports {name}, which is above it"
                )
    assert problems == []


@pytest.mark.parametrize("package", sorted(STRICT))
def test_layers_name_every_room(package: str) -> None:
    rooms = {
        parts[1] for path in SOURCES if (parts := _module(path)[0].split("."))[0] == package and parts[1:]
    }
    levels = _levels(package)
    assert [room for room in sorted(rooms) if f"{package}.{room}" not in levels] == []
    assert [name for name in levels if not any(_module(path)[0] == name for path in SOURCES)] == []


@pytest.mark.parametrize("package", sorted({_module(path)[0].partition(".")[0] for path in SOURCES}))
def test_no_circles(package: str) -> None:
    """Modules that load one another in a circle load or fail by who comes first."""
    modules = {_module(path)[0]: path for path in SOURCES if path.suffix == ".py"}
    loads: dict[str, set[str]] = {}
    for module, path in modules.items():
        if module.partition(".")[0] == package:
            names = {name for _, name in _imports(path, when=LOADED)} & modules.keys() - {module}
            # ``from a import b`` loads the module a.b; of the package a it needs no more than that it has begun
            loads[module] = {
                name
                for name in names
                if not module.startswith(f"{name}.")
                and not any(other.startswith(f"{name}.") for other in names)
            }
    while loads:
        free = [module for module, names in loads.items() if not names & loads.keys()]
        if not free:
            break
        for module in free:
            del loads[module]
    assert sorted(loads) == []


@pytest.mark.parametrize(
    "package", sorted({_module(path)[0].partition(".")[0] for path in SOURCES} - {"pydcm"})
)
def test_plugin_top_level_is_cheap(package: str) -> None:
    """A plugin's package imports none of the libraries that it needs: ``pydcm plugins`` imports it."""
    path = next(PACKAGES.glob(f"*/src/{package}/__init__.py"))
    heavy = {name.partition(".")[0] for _, name in _imports(path, when=LOADED)} & {
        "numpy",
        "pandas",
        "torch",
    }
    assert heavy == set()
