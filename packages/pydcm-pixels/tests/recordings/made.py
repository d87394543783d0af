"""Made files of spectra and of recordings of heart and breath."""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.sequence import Sequence
from pydcm.uid import ExplicitVRLittleEndian, generate_uid

from ..vendors.made import csa, private, protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

SPECTROSCOPY = "1.2.840.10008.5.1.4.1.1.4.2"
NON_IMAGE = "1.3.12.2.1107.5.9.1"
RAW = "1.2.840.10008.5.1.4.1.1.66"
OBLIQUE = (0.96, 0.28, 0.0, -0.168, 0.576, -0.8)
POSITION = (10.0, -20.0, 30.0)


def item(**values: Any) -> Dataset:
    """Return a data set of these elements."""
    ds = Dataset()
    for name, value in values.items():
        setattr(ds, name, value)
    return ds


def one(**values: Any) -> Sequence:
    """Return a sequence of one item."""
    return Sequence([item(**values)])


def fid(count: int, seed: int = 0) -> np.ndarray:
    """Return complex samples as pairs."""
    return np.random.default_rng(seed).normal(size=2 * count).astype("<f4")


def base(sop_class: str, maker: str, study: tuple[str, str] | None = None, number: int = 1) -> Dataset:
    """Return a data set without samples."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = sop_class
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study or (generate_uid(), generate_uid())
    ds.ImageType = ["ORIGINAL", "PRIMARY", "SPECTROSCOPY", "NONE"]
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = "20260102"
    ds.StudyTime = ds.SeriesTime = "101112"
    ds.AcquisitionTime = "101213.500000"
    ds.Modality, ds.Manufacturer, ds.PatientName, ds.PatientID = "MR", maker, "Nobody^At All", "n1"
    ds.PatientSex, ds.PatientWeight, ds.PatientBirthDate = "F", 70.5, "19800102"
    ds.PatientPosition, ds.ProtocolName, ds.SeriesDescription = "HFS", "svs_se", "made of nothing"
    ds.SeriesNumber, ds.InstanceNumber, ds.AcquisitionNumber = 30, number, 1
    ds.SoftwareVersions, ds.ManufacturerModelName, ds.DeviceSerialNumber = "syngo MR XA60", "Model", "237"
    ds.InstitutionName, ds.InstitutionAddress, ds.MagneticFieldStrength = "Inst", "Street 1", 3.0
    return ds


def spectra(
    maker: str = "SIEMENS",
    points: int = 16,
    *,
    kind: str = "SINGLE_VOXEL",
    grid: tuple[int, int, int] = (1, 1, 1),
    times: int = 1,
    study: tuple[str, str] | None = None,
    number: int = 1,
    orientation: tuple[float, ...] = OBLIQUE,
) -> Dataset:
    """Return *MR Spectroscopy Storage*; `grid` has columns, rows and frames, `times` says how often all is there."""
    ds = base(SPECTROSCOPY, maker, study, number)
    columns, rows, frames = grid
    ds.SpectralWidth, ds.TransmitterFrequency, ds.ResonantNucleus = 2000.0, 123.25, "1H"
    ds.MRSpectroscopyAcquisitionType = kind
    ds.Columns, ds.Rows, ds.NumberOfFrames = columns, rows, frames
    ds.DataPointRows, ds.DataPointColumns = 1, points
    axes = np.array(orientation).reshape(2, 3)
    normal = np.cross(*axes)
    ds.VolumeLocalizationSequence = Sequence(
        [
            item(SlabThickness=extent, SlabOrientation=axis.tolist(), MidSlabPosition=list(POSITION))
            for extent, axis in ((25.0, axes[0]), (20.0, axes[1]), (15.0, normal))
        ]
    )
    shared = Dataset()
    shared.MRTimingAndRelatedParametersSequence = one(
        RepetitionTime=2000.0, FlipAngle=90.0, EchoTrainLength=1
    )
    shared.MREchoSequence = one(EffectiveEchoTime=30.0)
    shared.MRTransmitCoilSequence = one(TransmitCoilName="Body", TransmitCoilType="BODY")
    shared.MRReceiveCoilSequence = one(ReceiveCoilName="Head32", ReceiveCoilType="MULTICOIL")
    shared.MRAveragesSequence = one(NumberOfAverages=8)
    shared.PlaneOrientationSequence = one(ImageOrientationPatient=list(orientation))
    shared.PixelMeasuresSequence = one(PixelSpacing=[20.0, 25.0], SliceThickness=15.0)
    ds.SharedFunctionalGroupsSequence = Sequence([shared])
    places = (np.array(POSITION) + normal * 15 * at for at in range(frames))
    ds.PerFrameFunctionalGroupsSequence = Sequence(
        [item(PlanePositionSequence=one(ImagePositionPatient=place.tolist())) for place in places]
    )
    ds.add_new(0x56000020, "OF", fid(points * columns * rows * frames * times, number).tobytes())
    return ds


def with_protocol(ds: Dataset, lines: dict[str, Any]) -> Dataset:
    """Return the data set with the protocol of an XA scanner; what comes before it is as long as in real ones."""
    text = "<XProtocol> " * 200 + protocol(lines)
    shared = ds.SharedFunctionalGroupsSequence[0]
    private(shared, 0x21, "SIEMENS MR SDS 01", {0x19: ("OB", text.encode().ljust(4000))})
    private(ds.PerFrameFunctionalGroupsSequence[0], 0x21, "SIEMENS MR SDI 02", {0x42: ("IS", "400000")})
    return ds


CSA: dict[str, list[str]] = {
    "ImageOrientationPatient": [str(value) for value in OBLIQUE],
    "ImagePositionPatient": ["-50", "-60", "-70"],
    "SliceThickness": ["15"],
    "PixelSpacing": ["20", "25"],
    "VoiPosition": ["10.5", "-20.25", "30.125"],
    "VoiPhaseFoV": ["20"],
    "VoiReadoutFoV": ["25"],
    "VoiThickness": ["15"],
    "RealDwellTime": ["500000"],
    "ImagingFrequency": ["123.25"],
    "ImagedNucleus": ["1H"],
    "RepetitionTime": ["2000"],
    "EchoTime": ["30"],
    "InversionTime": ["0"],
    "FlipAngle": ["90"],
    "NumberOfAverages": ["4"],
    "TransmittingCoil": ["Body"],
    "ReceivingCoil": [],
    "ImaCoilString": ["HEA;HEP"],
    "SequenceName": ["*svs_se"],
}


def classic(
    points: int = 16,
    *,
    grid: tuple[int, int, int] = (1, 1, 1),
    entries: dict[str, list[str] | None] | None = None,
    lines: dict[str, Any] | None = None,
    study: tuple[str, str] | None = None,
    number: int = 1,
    times: int = 1,
) -> Dataset:
    """Return Siemens' private class; `entries` change the CSA header (``None`` removes one), `lines` the protocol."""
    ds = base(NON_IMAGE, "SIEMENS", study, number)
    ds.SoftwareVersions = "syngo MR E11"
    columns, rows, frames = grid
    sizes = {"Columns": columns, "Rows": rows, "NumberOfFrames": frames}
    sizes["SpectroscopyAcquisitionDataColumns"] = points
    header: dict[str, list[str] | None] = {**CSA, **{name: [str(size)] for name, size in sizes.items()}}
    header |= entries or {}
    kept = {name: values for name, values in header.items() if values is not None}
    document = protocol(lines or {"tSequenceFileName": "%SiemensSeq%\\svs_se", "alTE[0]": 30000})
    elements = {0x10: ("OB", csa(kept)), 0x20: ("OB", csa({"MrPhoenixProtocol": [document]}))}
    private(ds, 0x29, "SIEMENS CSA HEADER", elements)
    samples = fid(points * columns * rows * frames * times, number).tobytes()
    private(ds, 0x7FE1, "SIEMENS CSA NON-IMAGE", {0x10: ("OB", samples)})
    return ds


