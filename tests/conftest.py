"""What the cross-package tests share: where the repository is and clean environments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pydcm import plugins
from pydcm_testing.environments import Environment, wheel_of

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def distributions(root: Path) -> list[str]:
    """The distributions of this repository."""
    return sorted(path.parent.name for path in (root / "packages").glob("*/pyproject.toml"))


@pytest.fixture
def environment(tmp_path: Path, root: Path) -> Callable[..., Environment]:
    """A function that makes a clean environment with the wheels of some distributions, without their dependencies."""

    def make(*names: str) -> Environment:
        made = Environment(tmp_path / "environment")
        made.install(*(wheel_of(name, root) for name in names))
        return made

    return make


@pytest.fixture
def fresh_plugins() -> Iterator[None]:
    """Entry points are read anew for this test and after it."""
    plugins.refresh()
    yield
    plugins.refresh()
