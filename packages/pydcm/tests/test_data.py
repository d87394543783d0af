"""Finding sample files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pydcm import FileDataset, dcmread
from pydcm.data import (
    DATA_ROOT,
    _roots,
    data_manager,
    download,
    get_charset_files,
    get_palette_files,
    get_testdata_file,
    get_testdata_files,
)
from pydcm.data.retry import retry


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """As if nothing but pydcm were installed."""
    monkeypatch.setattr(_roots, "installed_pydicom_root", lambda: None)
    monkeypatch.setattr(_roots, "cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr(data_manager, "DATA_ROOT", os.fspath(_roots.OWN_ROOT))
    monkeypatch.setattr(data_manager, "_EXTERNAL_DATA_SOURCES", {})
    download.get_url_map.cache_clear()
    yield tmp_path
    download.get_url_map.cache_clear()


def test_own_samples_are_found(alone):
    path = get_testdata_file("CT_small.dcm")
    assert Path(path).is_file() and Path(path).is_relative_to(_roots.OWN_ROOT)
    assert isinstance(get_testdata_file("MR_small.dcm", read=True), FileDataset)
    assert get_testdata_file("nothing.dcm") is None
    assert [os.path.basename(p) for p in get_testdata_files("rt*.dcm")]
    assert len(get_testdata_files()) > 15 and all(os.path.isfile(p) for p in get_testdata_files())
    assert get_charset_files() == []


def test_own_palettes(alone):
    files = get_palette_files("*.dcm")
    assert len(files) == 8
    labels = {dcmread(path).ContentLabel for path in files}
    assert {
        "PET",
        "HOT_IRON",
        "HOT_METAL_BLUE",
        "PET_20_STEP",
        "SPRING",
        "SUMMER",
        "FALL",
        "WINTER",
    } == labels
    pet = dcmread(get_palette_files("pet.dcm")[0])
    assert pet.SOPInstanceUID == "1.2.840.10008.1.5.2"
    table = pet.RedPaletteColorLookupTableData
    assert len(table) == 256 and (table[0], table[255]) == (0, 255)


def test_absent_file_of_the_collection(alone):
    with pytest.warns(
        UserWarning, match="attempting to retrieve 693_UNCI.dcm: .* install the package 'pydicom-data'"
    ):
        assert get_testdata_file("693_UNCI.dcm") is None
    assert get_testdata_file("693_UNCI.dcm", download=False) is None
    with pytest.warns(UserWarning, match="One or more download failures occurred"):
        assert get_testdata_files("693_UN*") == []
    with pytest.raises(RuntimeError, match="pydcm never downloads files"):
        data_manager.fetch_data_files()
    with pytest.raises(RuntimeError, match="never downloads"):
        download.download_with_progress("https://example.com/x", "x")


def test_cached_file_is_used(alone):
    cache = alone / "cache"
    cache.mkdir()
    shutil.copy(get_testdata_file("MR_small.dcm"), cache / "693_UNCI.dcm")
    assert get_testdata_file("693_UNCI.dcm") == os.fspath((cache / "693_UNCI.dcm").resolve())
    assert get_testdata_file("693_UNCI.dcm", download=False) is None
    with pytest.warns(UserWarning, match="may be incomplete"):
        assert len(get_testdata_files("693_UN*")) == 1
    with pytest.raises(download.NoHashFound):
        download.data_file_hash_check("693_UNCI.dcm")


def test_external_source(alone, monkeypatch, tmp_path):
    class Source:
        def get_path(self, name, dtype):
            if name != "mine.dcm":
                raise ValueError(name)
            return str(tmp_path / name)

        def get_paths(self, pattern, dtype):
            return [str(tmp_path / "mine.dcm")] if dtype == 0 else []

    monkeypatch.setattr(data_manager, "_EXTERNAL_DATA_SOURCES", {"mine": Source()})
    assert get_testdata_file("mine.dcm") == str(tmp_path / "mine.dcm")
    assert get_testdata_files("mine*") == [str(tmp_path / "mine.dcm")]
    assert get_palette_files("mine*") == []


def test_broken_source_does_not_hide_the_others(monkeypatch):
    from importlib import metadata

    class Point:
        def __init__(self, name, result):
            self.name, self.value, self._result = name, f"{name}:Source", result

        def load(self):
            if isinstance(self._result, Exception):
                raise self._result
            return lambda: self._result

    points = [Point("bad", ImportError("no such thing")), Point("good", 1), Point("pydicom-data", 2)]
    monkeypatch.setattr(metadata, "entry_points", lambda group: points)
    with pytest.warns(UserWarning, match="'bad' .* cannot be used"):
        assert list(data_manager.get_external_sources().items()) == [("pydicom-data", 2), ("good", 1)]


def test_absolute_paths_are_refused():
    with pytest.raises(ValueError, match=r"did you mean 'dcmread\(\"/foo/bar.dcm\"\)'"):
        get_testdata_file("/foo/bar.dcm")
    with pytest.raises(ValueError, match="does not support absolute paths"):
        get_testdata_files("/foo/*.dcm")


def test_pydicom_is_found_without_importing_it():
    code = (
        "import sys; from pydcm import data; data.get_testdata_files('CT*');"
        "assert not any(name.split('.')[0] == 'pydicom' for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(_roots.installed_pydicom_root() is None, reason="pydicom is not installed")
def test_installed_pydicom_comes_first():
    assert Path(DATA_ROOT) == _roots.installed_pydicom_root()
    assert get_testdata_file("CT_small.dcm").startswith(DATA_ROOT)
    assert len(get_testdata_files("CT_small*")) == 1
    assert len(get_charset_files("chr*.dcm")) > 10
    assert len(download.get_url_map()) == len(set(map(str.lower, download.get_url_map())))
    assert len(download.get_cached_filehash("693_UNCI.dcm")) == 64


def test_retry(monkeypatch, capsys):
    waits = []
    monkeypatch.setattr("time.sleep", waits.append)
    failures = [ValueError("first"), ValueError("second")]

    @retry(ValueError, exc_msg="try harder", tries=3, delay=1, backoff=3)
    def unsteady():
        if failures:
            raise failures.pop(0)
        return "done"

    assert unsteady() == "done" and waits == [1, 3]
    assert "first: retrying in 1 seconds...  try harder" in capsys.readouterr().out
    failures[:] = [ValueError(str(n)) for n in range(3)]
    with pytest.raises(ValueError, match="2"):
        unsteady()
