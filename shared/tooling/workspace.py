"""What packages there are, which of them changed, and their wheels."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

GENERATED = shutil.ignore_patterns(
    "*.so", "*.pyd", "*.c", "*.cpp", "*.html", "*.py[cod]", "__pycache__", "*.egg-info", "build", "dist",
    "benchmarks", "changes", ".*",
)  # fmt: skip
BUILD_VARIABLES = ("PYDCM_DEBUG_BUILD", "PYDCM_CFLAGS", "PYDCM_LDFLAGS", "CC", "CFLAGS", "LDFLAGS")


class Workspace:
    """The packages under ``packages/``, in the order of their dependencies.

    Parameters
    ----------
    root : pathlib.Path
        The repository.
    dist : pathlib.Path, optional
        Where wheels go; ``dist/`` by default.
    python : str, optional
        The interpreter to build for, by default the one that runs this.
    """

    def __init__(self, root: Path, dist: Path | None = None, python: str | None = None) -> None:
        self.root = root
        self.dist = dist or root / "dist"
        self.python = python or sys.executable

    @cached_property
    def projects(self) -> dict[str, dict[str, Any]]:
        """The parsed ``pyproject.toml`` of every package by distribution name, dependencies first."""
        found = {}
        for path in sorted((self.root / "packages").glob("*/pyproject.toml")):
            found[path.parent.name] = tomllib.loads(path.read_text(encoding="utf-8"))
        ordered: dict[str, dict[str, Any]] = {}

        def visit(name: str) -> None:
            if name in found and name not in ordered:
                for other in _family(found[name]["project"].get("dependencies", ())):
                    visit(other)
                ordered[name] = found[name]

        for name in found:
            visit(name)
        return ordered

    @property
    def names(self) -> list[str]:
        """The distributions' names, dependencies first."""
        return list(self.projects)

    def with_family(self, names: Iterable[str]) -> list[str]:
        """Return `names` and every package of this repository that they depend on, dependencies first."""
        needed = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name in self.projects and name not in needed:
                needed.add(name)
                todo += _family(self.projects[name]["project"].get("dependencies", ()))
        return [name for name in self.names if name in needed]

    def group(self, name: str, group: str) -> list[str]:
        """Return the requirements of a package's dependency group; empty if it has no such group."""
        return _expand(self.projects[name].get("dependency-groups", {}), group)

    def with_group(self, group: str) -> list[str]:
        """Return the packages that have a dependency group of this name."""
        return [name for name in self.names if group in self.projects[name].get("dependency-groups", {})]

    def lowest(self, name: str) -> list[str]:
        """Return a constraint to the lowest version for every lower bound of a package, its extras, and those it needs.

        Where packages differ the highest bound counts: with less than that they cannot be installed together.
        """
        bounds: dict[str, list[tuple[int, ...]]] = {}
        for each in self.with_family([name]):
            extras = self.extras(each) if each == name else []
            for requirement in [*self.projects[each]["project"].get("dependencies", ()), *extras]:
                if not _family([requirement]) and (match := re.match(r"([\w.-]+)>=([\d.]+)", requirement)):
                    bounds.setdefault(match[1], []).append(tuple(map(int, match[2].split("."))))
        return [f"{other}=={'.'.join(map(str, max(found)))}" for other, found in sorted(bounds.items())]

    def extras(self, name: str) -> list[str]:
        """Return the third-party requirements of all extras of a package."""
        extras = self.projects[name]["project"].get("optional-dependencies", {}).values()
        return [line for extra in extras for line in extra if not _family([line])]

    def root_group(self, group: str) -> list[str]:
        """Return the requirements of one of the repository's own dependency groups."""
        data = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        return _expand(data.get("dependency-groups", {}), group)

    def compiled_modules(self) -> list[str]:
        """Return the full names of the modules that are written in Cython and have a stub."""
        modules = []
        for path in sorted(self.root.glob("packages/*/src/**/*.pyx")):
            source = next(parent for parent in path.parents if parent.name == "src")
            if path.with_suffix(".pyi").exists():
                modules.append(".".join(path.relative_to(source).with_suffix("").parts))
        return modules

    def changed(self, cross: str) -> set[str]:
        """Return the packages that changed since this branch left its upstream, and all that depend on them.

        Without an upstream it is the last commit that counts; uncommitted changes always do. A change outside
        ``packages/`` is a change of everything.
        """
        base = "HEAD~"
        for upstream in ("@{upstream}", "origin/main"):
            merge_base = self._git("merge-base", "HEAD", upstream)
            if merge_base and merge_base[0] != self._git("rev-parse", "HEAD")[0]:
                base = merge_base[0]
                break
        files = {
            *self._git("diff", "--name-only", base),
            *self._git("ls-files", "--others", "--exclude-standard"),
        }
        touched = {
            path.split("/")[1] for path in files if path.startswith("packages/") and path.count("/") > 1
        }
        if any(path.startswith(("noxfile.py", "pyproject.toml", "shared/")) for path in files):
            touched |= set(self.names)
        affected = {name for name in self.names if touched & set(self.with_family([name]))}
        # The examples in the documentation are among the cross-package tests
        others = any(path.startswith(("tests/", "docs/")) or path.endswith("README.md") for path in files)
        return affected | ({cross} if affected or others else set())

    def _git(self, *args: str) -> list[str]:
        result = subprocess.run(["git", *args], cwd=self.root, capture_output=True, text=True, check=False)
        return result.stdout.split("\n")[:-1] if result.returncode == 0 else []

    # ------------------------------------------------------------------------------------------------ wheels

    def wheel(self, name: str) -> Path:
        """Return the wheel of a package that :meth:`build` has built."""
        return self.dist / self._state()[name]["wheel"]

    def build(self, log: Callable[[str], object], *, force: bool = False) -> None:
        """Build the wheel of every package whose sources, interpreter or build settings have changed."""
        self.dist.mkdir(parents=True, exist_ok=True)
        for name in self.names:
            digest = self._digest(name)
            known = self._state().get(name, {})
            if not force and known.get("digest") == digest and (self.dist / known["wheel"]).exists():
                log(f"{name}: the wheel is up to date")
                continue
            log(f"{name}: building the wheel")
            with tempfile.TemporaryDirectory(prefix="pydcm-build-") as scratch:
                built = self._build_one(name, Path(scratch))
                for old in self.dist.glob(f"{name.replace('-', '_')}-*.whl"):
                    old.unlink()
                shutil.move(built, self.dist / built.name)
            # Read again: another session may have built another package meanwhile
            state = {**self._state(), name: {"digest": digest, "wheel": built.name}}
            self._state_file.write_text(json.dumps(state, indent=1), encoding="utf-8")

    @cached_property
    def _interpreter(self) -> str:
        """What tells interpreters apart whose wheels differ."""
        if self.python == sys.executable:
            return f"{sys.version} {sysconfig.get_platform()}"
        code = "import sys, sysconfig; print(sys.version, sysconfig.get_platform())"
        return subprocess.run([self.python, "-c", code], check=True, capture_output=True, text=True).stdout

    @property
    def _state_file(self) -> Path:
        return self.dist / "build-state.json"

    def _state(self) -> dict[str, dict[str, str]]:
        try:
            state: dict[str, dict[str, str]] = json.loads(self._state_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return state

    def _digest(self, name: str) -> str:
        digest = hashlib.sha256(self._interpreter.encode())
        for variable in BUILD_VARIABLES:
            digest.update(f"\0{variable}={os.environ.get(variable, '')}".encode())
        folder = self.root / "packages" / name
        for top, folders, files in os.walk(folder):
            ignored = GENERATED(top, [*folders, *files])
            folders[:] = sorted(set(folders) - ignored - ({"tests"} if Path(top) == folder else set()))
            for file in sorted(set(files) - ignored):
                path = Path(top, file)
                digest.update(f"\0{path.relative_to(folder)}\0".encode())
                digest.update(path.read_bytes())
        return digest.hexdigest()

    def _build_one(self, name: str, scratch: Path) -> Path:
        """Build in a copy that holds sources only, so that nothing left over gets into the wheel."""
        shutil.copytree(self.root / "packages" / name, scratch / name, ignore=GENERATED)
        command = [
            self.python,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        subprocess.run([*command, "-w", str(scratch / "out"), str(scratch / name)], check=True)
        return next((scratch / "out").glob("*.whl"))


def _family(requirements: Iterable[str]) -> list[str]:
    """Return the names of the pydcm distributions among requirements."""
    names = [re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0] for requirement in requirements]
    return [name for name in names if name == "pydcm" or name.startswith("pydcm-")]


def _expand(groups: dict[str, list[Any]], name: str) -> list[str]:
    """Return the requirements of a dependency group, the groups that it includes expanded."""
    result = []
    for entry in groups.get(name, ()):
        result += _expand(groups, entry["include-group"]) if isinstance(entry, dict) else [entry]
    return result
