"""The files that are timed: written by pydicom, so that nothing about them is ours."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from functools import cache
from typing import Any

EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
N_CONTOURS = 3333


@cache
def file(name: str, *, undefined_lengths: bool = False) -> bytes:
    """Return the file called `name`: ``"ct"``, ``"structure set"``, ``"report"`` or ``"enhanced header"``."""
    import pydicom
    import pydicom.dataset

    ds = pydicom.Dataset()
    ds.file_meta = pydicom.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = EXPLICIT_LITTLE
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    fill: Callable[[Any, Any], None] = {
        "ct": fill_ct,
        "structure set": fill_structure_set,
        "report": fill_report,
        "enhanced header": fill_enhanced,
    }[name]
    fill(ds, pydicom)
    if undefined_lengths:
        _without_lengths(ds)
    out = io.BytesIO()
    pydicom.dcmwrite(out, ds, enforce_file_format=True)
    return out.getvalue()


def _without_lengths(ds: Any) -> None:
    for elem in ds:
        if elem.VR == "SQ":
            elem.is_undefined_length = elem.value.is_undefined_length = True
            for item in elem.value:
                item.is_undefined_length_sequence_item = True
                _without_lengths(item)


def fill_ct(ds: Any, peer: Any) -> None:
    """A CT slice of 512x512x16 with about as many elements as scanners write."""
    ds.PatientName, ds.PatientID, ds.StudyDate, ds.Modality = "Name^Some", "12345", "20240101", "CT"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.3", "1.2.3.1"
    ds.InstanceNumber, ds.SliceThickness = 1, 1.5
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [-100, -100, 3.5], [1, 0, 0, 0, 1, 0]
    ds.Rows = ds.Columns = 512
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.PixelSpacing = [0.5, 0.5]
    block = ds.private_block(0x0043, "SOME MAKER 01", create=True)
    for i in range(120):
        block.add_new(i, "DS", [i + 0.25, i + 0.5])
    block = ds.private_block(0x0045, "SOME MAKER 02", create=True)
    for i in range(120):
        block.add_new(i, "SS", i)
    ds.PixelData = random.Random(0).randbytes(512 * 512 * 2)


def fill_structure_set(ds: Any, peer: Any) -> None:
    """Contours of 100 points each: 10^6 numbers."""
    numbers = random.Random(0)
    contours = []
    for i in range(N_CONTOURS):
        contour = peer.Dataset()
        contour.ContourGeometricType = "CLOSED_PLANAR"
        contour.NumberOfContourPoints = 100
        contour.ContourNumber = i
        contour.ContourData = [f"{numbers.uniform(-300, 300):.2f}" for _ in range(300)]
        contours.append(contour)
    roi = peer.Dataset()
    roi.ContourSequence = contours
    ds.ROIContourSequence = [roi]


def fill_report(ds: Any, peer: Any, n_leaves: int = 2100) -> None:
    """A report of nested containers, measurements and codes: about 37 000 elements."""

    def code(value: str, meaning: str) -> Any:
        item = peer.Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
        return item

    def leaf(i: int) -> Any:
        item = peer.Dataset()
        item.RelationshipType, item.ValueType = "CONTAINS", "NUM"
        item.ConceptNameCodeSequence = [code(str(100000 + i), f"Measurement {i}")]
        measured = peer.Dataset()
        measured.NumericValue = f"{i}.5"
        measured.MeasurementUnitsCodeSequence = [code("mm", "millimeter")]
        item.MeasuredValueSequence = [measured]
        finding = peer.Dataset()
        finding.RelationshipType, finding.ValueType = "HAS PROPERTIES", "TEXT"
        finding.ConceptNameCodeSequence = [code("121071", "Finding")]
        finding.TextValue = "nothing to speak of"
        item.ContentSequence = [finding]
        return item

    groups = []
    for start in range(0, n_leaves, 50):
        group = peer.Dataset()
        group.RelationshipType, group.ValueType = "CONTAINS", "CONTAINER"
        group.ConceptNameCodeSequence = [code("125007", "Measurement Group")]
        group.ContentSequence = [leaf(i) for i in range(start, start + 50)]
        groups.append(group)
    ds.ValueType = "CONTAINER"
    ds.ContentSequence = groups


def fill_enhanced(ds: Any, peer: Any, n_frames: int = 2000) -> None:
    """An enhanced multi-frame header."""
    frames = []
    for i in range(n_frames):
        frame = peer.Dataset()
        content, position, orientation, measures = (peer.Dataset() for _ in range(4))
        content.DimensionIndexValues = [1, i + 1]
        content.FrameAcquisitionNumber = i
        content.FrameAcquisitionDateTime = "20240101120000.000000"
        position.ImagePositionPatient = [-100.5, -100.5, float(i)]
        orientation.ImageOrientationPatient = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
        measures.PixelSpacing = [0.5, 0.5]
        measures.SliceThickness = 1.0
        frame.FrameContentSequence = [content]
        frame.PlanePositionSequence = [position]
        frame.PlaneOrientationSequence = [orientation]
        frame.PixelMeasuresSequence = [measures]
        frames.append(frame)
    ds.NumberOfFrames = n_frames
    ds.PerFrameFunctionalGroupsSequence = frames
