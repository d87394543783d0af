"""Sidecars of 1000 files against the loop over pydicom that collects the same elements; conversion against dcm2niix.

    python benchmarks/bench_bids.py

CPU time, interleaved, medians. The loop reads the header up to the pixels, takes the standard elements by keyword, the
maker's by creator, and Siemens' CSA header with nibabel (its protocol with a regular expression); it neither rounds nor
decides anything. What is not installed is not shown.

The conversions are of 200 slices of 512x512, to NIfTI and sidecar, in this process against the whole run of dcm2niix.
"""

from __future__ import annotations

import os
import re
import struct
import subprocess
import tempfile
from pathlib import Path

import bench_series
import numpy as np

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from pydcm_pixels.volume import bids_sidecar, convert_series
from pydcm_testing import timing

FILES = 1000
MAKERS = {
    "Siemens": "SIEMENS",
    "GE": "GE MEDICAL SYSTEMS",
    "Philips": "Philips Medical Systems",
    "plain": "ACME",
}
KEYWORDS = """
Modality MagneticFieldStrength ImagingFrequency Manufacturer ManufacturerModelName InstitutionName InstitutionalDepartmentName
InstitutionAddress DeviceSerialNumber StationName SeriesInstanceUID StudyInstanceUID StudyID PatientName PatientID AccessionNumber
PatientBirthDate PatientSex PatientSize PatientWeight PatientAge BodyPartExamined PatientPosition PerformedProcedureStepDescription
SoftwareVersions MRAcquisitionType StudyDescription SeriesDescription ProtocolName ScanningSequence SequenceVariant ScanOptions
SequenceName ImageType SeriesNumber AcquisitionTime AcquisitionDate AcquisitionNumber ImageComments SliceThickness
SpacingBetweenSlices SAR NumberOfAverages EchoNumbers EchoTime RepetitionTime InversionTime FlipAngle ReceiveCoilName
PercentPhaseFieldOfView PercentSampling EchoTrainLength NumberOfPhaseEncodingSteps AcquisitionMatrix PixelBandwidth
ImageOrientationPatient InPlanePhaseEncodingDirection
""".split()
PRIVATE = {
    "Siemens": [
        (0x0019, "SIEMENS MR HEADER", (0x0A, 0x0C, 0x14, 0x18, 0x28, 0x29)),
        (0x0051, "SIEMENS MR HEADER", (0x0E, 0x0F, 0x11)),
        (0x0029, "SIEMENS CSA HEADER", (0x10, 0x20)),
    ],
    "GE": [
        (0x0019, "GEMS_ACQU_01", (0x5A, 0x9C, 0x9E)),
        (0x0043, "GEMS_PARM_01", (0x02, 0x03, 0x04, 0x2C, 0x83, 0x8A, 0x95, 0xB2, 0xB6)),
    ],
    "Philips": [
        (0x2001, "Philips Imaging DD 001", (0x13, 0x22)),
        (0x2005, "Philips MR Imaging DD 001", (0x0E,)),
    ],
    "plain": [],
}


