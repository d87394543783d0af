"""What the wheels and source distributions hold."""

from __future__ import annotations

import email
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata

from pydcm_testing.environments import wheel_of

PACKAGES = sorted(
    path.parent for path in (Path(__file__).resolve().parent.parent / "packages").glob("*/pyproject.toml")
)
each_package = pytest.mark.parametrize("package", PACKAGES, ids=[path.name for path in PACKAGES])


@each_package
def test_wheel_contents(package: Path, root: Path) -> None:
    with zipfile.ZipFile(wheel_of(package.name, root)) as wheel:
        names = wheel.namelist()
    top = package.name.replace("-", "_")
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {top}
    assert f"{top}/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.endswith((".c", ".cpp", ".html", ".pyc", ".pyx"))]
    for pattern in ("*.py", "*.pyi"):
        for source in (package / "src").rglob(pattern):
            assert source.relative_to(package / "src").as_posix() in names
    for source in (package / "src").rglob("*.pyx"):
        stem = source.relative_to(package / "src").with_suffix("").as_posix()
        assert [name for name in names if name.startswith(f"{stem}.") and name.endswith((".so", ".pyd"))]


@each_package
def test_metadata(package: Path, root: Path) -> None:
    with zipfile.ZipFile(wheel_of(package.name, root)) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        content = wheel.read(name)
    Metadata.from_email(content, validate=True)
    metadata = email.message_from_bytes(content)
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["Name"] == package.name
    assert metadata["Version"] == project["version"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Description-Content-Type"] == "text/markdown"
    required = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    if package.name == "pydcm":
        assert required == []
    for line in required:
        if line.startswith("pydcm"):
            assert "<1.1" in line
            assert ">=1.0" in line


@each_package
def test_source_distribution(package: Path, tmp_path: Path) -> None:
    """The sources that build the wheel are all in it, and nothing generated is."""
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(tmp_path / "out")]
    copy = tmp_path / package.name
    _copy_tracked(package, copy)
    subprocess.run([*command, str(copy)], check=True, capture_output=True)
    with tarfile.open(next((tmp_path / "out").glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for source in (copy / "src").rglob("*"):
        if source.suffix in (".py", ".pyi", ".pyx", ".pxd", ".h") and "egg-info" not in source.as_posix():
            assert source.relative_to(copy).as_posix() in names
    assert not [name for name in names if name.endswith((".c", ".so", ".pyc"))]
    assert {"pyproject.toml", "README.md", "LICENSE"} <= names


def _copy_tracked(package: Path, target: Path) -> None:
    """Copy the files of a package that git tracks: what a fresh clone has."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "."], cwd=package, check=True, capture_output=True, text=True
    )
    for name in filter(None, listing.stdout.split("\0")):
        if (package / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((package / name).read_bytes())


def test_no_generated_file_is_tracked(root: Path) -> None:
    command = ["git", "ls-files", "*.c", "*.cpp", "*.so", "*.pyc", "*.html", "dist", "build"]
    listing = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.split()
    assert [name for name in listing if not name.startswith("docs/")] == []


def test_versions_are_shared() -> None:
    """All distributions have one minor version; patch releases are free."""
    versions = [
        tomllib.loads((path / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
        for path in PACKAGES
    ]
    assert len({version.rpartition(".")[0] for version in versions}) == 1


IMPORT_ALL = """
import importlib, pkgutil, sys
top = importlib.import_module(sys.argv[1])
names = [module.name for module in pkgutil.walk_packages(top.__path__, f"{top.__name__}.", onerror=lambda name: None)]
for name in names:
    try:
        importlib.import_module(name) if not name.endswith(".__main__") else None
    except ImportError as exc:
        if type(exc).__name__ != "MissingPluginError":  # facades of plugins that are not here
            raise
print(len(names))
"""


@each_package
def test_every_module_can_be_imported(package: Path) -> None:
    """With what the package declares and no more: no module needs an optional library to be loaded."""
    command = [sys.executable, "-W", "ignore", "-c", IMPORT_ALL, package.name.replace("-", "_")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) > 10
