"""DICOMDataset, VolumeDataset and scan."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest

from pydcm.errors import InvalidDicomError
from pydcm_pixels.torchdata import ArrayCache, DICOMDataset, VolumeDataset, map_series, scan

from .conftest import slices, write_slice
from .functions import with_one_channel


def test_scan_by_content_and_by_name(study):
    found = scan(study)
    assert [path.relative_to(study).as_posix() for path in found][:6] == [
        "a/im0",
        "a/im1",
        "a/im2",
        "a/im3",
        "a/im4",
        "b/im0",
    ]
    assert scan(study, "im2") == [study / "a" / "im2", study / "b" / "im2"]
    assert scan(study, "**/im2") == scan(study, "*/im2") == scan(study, "im2")
    assert scan(study, "b/*") == [study / "b" / f"im{at}" for at in range(3)]
    assert scan(study, "*.txt") == [study / "notes.txt"]
    assert scan(study / "a" / "im1") == [study / "a" / "im1"]
    (study / "empty.dcm").touch()  # by its name: what is wrong with it is said when it is read
    (study / "DICOMDIR").write_bytes(bytes(128) + b"DICM")
    assert len(scan(study)) == 9
    with pytest.raises(FileNotFoundError):
        scan(study / "missing")


def test_instances(study):
    samples = DICOMDataset(study)
    assert len(samples) == 8
    assert samples[1].dtype == np.int16
    assert np.array_equal(samples[1], slices(5, 1)[1])
    assert np.array_equal(DICOMDataset(study, rescale=True)[-1], slices(3, 2)[2] - 1000.0)
    assert DICOMDataset(study, transform=np.shape)[0] == (6, 8)
    assert len(list(samples)) == 8
    assert np.array_equal(samples[np.int64(-1)], samples[7])
    with pytest.raises(IndexError):
        samples[8]
    for wrong in (slice(2), "0", 1.0):
        with pytest.raises(TypeError, match="integer"):
            samples[wrong]


def test_broken_file_is_named(study):
    (study / "a" / "broken.dcm").write_bytes(b"no")
    samples = DICOMDataset(study, pattern="*.dcm")
    with pytest.raises(InvalidDicomError, match="no DICOM file") as caught:
        samples[0]
    assert "broken.dcm" in "".join(caught.value.__notes__)


def test_failing_transforms_name_the_sample(study):
    for kind, name in ((DICOMDataset, "im0"), (VolumeDataset, "'a'")):
        samples = kind(study, transform=lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError) as caught:
            samples[0]
        (note,) = caught.value.__notes__
        assert re.search(f"in sample 0, .*{name}", note)


def test_volumes(study):
    samples = VolumeDataset(study)
    assert len(samples) == 2
    assert [one.description for one in samples.samples] == ["a", "b"]
    volume = samples[0]
    assert np.array_equal(volume.pixels, slices(5, 1) - 1000.0)
    assert volume.spacing == (0.75, 0.5, 2.5)
    assert len(VolumeDataset(study, select=lambda stack: stack.n_frames > 3)) == 1
    assert VolumeDataset(study, rescale=False, transform=with_one_channel)[1].dtype == np.int16


def test_images_that_make_no_volume_are_told(unsorted):
    with pytest.warns(UserWarning, match="no sample: .*no element tells them apart"):
        samples = VolumeDataset(unsorted)
    assert len(samples) == 2
    assert [os.path.basename(path) for path, _ in samples.left_out] == ["notes.txt", "im0", "im1", "im2"]


def test_archives_are_read_in_parts(unsorted, monkeypatch):
    """The same samples, in the same order, whatever the number of headers that are held at once."""
    (unsorted / "z.dcm").write_bytes(b"no image")
    whole, told = [], []
    for many in (2000, 8, 4, 1):
        monkeypatch.setattr("pydcm_pixels._training.sources.MANY", many)
        with pytest.warns(UserWarning, match="no sample"):
            samples = VolumeDataset(unsorted, progress=lambda done, total: told.append((done, total)))
        whole.append((samples.samples, sorted(samples.left_out)))
        assert told[-1] == (13, 13)
    assert all(one == whole[0] for one in whole)
    assert len(whole[0][0]) == 2
    assert len(map_series(with_one_channel, unsorted, split="outputs")) == 3


def test_uneven_slices(study, tmp_path):
    (study / "a" / "im2").unlink()
    assert not VolumeDataset(study / "a", select=lambda stack: not stack.notes).samples
    assert VolumeDataset(study / "a")[0].meta["notes"]
    for _ in range(2):
        for resample, count in ((False, 4), (True, 5)):
            samples = VolumeDataset(study / "a", resample=resample, cache=tmp_path / "cache")
            assert samples[0].shape == (count, 6, 8)


def test_picklable_without_open_files(study, tmp_path):
    for samples in (DICOMDataset(study, cache=tmp_path / "c"), VolumeDataset(study, cache=tmp_path / "c")):
        before = samples[0]
        copy = pickle.loads(pickle.dumps(samples))
        assert np.array_equal(np.asarray(copy[0]), np.asarray(before))


@pytest.mark.parametrize("kind", ["npy", "zarr"])
def test_cache(study, tmp_path, kind):
    if kind == "zarr":
        pytest.importorskip("zarr", minversion="3")
    folder = tmp_path / "cache"
    samples = VolumeDataset(study / "b", cache=ArrayCache(folder, kind))
    first = samples[0]
    assert len(list(folder.glob(f"*/*.{kind}"))) == 1
    again = samples[0]
    assert np.array_equal(again.pixels, first.pixels)
    assert np.array_equal(again.affine, first.affine)
    assert again.meta == first.meta
    again.pixels[:] = 0  # the caller's own
    assert np.array_equal(samples[0].pixels, first.pixels)
    # the source changes: another result, and the old one goes
    pixels = slices(3, 9)
    for at in range(3):
        path = study / "b" / f"im{at}"
        write_slice(path, pixels[at], "1.2.3.2", at, SeriesDescription="b")
        os.utime(path, (1, 1))
    assert np.array_equal(samples[0].pixels, pixels - 1000.0)
    assert len(list(folder.glob(f"*/*.{kind}"))) == 1
    assert not list(folder.glob("*/.part*"))


def test_damaged_cache_is_made_again(study, tmp_path):
    samples = DICOMDataset(study / "a", cache=tmp_path / "cache")
    first = np.array(samples[0])
    (file,) = (tmp_path / "cache").glob("*/*.npy")
    file.write_bytes(file.read_bytes()[:100])
    assert np.array_equal(samples[0], first)
    assert np.array_equal(np.load(file), first)


def test_other_options_have_other_entries(study, tmp_path):
    for rescale in (False, True):
        samples = DICOMDataset(study / "a", cache=tmp_path / "cache", rescale=rescale)
        assert samples[0].dtype == (np.float32 if rescale else np.int16)
        assert samples[0].dtype == (np.float32 if rescale else np.int16)


def test_unknown_cache_format(tmp_path):
    with pytest.raises(ValueError, match="'npy' or 'zarr'"):
        ArrayCache(tmp_path, "hdf5")


def test_torch_is_not_imported():
    code = "import sys, pydcm_pixels.torchdata, pydcm; pydcm.DICOMDataset; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_data_loader(study, tmp_path, method):
    torch = pytest.importorskip("torch")
    if method == "fork" and not hasattr(os, "fork"):
        pytest.skip("no fork here")
    from torch.utils.data import DataLoader

    images = DICOMDataset(study, to_torch=True, cache=tmp_path / "cache")
    loader = DataLoader(images, batch_size=4, num_workers=2, multiprocessing_context=method)
    found = torch.cat(list(loader))
    assert np.array_equal(found.numpy(), np.concatenate([slices(5, 1), slices(3, 2)]))
    volumes = VolumeDataset(study, to_torch=True)
    batches = list(DataLoader(volumes, num_workers=1, multiprocessing_context=method))
    assert [tuple(batch["image"].shape) for batch in batches] == [(1, 5, 6, 8), (1, 3, 6, 8)]
    assert batches[0]["affine"].shape == (1, 4, 4)


def test_patterns_are_of_paths_below_the_folder(study):
    with pytest.raises(ValueError, match="paths below the folder"):
        scan(study, "/a/*")
