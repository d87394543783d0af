"""ArrayCache: what else may be found in its folder, full disks, many samples, several processes."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import pickle
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pydcm_pixels.torchdata import ArrayCache, DICOMDataset, VolumeDataset

from .conftest import slices

FIRST = slices(5, 1) - 1000.0


@pytest.fixture(params=["npy", "zarr"])
def filled(request, study, tmp_path):
    """A data set of one volume that has been cached, and the file or folder of it."""
    if request.param == "zarr":
        pytest.importorskip("zarr", minversion="3")
    samples = VolumeDataset(study / "a", cache=ArrayCache(tmp_path / "cache", request.param))
    assert np.array_equal(samples[0].pixels, FIRST)
    (entry,) = (tmp_path / "cache").glob(f"*/*.{request.param}")
    return samples, entry


def notes_of(entry):
    return entry.with_suffix(".json") if entry.suffix == ".npy" else entry / "zarr.json"


def npz():
    stream = io.BytesIO()
    np.savez(stream, pixels=FIRST)
    return stream.getvalue()


def npy(array, version=None):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version)
    return stream.getvalue()


class Evil:
    """Writes a file when it is unpickled."""

    def __reduce__(self):
        return Path.write_text, (Path("unpickled"), "!")


@pytest.mark.parametrize(
    "notes", ["", "{", "{}", "[1]", '"x"', "1" * 5000, "[" * 100_000, '{"affine": 3}', "\ud800"]
)
def test_damaged_notes(filled, notes):
    samples, entry = filled
    notes_of(entry).write_bytes(notes.encode("utf-8", "surrogatepass"))
    assert np.array_equal(samples[0].pixels, FIRST)
    again = json.loads(notes_of(entry).read_bytes())
    assert again.get("attributes", again)["axes"] == "zyx"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY\x01\0",
        npz(),
        npy(np.array([Evil()], object)),
        pickle.dumps(Evil()),
        npy(FIRST.astype("f4"))[:-1],
        npy(FIRST.astype("f4")) + b"\0",
        npy(FIRST.astype("f4"), (3, 0)),
        npy(np.zeros(3, "S5")),
        npy(np.zeros(3, "M8[s]")),
        npy(FIRST).replace(b"(5, 6, 8)", b"(5,-6,-8)"),
        npy(FIRST).replace(b"(5, 6, 8)", b"(9**9**9)"),
    ],
)
def test_other_content(study, tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    samples = VolumeDataset(study / "a", cache=tmp_path / "cache")
    samples[0]
    (entry,) = (tmp_path / "cache").glob("*/*.npy")
    entry.write_bytes(content)
    assert np.array_equal(samples[0].pixels, FIRST)
    assert np.array_equal(np.load(entry), FIRST)
    assert not (tmp_path / "unpickled").exists()


def chunks(entry):
    return sorted(path for path in (entry / "c").rglob("*") if path.is_file())


def one_missing(entry, _described):
    chunks(entry)[2].unlink()


def one_garbled(entry, _described):
    chunks(entry)[2].write_bytes(b"garbage")


def unpickled(entry, described):
    described["codecs"] = [{"name": "numcodecs.pickle", "configuration": {}}]
    for chunk in chunks(entry):
        chunk.write_bytes(pickle.dumps(np.array([Evil()], object)))


def texts(_entry, described):
    described["data_type"] = "string"


def endless(_entry, described):
    described["shape"] = [10**9, 10**9, 10**9]


def without_chunks(_entry, described):
    described["chunk_grid"]["configuration"]["chunk_shape"] = [0, 0, 0]


def older_format(entry, described):
    described["zarr_format"] = 2
    described["codecs"] = None
    array = {"zarr_format": 2, "shape": [1], "chunks": [1], "dtype": "|O", "compressor": None, "order": "C"}
    (entry / ".zarray").write_text(json.dumps({**array, "fill_value": None, "filters": [{"id": "pickle"}]}))
    (entry / "0").write_bytes(pickle.dumps(np.array([Evil()], object)))


@pytest.mark.parametrize(
    "change", [one_missing, one_garbled, unpickled, texts, endless, without_chunks, older_format]
)
def test_other_zarr_arrays(study, tmp_path, monkeypatch, change):
    zarr = pytest.importorskip("zarr", minversion="3")
    monkeypatch.chdir(tmp_path)
    samples = VolumeDataset(study / "a", cache=ArrayCache(tmp_path / "cache", "zarr"))
    samples[0]
    (entry,) = (tmp_path / "cache").glob("*/*.zarr")
    described = json.loads((entry / "zarr.json").read_bytes())
    change(entry, described)
    (entry / "zarr.json").write_text(json.dumps(described))
    assert np.array_equal(samples[0].pixels, FIRST)
    assert np.array_equal(zarr.open_array(entry, mode="r")[...], FIRST)  # whole again
    assert not (tmp_path / "unpickled").exists()
    assert not list(entry.parent.glob(".part*"))


def test_slices_of_zeros_are_no_missing_ones(tmp_path, monkeypatch):
    pytest.importorskip("zarr", minversion="3")
    cache, made = ArrayCache(tmp_path, "zarr"), []

    def make():
        made.append(1)
        return np.zeros((3, 4, 5), "f4"), {}

    for _ in range(2):
        assert cache.get([__file__], (), make, lambda array, _: array.shape) == (3, 4, 5)
    assert len(made) == 1


def test_zarr_array_that_goes_while_it_is_read(study, tmp_path, monkeypatch):
    zarr = pytest.importorskip("zarr", minversion="3")
    samples = VolumeDataset(study / "a", cache=ArrayCache(tmp_path / "cache", "zarr"))
    samples[0]
    (entry,) = (tmp_path / "cache").glob("*/*.zarr")
    opened = zarr.open_array

    def replaced(path, **options):
        """Another process puts the array away and another one in its place, after it was found."""
        array = opened(path, **options)
        os.rename(path, tmp_path / "away")
        voxels = array[...]
        assert not voxels.any()
        shutil.copytree(tmp_path / "away", path)
        return voxels

    monkeypatch.setattr(zarr, "open_array", replaced)
    assert np.array_equal(samples[0].pixels, FIRST)
    monkeypatch.undo()
    assert np.array_equal(opened(entry, mode="r")[...], FIRST)


def test_zarr_array_of_another_process_stays(tmp_path):
    pytest.importorskip("zarr", minversion="3")
    cache = ArrayCache(tmp_path, "zarr")

    def slow():
        cache.get([__file__], (), lambda: (FIRST, {}), lambda array, _: array)
        return FIRST, {}

    def entry():
        (found,) = tmp_path.glob("*/*.zarr")
        return found.stat().st_ino

    seen = []
    store = cache._store
    cache._store = lambda *args: (
        seen.extend(path.stat().st_ino for path in tmp_path.glob("*/*.zarr")),
        store(*args),
    )
    cache.get([__file__], (), slow, lambda array, _: array)
    assert seen == [entry()]


@pytest.mark.parametrize("kind", ["npy", "zarr"])
@pytest.mark.parametrize("dtype", [">f4", "i2", "f8"])
def test_types_that_are_asked_for(study, tmp_path, kind, dtype):
    if kind == "zarr":
        pytest.importorskip("zarr", minversion="3")
    samples = VolumeDataset(study / "a", dtype=dtype, cache=ArrayCache(tmp_path / "cache", kind))
    for _ in range(2):
        volume = samples[0]
        assert volume.dtype == np.dtype(dtype)
        assert np.array_equal(volume.pixels, FIRST)


def test_many_samples_at_once(study, tmp_path):
    resource = pytest.importorskip("resource")
    samples = DICOMDataset(study, cache=tmp_path / "cache")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, before[1]))
    try:
        assert len([samples[at % 8] for at in range(300)]) == 300
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_large_arrays_are_mapped(tmp_path, monkeypatch):
    cache, large = ArrayCache(tmp_path), np.arange(1 << 22, dtype="i4").reshape(64, 256, 256)

    def get():
        return cache.get([__file__], (), lambda: (np.asfortranarray(large), {}), lambda array, _: array)

    get()
    array = get()
    assert np.array_equal(array, large)
    assert type(array) is np.ndarray
    assert not array.flags.owndata
    array[:] = 0
    assert np.array_equal(get(), large)


def test_full_disk_is_a_warning(study, tmp_path, monkeypatch):
    samples = VolumeDataset(study / "a", cache=tmp_path / "cache")

    def refuse(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", refuse)
    with pytest.warns(UserWarning, match="cannot be written: .*No space left"):
        assert np.array_equal(samples[0].pixels, FIRST)
    assert not [
        name for name in (tmp_path / "cache").rglob("*") if name.suffix == ".npy" or ".part" in name.name
    ]


def test_zarr_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr("pydcm_pixels._training.cache.find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install 'zarr>=3'"):
        ArrayCache(tmp_path, "zarr")


def test_folder_is_a_file(study, tmp_path):
    (tmp_path / "cache").touch()
    with pytest.raises(NotADirectoryError, match="is a file"):
        DICOMDataset(study, cache=tmp_path / "cache")


def test_what_killed_processes_left(study, tmp_path):
    samples = DICOMDataset(study / "a", cache=tmp_path / "cache")
    for at in range(5):
        samples[at]
    for folder in (tmp_path / "cache").iterdir():
        (folder / ".part-old").mkdir()
        (folder / ".part-old" / "npy").write_bytes(b"x")
        os.utime(folder / ".part-old", (1, 1))
        (folder / ".part-new").mkdir()
    for path in (study / "a").iterdir():
        os.utime(path, (time.time(), 5))
    for at in range(5):
        samples[at]
    assert not list((tmp_path / "cache").glob("*/.part-old"))
    assert list((tmp_path / "cache").glob("*/.part-new"))
    assert len(list((tmp_path / "cache").glob("*/*.npy"))) == 5


def sums(samples):
    return [float(np.asarray(sample).sum()) for _ in range(3) for sample in samples]


def fill(study, folder, kind):
    return sums(DICOMDataset(study, cache=ArrayCache(folder, kind)))


@pytest.mark.parametrize("kind", ["npy", "zarr"])
def test_processes_that_fill_one_cache(study, tmp_path, kind):
    if kind == "zarr":
        pytest.importorskip("zarr", minversion="3")
    if not hasattr(os, "fork"):
        pytest.skip("the function is of a module that is no package elsewhere")
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("fork")) as pool:
        tasks = [pool.submit(fill, study, tmp_path / "cache", kind) for _ in range(6)]
        expected = sums(DICOMDataset(study))
        assert [task.result() for task in tasks] == [expected] * 6
    assert len(list((tmp_path / "cache").glob(f"*/*.{kind}"))) == 8
    assert not list((tmp_path / "cache").glob("*/.part*"))
