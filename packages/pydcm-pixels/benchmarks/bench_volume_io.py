"""Volumes to and from files against SimpleITK and nibabel; samples for a torch DataLoader against a loop around pydicom.

    python benchmarks/bench_volume_io.py

CPU time, interleaved, medians; the files are in memory where ``/dev/shm`` is. What is not installed is not shown.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np

from pydcm.volume import Volume, from_metaimage, from_nifti, from_nrrd, to_dicom_series
from pydcm_pixels.torchdata import DICOMDataset, VolumeDataset
from pydcm_testing import timing

SHAPE = (200, 512, 512)


def scene(shape=SHAPE):
    """Return int16 voxels that compress like a CT: smooth, some noise, air around."""
    z, y, x = (np.linspace(-1, 1, n, dtype="f4") for n in shape)
    body = x**2 + (1.4 * y[:, None]) ** 2 < 0.8
    smooth = 300 * np.sin(3 * x) * np.cos(4 * y[:, None])
    noise = np.random.default_rng(0).integers(-8, 9, shape[1:])
    slices = [np.where(body, smooth * (1 + at / 5) + np.roll(noise, int(40 * at), 0), -1024) for at in z]
    return np.stack(slices).astype("i2")


def writers(voxels, folder):
    """Return the other libraries' writers of a file: name to (image, function of image and path)."""
    found = {}
    try:
        import SimpleITK

        image = SimpleITK.GetImageFromArray(voxels)
        found["SimpleITK"] = lambda name: SimpleITK.WriteImage(
            image, str(folder / name), name.endswith(".gz")
        )
    except ImportError:
        pass
    try:
        import nibabel

        loaded = nibabel.Nifti1Image(voxels.T, np.eye(4))
        found["nibabel"] = lambda name: nibabel.save(loaded, folder / name)
    except ImportError:
        pass
    return found


def rows():
    """Yield the rows of the table."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as name:
        folder = Path(name)
        volume = Volume(scene())
        others = writers(volume.pixels, folder)
        calls = [lambda write=write, who=who: write(f"{who}.nii") for who, write in others.items()]
        ours, *theirs = timing.interleaved(lambda: volume.to_nifti(folder / "ours.nii"), *calls)
        peers = dict(zip(others, theirs, strict=True))
        yield timing.Row(".nii written, 105 MB int16", ours, peers, {"<SimpleITK": 1.0})
        yield from to_disk(volume, others)

        calls = [lambda write=write, who=who: write(f"{who}-zipped.nii.gz") for who, write in others.items()]
        ours, *theirs = timing.interleaved(
            lambda: volume.to_nifti(folder / "ours-zipped.nii.gz"), *calls, rounds=3
        )
        peers = dict(zip(others, theirs, strict=True))
        yield timing.Row(".nii.gz written", ours, peers, {"nibabel": 3.0})
        sizes = {who: (folder / f"{who}-zipped.nii.gz").stat().st_size / 1e9 for who in others}
        size = (folder / "ours-zipped.nii.gz").stat().st_size / 1e9
        yield timing.Row(".nii.gz size, GB as s", size, sizes, {"<nibabel": 1.03})
        yield from reading(folder, volume, others)
        yield from samples(folder, volume)


def to_disk(volume, others):
    """Yield the row about writing where files usually are."""
    if "SimpleITK" not in others:
        return
    import SimpleITK

    image = SimpleITK.GetImageFromArray(volume.pixels)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, theirs = timing.interleaved(
            lambda: volume.to_nifti(folder / "ours.nii"),
            lambda: SimpleITK.WriteImage(image, str(folder / "theirs.nii")),
        )
    yield timing.Row(".nii written to the disk", ours, {"SimpleITK": theirs}, {"<SimpleITK": 1.0})


def reading(folder, volume, others):
    """Yield the rows about reading."""
    volume.to_nrrd(folder / "ours-nrrd.nrrd")
    volume.to_metaimage(folder / "ours-meta.mha")
    # each name has a stem of its own: SimpleITK takes a .nii beside a .nii.gz for the same image
    files = {
        ".nii": ("ours.nii", from_nifti),
        ".nii.gz": ("ours-zipped.nii.gz", from_nifti),
        ".nii.gz of SimpleITK": ("SimpleITK-zipped.nii.gz", from_nifti),
        ".nrrd, gzip": ("ours-nrrd.nrrd", from_nrrd),
        ".mha, zlib": ("ours-meta.mha", from_metaimage),
    }
    for what, (name, read) in files.items():
        path = folder / name
        if not path.exists():
            continue
        calls = {}
        if "SimpleITK" in others:
            import SimpleITK

            calls["SimpleITK"] = lambda path=path: SimpleITK.ReadImage(str(path))
        if "nibabel" in others and ".nii" in what:
            import nibabel

            calls["nibabel"] = lambda path=path: np.array(nibabel.load(path).dataobj)
        ours, *theirs = timing.interleaved(lambda path=path, read=read: read(path), *calls.values(), rounds=5)
        yield timing.Row(
            f"{what} read", ours, dict(zip(calls, theirs, strict=True)), {"SimpleITK": 1.0, "nibabel": 1.0}
        )


def samples(folder, volume):
    """Yield the rows about samples for training."""
    to_dicom_series(volume[:50], folder / "series", modality="CT")
    files = DICOMDataset(folder / "series")
    cached = DICOMDataset(folder / "series", cache=folder / "cache")
    calls = {"with its cache": lambda: [np.asarray(one).sum() for one in cached]}
    try:
        import pydicom

        calls["pydicom loop"] = lambda: [pydicom.dcmread(path).pixel_array.sum() for path in files.files]
    except ImportError:
        pass
    ours, *theirs = timing.interleaved(lambda: [one.sum() for one in files], *calls.values())
    yield timing.Row("DICOMDataset, 50 files", ours, dict(zip(calls, theirs, strict=True)))
    volumes = VolumeDataset(folder / "series", rescale=False)
    kept = VolumeDataset(folder / "series", rescale=False, cache=folder / "cache")
    plain, mapped = timing.interleaved(lambda: volumes[0].pixels.sum(), lambda: kept[0].pixels.sum())
    yield timing.Row("VolumeDataset, one volume of 50 slices", plain, {"with its cache": mapped})
    try:
        from torch.utils.data import DataLoader
    except ImportError:
        return
    tensors = DICOMDataset(folder / "series", to_torch=True)
    loaded, bare = timing.interleaved(
        lambda: list(DataLoader(tensors, batch_size=10)), lambda: [tensors[at] for at in range(len(tensors))]
    )
    yield timing.Row("DataLoader in this process, batches of 10", loaded, {"samples alone": bare})


if __name__ == "__main__":
    timing.main(rows)
