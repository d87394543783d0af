"""Saving: an untouched and a lightly edited CT, and big nested data sets edited everywhere.

Run it directly, or let ``run.py`` collect its rows. Each pair is timed alternately and the medians are compared.
"""

from __future__ import annotations

import io
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"


def alternate(first: Callable[[], Any], second: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """Return the median seconds of `first` and of `second`, called in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for call, taken in zip((first, second), times, strict=True):
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def _file(peer: Any, fill: Callable[[Any, Any], None]) -> bytes:
    """Return a file that `peer` wrote, with the elements that `fill` sets."""
    ds = peer.Dataset()
    ds.file_meta = peer.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = EXPLICIT_LITTLE
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    fill(ds, peer)
    out = io.BytesIO()
    peer.dcmwrite(out, ds, enforce_file_format=True)
    return out.getvalue()


def fill_ct(ds: Any, peer: Any) -> None:
    """A CT slice of 512x512x16 with about as many elements as scanners write."""
    ds.PatientName, ds.PatientID, ds.StudyDate, ds.Modality = "Name^Some", "12345", "20240101", "CT"
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


def fill_structure_set(ds: Any, peer: Any, n_contours: int = 3333) -> None:
    """Contours of 100 points each: 10^6 numbers."""
    numbers = random.Random(0)
    contours = []
    for i in range(n_contours):
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


def edit_everything(ds: Any) -> None:
    """Give every element a value that has to be encoded anew, the same one."""
    for elem in ds:
        if elem.VR == "SQ":
            for item in elem.value:
                edit_everything(item)
        else:
            value = elem.value
            elem.value = list(value) if elem.VM > 1 else value


def write_same_way(path: Path, content: bytes) -> None:
    """What no writer can do without: a temporary file next to the target, all bytes, the rename."""
    temporary = f"{path}.tmp"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        os.write(fd, content)
    finally:
        os.close(fd)
    os.replace(temporary, path)


def rows(repeats: int = 15) -> list[tuple[str, float, float, float, float | None]]:
    """Return (what, seconds, seconds of pydicom, ratio, ratio to writing the same bytes)."""
    import pydicom
    import pydicom.dataset

    import pydcm
    import pydcm.dataset
    from pydcm.filewriter import dcmwrite

    out: list[tuple[str, float, float, float, float | None]] = []
    with tempfile.TemporaryDirectory() as folder:
        content = _file(pydicom, fill_ct)
        target, other = Path(folder, "a.dcm"), Path(folder, "b.dcm")
        ours, theirs = pydcm.dcmread(content), pydicom.dcmread(io.BytesIO(content))

        for what in ("CT, untouched", "CT, one element changed"):
            if "changed" in what:
                for ds in (ours, theirs):
                    ds.PatientName = "Somebody^Else"
            mine, peers = alternate(lambda: dcmwrite(target, ours), lambda: theirs.save_as(other), 101)
            mine, bytes_alone = alternate(
                lambda: dcmwrite(target, ours), lambda: write_same_way(other, content), 101
            )
            out.append((what, mine, peers, peers / mine, mine / bytes_alone))

    for what, fill in (
        ("structure set, 10^6 numbers, edited everywhere", fill_structure_set),
        ("report, 37 000 elements, edited everywhere", fill_report),
        ("enhanced header, 2000 frames, edited everywhere", fill_enhanced),
    ):
        content = _file(pydicom, fill)
        ours, theirs = pydcm.dcmread(content), pydicom.dcmread(io.BytesIO(content))
        edit_everything(ours)
        edit_everything(theirs)
        results = [io.BytesIO(), io.BytesIO()]
        dcmwrite(results[0], ours)
        pydicom.dcmwrite(results[1], theirs)
        if results[0].getvalue() != results[1].getvalue():
            raise AssertionError(f"{what}: the files differ")
        mine, peers = alternate(
            lambda: dcmwrite(io.BytesIO(), ours), lambda: pydicom.dcmwrite(io.BytesIO(), theirs), 5
        )
        out.append((what, mine, peers, peers / mine, None))
    return out


def main() -> None:
    """Print the table."""
    print(f"{'saving':<50} {'pydcm ms':>10} {'pydicom ms':>11} {'ratio':>7} {'/ bytes':>8}")
    for what, mine, peers, ratio, to_bytes in rows():
        tail = "" if to_bytes is None else f"{to_bytes:8.2f}"
        print(f"{what:<50} {mine * 1e3:10.3f} {peers * 1e3:11.3f} {ratio:7.1f} {tail}")


if __name__ == "__main__":
    sys.exit(main())
