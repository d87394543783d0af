"""Small series with the private elements of the scanners' makers."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.sequence import Sequence
from pydcm.uid import EnhancedMRImageStorage, ExplicitVRLittleEndian, MRImageStorage, generate_uid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
OBLIQUE = (0.96, 0.28, 0.0, -0.168, 0.576, -0.8)

ROWS, COLUMNS, SPACING, STEP = 6, 8, (2.5, 2.0), 3.0

#: b values and directions, not along the axes, of different lengths of the parts.
WEIGHTS: list[tuple[float, tuple[float, float, float]]] = [
    (0.0, (0.0, 0.0, 0.0)),
    (1000.0, (0.6, 0.8, 0.0)),
    (1000.0, (0.36, -0.48, 0.8)),
    (2000.0, (-0.48, 0.64, 0.6)),
    (1000.0, (0.0, -0.28, 0.96)),
]


def normal(orientation: tuple[float, ...]) -> np.ndarray:
    """Return the normal of an orientation."""
    return np.cross(orientation[:3], orientation[3:])


def private(
    ds: Dataset, group: int, creator: str, elements: dict[int, tuple[str, Any]], block: int = 0x10
) -> None:
    """Add private elements by the last two digits of their numbers."""
    ds.add_new(group << 16 | block, "LO", creator)
    for element, (vr, value) in elements.items():
        ds.add_new(group << 16 | block << 8 | element, vr, value)


def csa(elements: dict[str, list[str]]) -> bytes:
    """Return a CSA header."""
    content = b"SV10\4\3\2\1" + struct.pack("<II", len(elements), 77)
    for name, values in elements.items():
        content += name.encode().ljust(64, b"\0") + struct.pack("<i4siii", len(values), b"FD\0\0", 6, 6, 77)
        for at in range(6):  # as scanners do: items without a value as well
            raw = values[at].encode() + b"\0" if at < len(values) else b""
            content += struct.pack("<4i", len(raw), len(raw), 77, len(raw)) + raw.ljust(
                -(-len(raw) // 4) * 4, b"\0"
            )
    return content + b"\0" * (len(content) % 2)


def protocol(values: dict[str, Any]) -> str:
    """Return the lines of a Siemens protocol."""
    lines = [
        f'{key}\t = \t""{one}""' if isinstance(one, str) else f"{key}\t = \t{one}"
        for key, one in values.items()
    ]
    return "\n".join(["### ASCCONV BEGIN ###", *lines, "### ASCCONV END ###", ""])


def plain(
    study: tuple[str, str], maker: str, number: int, rows: int = ROWS, columns: int = COLUMNS
) -> Dataset:
    """Return an MR image without a place."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = MRImageStorage
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study
    ds.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = "20260102"
    ds.StudyTime = ds.SeriesTime = "101112"
    ds.AcquisitionTime = "101213.500000"
    ds.Modality, ds.Manufacturer, ds.PatientName, ds.PatientID = "MR", maker, "Nobody^At All", "n1"
    ds.PatientPosition, ds.ProtocolName, ds.SeriesDescription = "HFS", "made", "made of nothing"
    ds.SeriesNumber, ds.InstanceNumber, ds.AcquisitionNumber = 3, number, 1
    ds.MagneticFieldStrength, ds.ImagingFrequency, ds.MRAcquisitionType = 3, 123.25, "2D"
    ds.RepetitionTime, ds.EchoTime, ds.FlipAngle, ds.EchoTrainLength = 3000, 80, 90, 1
    ds.PixelSpacing, ds.SliceThickness, ds.SpacingBetweenSlices = list(SPACING), STEP, STEP
    ds.InPlanePhaseEncodingDirection, ds.AcquisitionMatrix = "COL", [columns, 0, 0, rows]
    ds.PercentPhaseFieldOfView, ds.PercentSampling, ds.PixelBandwidth = 100, 90, 2000
    ds.Rows, ds.Columns, ds.SamplesPerPixel = rows, columns, 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    return ds


def pixels(seed: int, rows: int = ROWS, columns: int = COLUMNS) -> np.ndarray:
    """Return an image that is unlike any other."""
    return np.random.default_rng(seed).integers(0, 4000, (rows, columns), dtype=np.uint16)


def save(ds: Dataset, path: Path) -> None:
    """Write a file."""
    ds.save_as(path, enforce_file_format=True)


def classic(
    folder: Path,
    maker: str,
    fill: Callable[[Dataset, int, int], None],
    *,
    volumes: int = len(WEIGHTS),
    slices: int = 4,
    orientation: tuple[float, ...] = AXIAL,
    step: float = STEP,
) -> Path:
    """Write one file per image; `fill(ds, volume, slice)` adds what the maker does."""
    folder.mkdir(parents=True, exist_ok=True)
    study = generate_uid(), generate_uid()
    for number in range(volumes * slices):
        volume, place = divmod(number, slices)
        ds = plain(study, maker, number + 1)
        ds.ImagePositionPatient = [
            round(float(one), 6) for one in normal(orientation) * step * place - (20, 30, 10)
        ]
        ds.ImageOrientationPatient = list(orientation)
        ds.PixelData = pixels(number).tobytes()
        fill(ds, volume, place)
        save(ds, folder / f"{number:04d}.dcm")
    return folder


def enhanced(
    path: Path,
    maker: str,
    frames: list[Callable[[Dataset], None]],
    places: list[int],
    *,
    fill: Callable[[Dataset], None] | None = None,
    orientation: tuple[float, ...] = AXIAL,
) -> Path:
    """Write one multi-frame file; each frame has a function that adds to its functional groups, and a place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ds = plain((generate_uid(), generate_uid()), maker, 1)
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = EnhancedMRImageStorage
    ds.NumberOfFrames = len(frames)
    groups = []
    for add, place in zip(frames, places, strict=True):
        item = Dataset()
        for keyword, values in (
            (
                "PlanePositionSequence",
                {"ImagePositionPatient": list(normal(orientation) * STEP * place - (20, 30, 10))},
            ),
            ("PlaneOrientationSequence", {"ImageOrientationPatient": list(orientation)}),
            ("PixelMeasuresSequence", {"PixelSpacing": list(SPACING), "SliceThickness": STEP}),
            (
                "PixelValueTransformationSequence",
                {"RescaleSlope": 1, "RescaleIntercept": 0, "RescaleType": "US"},
            ),
        ):
            inner = Dataset()
            for name, value in values.items():
                setattr(inner, name, value)
            setattr(item, keyword, Sequence([inner]))
        add(item)
        groups.append(item)
    ds.PerFrameFunctionalGroupsSequence = Sequence(groups)
    for keyword in ("PixelSpacing", "SliceThickness", "EchoTime"):
        del ds[keyword]
    ds.PixelData = b"".join(pixels(at).tobytes() for at in range(len(frames)))
    if fill is not None:
        fill(ds)
    save(ds, path)
    return path.parent
