"""Small data sets made from scratch, valid enough to be written and read by anyone."""

from __future__ import annotations

import io
from typing import Any

from pydcm.dataset import Dataset, FileMetaDataset

__all__ = ["as_bytes", "ct_image", "nested", "rle_frame"]

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"


def _with_meta(ds: Dataset, syntax: str) -> Dataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ds.SOPClassUID
    meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    ds.file_meta = meta
    return ds


def ct_image(rows: int = 4, columns: int = 6, *, syntax: str = EXPLICIT_LITTLE, **elements: Any) -> Dataset:
    """Return a CT image whose pixels count up from 0, with `elements` set on top.

    Parameters
    ----------
    rows, columns : int
        The image's size in pixels.
    syntax : str
        The transfer syntax, a native one.
    **elements
        Values by keyword.
    """
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = CT_IMAGE_STORAGE
    ds.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    ds.StudyInstanceUID = "1.2.826.0.1.3680043.8.498.2"
    ds.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.3"
    ds.Modality = "CT"
    ds.PatientName = "Test^Phantom"
    ds.PatientID = "T-1"
    ds.StudyDate = "20260102"
    ds.InstanceNumber = 1
    ds.ImagePositionPatient = [0.0, 0.0, 0.0]
    ds.ImageOrientationPatient = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    ds.PixelSpacing = [0.5, 0.5]
    ds.SliceThickness = 2.5
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = rows, columns
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 16, 15
    ds.PixelRepresentation = 0
    ds.RescaleIntercept, ds.RescaleSlope = -1024.0, 1.0
    order = "big" if syntax == "1.2.840.10008.1.2.2" else "little"
    pixels = b"".join((number % 65536).to_bytes(2, order) for number in range(rows * columns))  # type: ignore[arg-type]
    ds.add_new("PixelData", "OW", pixels)
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return _with_meta(ds, syntax)


def nested(depth: int) -> Dataset:
    """Return a data set with sequences of one item each, `depth` levels deep."""
    inner = Dataset()
    inner.CodeMeaning = "the bottom"
    for level in range(depth):
        outer = Dataset()
        outer.ValueType = "CONTAINER"
        outer.ContentLabel = f"LEVEL{level}"
        outer.ContentSequence = [inner]
        inner = outer
    inner.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.33"
    inner.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.4"
    return _with_meta(inner, EXPLICIT_LITTLE)


def as_bytes(ds: Dataset) -> bytes:
    """Return a data set as the bytes of a DICOM file."""
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def rle_frame(pixels: bytes) -> bytes:
    """Return one frame of 8-bit pixels in RLE Lossless, in literal runs only (PS3.5 §G.3-G.5)."""
    runs = b"".join(
        bytes([len(pixels[start : start + 128]) - 1]) + pixels[start : start + 128]
        for start in range(0, len(pixels), 128)
    )
    header = b"".join(number.to_bytes(4, "little") for number in (1, 64, *[0] * 14))
    return header + runs + b"\x00" * (len(runs) % 2)
