"""A study of two series for the tests."""

from __future__ import annotations

import numpy as np
import pytest

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import ExplicitVRLittleEndian, generate_uid


def write_slice(path, pixels, series_uid, at, **elements):
    """Write one CT slice."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.Modality = "CT"
    ds.StudyInstanceUID = "1.2.3"
    ds.SeriesInstanceUID = series_uid
    ds.FrameOfReferenceUID = "1.2.3.4"
    ds.InstanceNumber = at + 1
    ds.ImagePositionPatient = [0, 0, 2.5 * at]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing = [0.5, 0.75]
    ds.RescaleSlope, ds.RescaleIntercept = 1, -1000
    ds.Rows, ds.Columns = pixels.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, 1
    ds.PixelData = pixels.astype("<i2").tobytes()
    for name, value in elements.items():
        setattr(ds, name, value)
    ds.save_as(path, enforce_file_format=True)


def slices(count, seed):
    return np.random.default_rng(seed).integers(0, 2000, (count, 6, 8)).astype("i2")


@pytest.fixture
def study(tmp_path):
    """A folder with two series of 5 and 3 slices; names without endings, and a file that is no image."""
    root = tmp_path / "study"
    for name, count, seed in (("a", 5, 1), ("b", 3, 2)):
        folder = root / name
        folder.mkdir(parents=True)
        for at, pixels in enumerate(slices(count, seed)):
            write_slice(folder / f"im{at}", pixels, f"1.2.3.{seed}", at, SeriesDescription=name)
    (root / "notes.txt").write_text("nothing")
    return root


@pytest.fixture
def unsorted(study):
    """The folder with a third series: images of one position that nothing tells apart."""
    (study / "u").mkdir()
    for at, pixels in enumerate(slices(3, 4)):
        kind = ["ORIGINAL", "PRIMARY", f"OTHER{at % 2}"]
        write_slice(study / "u" / f"im{at}", pixels, "1.2.3.9", 0, SeriesDescription="u", ImageType=kind)
    return study
