"""Series of files made for the tests."""

from __future__ import annotations

import argparse

import numpy as np
import pytest

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import UID, ExplicitVRLittleEndian, generate_uid
from pydcm_pixels._bids.command import register

CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"


def pattern(number, rows=6, columns=8, dtype="i2"):
    """Return pixels that no other number has."""
    return (np.arange(rows * columns).reshape(rows, columns) * 3 + 100 * number).astype(dtype)


class SeriesBuilder:
    """Writes the files of one series into a folder.

    Attributes
    ----------
    folder : pathlib.Path
        Where the files go.
    common : dict
        Elements that all files have.
    """

    def __init__(self, folder, modality="CT", **common):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.count = 0
        self.common = {
            "SOPClassUID": MR if modality == "MR" else CT,
            "Modality": modality,
            "StudyInstanceUID": generate_uid(),
            "SeriesInstanceUID": generate_uid(),
            "FrameOfReferenceUID": generate_uid(),
            "SeriesNumber": 3,
            "SeriesDescription": "made up",
            "StudyDate": "20240101",
            "StudyTime": "101500",
            "Manufacturer": "ACME",
            "PatientID": "1",
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "PixelSpacing": [0.5, 0.75],
            "SliceThickness": 2,
            **common,
        }

    def dataset(self, pixels, syntax=ExplicitVRLittleEndian, **elements):
        """Return a data set; elements that are ``None`` are left out."""
        self.count += 1
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = UID(syntax)
        values = {
            **self.common,
            "SOPInstanceUID": generate_uid(),
            "InstanceNumber": self.count,
            **elements,
        }
        for name, value in values.items():
            if value is not None:
                setattr(ds, name, value)
        ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        if pixels is None:
            return ds
        frames = ds.get("NumberOfFrames") is not None
        size = pixels.shape[1:] if frames else pixels.shape
        ds.Rows, ds.Columns = size[:2]
        ds.SamplesPerPixel = size[2] if len(size) == 3 else 1
        ds.PhotometricInterpretation = "RGB" if len(size) == 3 else "MONOCHROME2"
        if len(size) == 3:
            ds.PlanarConfiguration = 0
        ds.BitsAllocated = 8 * pixels.dtype.itemsize
        if pixels.dtype.kind == "f":
            setattr(
                ds, "FloatPixelData" if ds.BitsAllocated == 32 else "DoubleFloatPixelData", pixels.tobytes()
            )
            return ds
        ds.BitsStored = elements.get("BitsStored", ds.BitsAllocated)
        ds.HighBit = ds.BitsStored - 1
        ds.PixelRepresentation = int(pixels.dtype.kind == "i")
        data = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
        ds.PixelData = data + b"\0" * (len(data) % 2)
        ds["PixelData"].VR = "OB" if ds.BitsAllocated == 8 else "OW"
        return ds

    def add(self, pixels, position=None, name=None, **elements):
        """Write a file with an image at a position; return its path."""
        ds = self.dataset(pixels, ImagePositionPatient=position, **elements)
        path = self.folder / (name or f"image{self.count:04d}.dcm")
        ds.save_as(path, enforce_file_format=True)
        return path

    def stack(self, count, *, step=2.0, start=0.0, shuffle=True, **elements):
        """Write slices along z, by default not in order of their names; return their pixels ``[z, y, x]``."""
        pixels = np.stack([pattern(self.count + at) for at in range(count)])
        order = np.random.default_rng(1).permutation(count) if shuffle else np.arange(count)
        first = self.count
        for at in order:
            self.add(
                pixels[at], [-10, -20, start + at * step], InstanceNumber=first + int(at) + 1, **elements
            )
        return pixels


@pytest.fixture(scope="session")
def builder():
    """Return the class, for folders that several tests share."""
    return SeriesBuilder


@pytest.fixture
def series(tmp_path):
    """Return a function that starts a series in a folder of the test's own."""

    def make(modality="CT", folder="series", **common):
        return SeriesBuilder(tmp_path / folder, modality, **common)

    return make


@pytest.fixture
def command():
    """Return a function that runs ``pydcm convert-series`` and returns its exit code."""

    def run(*arguments):
        parser = argparse.ArgumentParser()
        register(parser.add_subparsers())
        try:
            args = parser.parse_args(["convert-series", *map(str, arguments)])
            args.func(args)
        except SystemExit as end:
            return end.code
        return 0

    return run