def csa(entries: dict[str, list[str]]) -> bytes:
    """Return a CSA header of the newer kind."""
    parts = [b"SV10\4\3\2\1", struct.pack("<II", len(entries), 77)]
    for name, values in entries.items():
        parts.append(struct.pack("<64si4siii", name.encode(), len(values), b"LO", 0, 6, 77))
        for value in [*values, *[""] * (6 - len(values))]:
            text = value.encode() + b"\0" if value else b""
            parts.append(struct.pack("<4i", len(text), len(text), 77, len(text)))
            parts.append(text.ljust(-(-len(text) // 4) * 4, b"\0"))
    return b"".join(parts)


def siemens(ds: Dataset, number: int) -> None:
    """Add the elements of a Siemens mosaic."""
    block = ds.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    for element, vr, value in [
        (0x0A, "US", 36),
        (0x0C, "IS", 1000),
        (0x14, "IS", [0, 0, -1200]),
        (0x18, "IS", 2500),
        (0x28, "FD", 21.552),
        (0x29, "FD", [at * 40.0 for at in range(36)]),
    ]:
        block.add_new(element, vr, value)
    block = ds.private_block(0x0051, "SIEMENS MR HEADER", create=True)
    for element, vr, value in [(0x0E, "LO", "Tra"), (0x0F, "LO", "HEA;HEP"), (0x11, "LO", "p2")]:
        block.add_new(element, vr, value)
    entries = {f"Entry{at:03d}": [str(at + number % 5), "2.5"][: at % 3] for at in range(95)}
    entries |= {
        "NumberOfImagesInMosaic": ["36"],
        "PhaseEncodingDirectionPositive": ["1"],
        "BandwidthPerPixelPhaseEncode": ["21.552"],
        "SliceNormalVector": ["0", "0", "1"],
        "B_value": ["1000"],
        "MosaicRefAcqTimes": [str(at * 40.0) for at in range(6)],
    }
    lines = [f"sGroup.asMember[{at}].dValue\t = \t{at * 1.25}" for at in range(1200)]
    lines += [
        "sKSpace.lBaseResolution = 96",
        "sKSpace.ucPhasePartialFourier = 16",
        'tSequenceFileName = ""ep2d_diff""',
    ]
    protocol = "### ASCCONV BEGIN ###\n" + "\n".join(lines) + "\n### ASCCONV END ###\n"
    block = ds.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    block.add_new(0x10, "OB", csa(entries))
    block.add_new(0x20, "OB", csa({"MrPhoenixProtocol": [protocol]}))


def ge(ds: Dataset, number: int) -> None:
    """Add the elements of a GE image, with the many others that it has."""
    block = ds.private_block(0x0019, "GEMS_ACQU_01", create=True)
    for element in range(0x02, 0xF0):
        block.add_new(element, "DS", str(element))
    block.add_new(0x9C, "LO", "epi2")
    block.add_new(0x9E, "LO", "EPI2")
    block = ds.private_block(0x0043, "GEMS_PARM_01", create=True)
    for element in range(0x01, 0x90):
        block.add_new(element, "SS", element % 50)
    block.add_new(0x83, "DS", ["0.5", "1"])
    block.add_new(0x8A, "CS", "ROW")
    block.add_new(0xB2, "LO", ["1", "2", "30.5"])


def philips(ds: Dataset, number: int) -> None:
    """Add the elements of a Philips image."""
    block = ds.private_block(0x2001, "Philips Imaging DD 001", create=True)
    for element in range(0x02, 0x40):
        block.add_new(element, "FL", element * 0.5)
    block = ds.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
    for element in range(0x01, 0x40):
        block.add_new(element, "FL", element * 0.01)


def write(folder: Path, maker: str, files: int) -> list[str]:
    """Write the files of a series and return their names."""
    folder.mkdir()
    series, study = generate_uid(), generate_uid()
    names = []
    for number in range(files):
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = MRImageStorage
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        ds.SeriesInstanceUID, ds.StudyInstanceUID, ds.FrameOfReferenceUID = series, study, study
        ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = "MR", MAKERS[maker], "Model"
        ds.InstitutionName, ds.StationName, ds.DeviceSerialNumber = "Clinic", "MR1", "4711"
        ds.ImageType, ds.PatientName, ds.PatientID = ["ORIGINAL", "PRIMARY", "M", "ND"], "A^B", "1"
        ds.PatientAge, ds.PatientSex, ds.PatientWeight, ds.PatientPosition = "040Y", "O", "70", "HFS"
        ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = "20240101"
        ds.StudyTime = ds.SeriesTime = "101455.25"
        ds.AcquisitionTime = ds.ContentTime = f"1015{number % 60:02d}.5025"
        ds.SeriesDescription = ds.ProtocolName = ds.StudyDescription = "ep2d_diff"
        ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "EP", ["SK", "SP"], ["PFP", "FS"]
        ds.MRAcquisitionType, ds.SequenceName, ds.SoftwareVersions = "2D", "ep_b1000", "release 1"
        ds.SliceThickness, ds.RepetitionTime, ds.EchoTime, ds.FlipAngle = "2.5", "3000", "80.5", "90"
        ds.NumberOfAverages, ds.ImagingFrequency, ds.EchoNumbers = "1", "123.251345", "1"
        ds.MagneticFieldStrength, ds.SpacingBetweenSlices, ds.EchoTrainLength = "3", "2.5", "48"
        ds.NumberOfPhaseEncodingSteps, ds.PercentSampling, ds.PercentPhaseFieldOfView = "96", "100", "100"
        ds.PixelBandwidth, ds.InPlanePhaseEncodingDirection, ds.SAR = "1502", "COL", "0.12"
        ds.AcquisitionMatrix = [96, 0, 0, 96]
        ds.SeriesNumber, ds.AcquisitionNumber, ds.InstanceNumber = 5, number // 36 + 1, number + 1
        ds.ImagePositionPatient, ds.ImageOrientationPatient = [-100, -100, 2.5 * number], [1, 0, 0, 0, 1, 0]
        ds.PixelSpacing = [2.5, 2.5]
        ds.Rows = ds.Columns = 96
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
        if maker != "plain":
            {"Siemens": siemens, "GE": ge, "Philips": philips}[maker](ds, number)
        ds.PixelData = np.zeros((96, 96), "<u2").tobytes()
        ds["PixelData"].VR = "OW"
        names.append(str(folder / f"{number:04d}.dcm"))
        ds.save_as(names[-1], enforce_file_format=True)
    return names


def loop(names: list[str], maker: str):
    """Return the sidecars as one collects them with pydicom."""
    import pydicom
    from nibabel.nicom import csareader

    line = re.compile(r"^([\w.\[\]]+)\s*=\s*(.*)$", re.MULTILINE)
    result = []
    for name in names:
        ds = pydicom.dcmread(name, stop_before_pixels=True)
        sidecar = {keyword: ds[keyword].value for keyword in KEYWORDS if keyword in ds}
        for group, creator, elements in PRIVATE[maker]:
            try:
                block = ds.private_block(group, creator)
            except KeyError:
                continue
            for element in elements:
                if element in block:
                    sidecar[f"{group:04X}{element:02X}"] = block[element].value
        if "002910" in sidecar:
            header = csareader.read(sidecar.pop("002910"))
            sidecar |= {key: tag["items"] for key, tag in header["tags"].items() if tag["items"]}
            text = sidecar.pop("002920").decode("latin-1")
            sidecar |= dict(line.findall(text, text.find("### ASCCONV BEGIN"), text.find("### ASCCONV END")))
        result.append(sidecar)
    return result


def rows():
    """Yield the rows of the table."""
    for maker in MAKERS:
        with tempfile.TemporaryDirectory() as name:
            names = write(Path(name, "series"), maker, FILES)
            calls = {}
            try:
                import nibabel  # noqa: F401
                import pydicom  # noqa: F401

                calls["loop over pydicom"] = lambda: loop(names, maker)
            except ImportError:
                pass
            ours, *theirs = timing.interleaved(
                lambda: [bids_sidecar(one) for one in names],
                *calls.values(),
                rounds=3,
            )
            yield timing.Row(
                f"sidecars of {FILES} files: {maker}",
                ours,
                dict(zip(calls, theirs, strict=True)),
                {"loop over pydicom": 20},
            )

    yield from conversions()


def conversions():
    """Yield the rows about ``convert_series``."""
    program = bench_series.program()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as name:
        folder = Path(name, "series")
        bench_series.write_series(folder)
        for ending, flag in ((".nii", "n"), (".nii.gz", "i")):
            options = {"pattern": "ours", "gzip": flag == "i", "on_conflict": "overwrite", "progress": False}
            calls = {}
            if program:
                arguments = [program, "-1", "-z", flag, "-w", "1", "-f", "theirs", "-o", name, str(folder)]
                calls["dcm2niix"] = lambda: subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
            ours, *theirs = timing.interleaved(
                lambda: convert_series(folder, name, **options),
                *calls.values(),
                rounds=5,
                clock=bench_series.cpu,
            )
            yield timing.Row(
                f"convert_series to {ending} and sidecar",
                ours,
                dict(zip(calls, theirs, strict=True)),
                {"<dcm2niix": 1.0},
            )


if __name__ == "__main__":
    timing.main(rows)