def recording(
    payload: bytes, *, sop_class: str = RAW, kilobytes: int = 1, description: str = "bold_PhysioLog"
) -> Dataset:
    """Return a file with a recording; `kilobytes` is the length of a slot, which is the *Acquisition Number*."""
    ds = base(sop_class, "SIEMENS")
    ds.SeriesDescription, ds.AcquisitionNumber = description, kilobytes
    ds.ImageType = ["ORIGINAL", "PRIMARY", "RAWDATA", "PHYSIO"]
    private(ds, 0x7FE1, "SIEMENS CSA NON-IMAGE", {0x10: ("OB", payload + b"\0" * (len(payload) % 2))})
    return ds


Row = tuple[Any, ...]


def rows(count: int, start: int = 600, step: int = 2) -> list[Row]:
    """Return samples at equal distances."""
    return [(start + step * at, at * 37 % 4096) for at in range(count)]


def document(
    streams: Iterable[tuple[str, Iterable[Row]]], volumes: Iterable[int] = (1000, 1400, 1800)
) -> bytes:
    """Return the document of an XA scanner."""
    text = '<?xml version="1.0"?>\n<!DOCTYPE x [<!ELEMENT y ANY>]>\n<PhysioLogging><VolumeAcquisitionDescription>'
    text += "".join(f'<Volume ID="{at}" ACQUISITION_TIME_TICS="{tick}"/>' for at, tick in enumerate(volumes))
    text += "</VolumeAcquisitionDescription>"
    for kind, samples in streams:
        inner = "".join(f'<PMU TIME_TICS="{tick}" DATA="{value}"/>' for tick, value in samples)
        text += f'<PhysioStream TYPE="{kind}">{inner}</PhysioStream>'
    return gzip.compress(f"{text}</PhysioLogging>".encode(), mtime=0)


