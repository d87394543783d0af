"""Module trees under a second name."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pydcm._alias import add_alias, remove_alias


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    package = tmp_path / "real_tree"
    (package / "branch").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "branch" / "__init__.py").write_text("from . import leaf\n")
    (package / "branch" / "leaf.py").write_text("class Leaf: pass\n")
    (package / "needy.py").write_text("import a_module_that_does_not_exist\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    add_alias("second_tree", "real_tree")
    yield
    remove_alias("second_tree")
    for name in [name for name in sys.modules if name.startswith("real_tree")]:
        del sys.modules[name]


@pytest.mark.usefixtures("tree")
def test_same_objects_whichever_comes_first() -> None:
    leaf = importlib.import_module("second_tree.branch.leaf")
    assert leaf is importlib.import_module("real_tree.branch.leaf")
    assert importlib.import_module("second_tree").branch is importlib.import_module("real_tree").branch
    assert leaf.__spec__.name == leaf.__name__ == "real_tree.branch.leaf"


@pytest.mark.usefixtures("tree")
def test_missing_module_is_named_by_its_alias() -> None:
    with pytest.raises(ModuleNotFoundError) as caught:
        importlib.import_module("second_tree.branch.nothing")
    assert caught.value.name == "second_tree.branch.nothing"
    assert importlib.util.find_spec("second_tree.nothing") is None


@pytest.mark.usefixtures("tree")
def test_missing_dependency_keeps_its_own_name() -> None:
    with pytest.raises(ModuleNotFoundError) as caught:
        importlib.import_module("second_tree.needy")
    assert caught.value.name == "a_module_that_does_not_exist"


def test_removed_alias_is_gone(tree: None) -> None:
    importlib.import_module("second_tree.branch")
    remove_alias("second_tree")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("second_tree.branch")
