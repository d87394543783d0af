"""Every example of the documentation runs: pages, README files and docstrings.

A page's blocks share their names and a folder with some files (see `folder`). ``pycon`` blocks are doctests, ``python``
blocks are run, and of ``sh`` blocks the lines that begin with ``pydcm``. A block whose first line of fence ends with
``norun`` is not.
"""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import pydcm
from pydcm import config, datadict

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", *ROOT.glob("packages/*/README.md")])
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
SHELL = "import sys; from pydcm.cli.main import run; sys.exit(run())"


def slices(number: int, series: str | None = None, **elements: object) -> Iterator[pydcm.Dataset]:
    """Yield the slices of a made-up cylinder."""
    z, y, x = np.mgrid[:number, :32, :32]
    body = np.where((x - 16) ** 2 + (y - 16) ** 2 < 150, 1064, 24) + z
    for at in range(number):
        ds = pydcm.dcmread(pydcm.examples.get_path("ct"))
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = pydcm.generate_uid()
        ds.InstanceNumber = at + 1
        ds.ImagePositionPatient = [-40, -40, 5 * at]
        ds.SliceLocation = 5 * at
        ds.Rows = ds.Columns = 32
        ds.PixelData = body[at].astype("<i2").tobytes()
        if series:
            ds.SeriesInstanceUID = series
        for keyword, value in elements.items():
            setattr(ds, keyword, value)
        yield ds


def in_time() -> Iterator[pydcm.Dataset]:
    """Yield three volumes, one after the other."""
    uid = pydcm.generate_uid()
    for time in range(3):
        yield from slices(4, uid, TemporalPositionIdentifier=time + 1, SeriesNumber=9)


def weighted() -> Iterator[pydcm.Dataset]:
    """Yield a volume without diffusion weighting and three with."""
    uid = pydcm.generate_uid()
    kind = {"SOPClassUID": pydcm.uid.MRImageStorage, "Modality": "MR", "SeriesNumber": 10}
    for b_value, direction in ((0, (0, 0, 0)), (1000, (1, 0, 0)), (1000, (0, 1, 0)), (1000, (0, 0, 1))):
        elements = {
            "DiffusionBValue": b_value,
            "DiffusionGradientOrientation": [float(one) for one in direction],
        }
        for ds in slices(4, uid, **kind, **elements):
            ds.file_meta.MediaStorageSOPClassUID = pydcm.uid.MRImageStorage
            yield ds


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory with files.

    ``scan.dcm``; ``archive/`` with files of several kinds; ``series/`` with slices, ``perfusion/`` and ``dwi/`` with several
    volumes each, ``study/`` with two series.
    """
    monkeypatch.chdir(tmp_path)
    # Pages change settings and add private elements
    monkeypatch.setattr(config.settings, "_reading_validation_mode", config.settings._reading_validation_mode)
    (tmp_path / "archive").mkdir()
    (tmp_path / "series").mkdir()
    for name in ("ct", "mr", "rt_plan"):
        shutil.copyfile(pydcm.examples.get_path(name), tmp_path / "archive" / f"{name}.dcm")
    (tmp_path / "archive" / "notes.txt").write_text("no DICOM file\n")
    for name, file in (("ct", "scan.dcm"), ("ct", "ct.dcm"), ("waveform", "ecg.dcm")):
        shutil.copyfile(pydcm.examples.get_path(name), tmp_path / file)
    for folder, images in (("series", [*slices(12)]), ("perfusion", [*in_time()]), ("dwi", [*weighted()])):
        (tmp_path / folder).mkdir(exist_ok=True)
        for number, ds in enumerate(images):
            ds.save_as(tmp_path / folder / f"{len(images) - number:03d}.dcm")
    shutil.copytree(tmp_path / "series", tmp_path / "study" / "a")
    shutil.copytree(tmp_path / "perfusion", tmp_path / "study" / "b")
    creators = set(datadict.private_dictionaries)
    yield tmp_path
    for creator in datadict.private_dictionaries.keys() - creators:
        del datadict.private_dictionaries[creator]


def run_shell(code: str) -> None:
    for line in re.sub(r"\\\n\s*", " ", code).splitlines():
        words = shlex.split(line, comments=True)
        if words and words[0] == "pydcm":
            command = [sys.executable, "-c", SHELL, *words[1:]]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            assert result.returncode == 0, f"{line}\n{result.stderr}"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page: Path, folder: Path) -> None:
    text = page.read_text(encoding="utf-8")
    names: dict[str, object] = {"__name__": "__main__"}
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    for found in BLOCK.finditer(text):
        language, options, code = found.groups()
        line = text.count("\n", 0, found.start()) + 1
        if "norun" in options:
            continue
        if language == "pycon":
            test = doctest.DocTestParser().get_doctest(code, names, page.name, str(page), line)
            report: list[str] = []
            runner.run(test, out=report.append, clear_globs=False)
            names.update(test.globs)
            assert not report, "".join(report)
        elif language == "python":
            exec(compile("\n" * line + code, str(page), "exec"), names)
        elif language == "sh":
            run_shell(code)


def public_modules() -> list[str]:
    found = []
    for package in ("pydcm", "pydcm_pixels", "pydcm_sr"):
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, f"{package}.", onerror=lambda name: None):
            spec = module.module_finder.find_spec(module.name, None)  # type: ignore[call-arg]
            path = Path(spec.origin) if spec is not None and spec.origin else None
            if path is not None and path.suffix == ".py" and ">>> " in path.read_text(encoding="utf-8"):
                found.append(module.name)
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", public_modules())
def test_docstrings(name: str, folder: Path) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module, optionflags=FLAGS).failed == 0