def log(kind: str, samples: Iterable[Row], sample_time: object = 2) -> str:
    """Return the log of a multiband sequence; a third value of a sample is what it signals."""
    text = f"UUID        = abc\r\nLogDataType = {kind}\r\nSampleTime  = {sample_time}\r\n\r\n"
    text += "ACQ_TIME_TICS  CHANNEL  VALUE  SIGNAL\r\n"
    return text + "".join(
        f"{tick:>13} {kind:>8} {value:>6}{''.join(f'  {word}' for word in more)}\r\n"
        for tick, value, *more in samples
    )


def volumes_log(starts: Iterable[int], slices: int = 2, echoes: int = 1) -> str:
    """Return the log of what was acquired."""
    text = "UUID = abc\r\nLogDataType = ACQUISITION_INFO\r\nNumVolumes  = 3\r\n\r\n"
    text += "VOLUME   SLICE   ACQ_START_TICS  ACQ_FINISH_TICS  ECHO\r\n"
    for volume, start in enumerate(starts):
        for place in range(slices):
            for echo in range(echoes):
                begin = start + place * 20 + echo * 3
                text += f"{volume:>6} {place:>7} {begin:>16} {begin + 9:>16} {echo}\r\n"
    return f"{text}FirstTime = 1\r\nLastTime = 2\r\n"


def slots(logs: Iterable[tuple[str, str]], kilobytes: int = 32) -> bytes:
    """Return logs one after the other in slots of equal length."""
    parts = []
    for name, text in logs:
        content = text.encode()
        head = struct.pack("<II", len(content), len(name)) + name.encode()
        assert len(content) <= (kilobytes - 1) * 1024
        parts.append((head.ljust(1024, b"\0") + content).ljust(kilobytes * 1024, b"\0"))
    return b"".join(parts)


def written(ds: Dataset, folder: Path, name: str = "a.dcm") -> Path:
    """Write a file; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    ds.save_as(folder / name, enforce_file_format=True)
    return folder


def series(
    folder: Path,
    count: int,
    make: Callable[..., Dataset],
    change: Callable[[Dataset, int], object] = lambda ds, at: None,
) -> Path:
    """Write several files of one series; return their folder."""
    study = generate_uid(), generate_uid()
    for at in range(count):
        ds = make(study=study, number=at + 1)
        change(ds, at)
        written(ds, folder, f"{at:03d}.dcm")
    return folder
