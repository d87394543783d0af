"""Whole conversions against dcm2niix: a large CT, many small series, mosaics in time, irregular stacks.

    python benchmarks/bench_convert.py

CPU time (children included), interleaved, medians; ours in this process, and as a process of its own with the
interpreter's start. dcm2niix compresses in its own process (``-z i``), at the same level 1. What is not installed is not
shown.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import bench_series
import numpy as np

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from pydcm_pixels.volume import convert_series
from pydcm_testing import timing

_COMMAND = """
import argparse
from pydcm_pixels._bids.command import register
parser = argparse.ArgumentParser()
register(parser.add_subparsers())
args = parser.parse_args()
args.func(args)
"""


def _image(modality: str, pixels: np.ndarray, number: int, series: str, study: str) -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = MRImageStorage
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = "20240101"
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = "101500"
    ds.Modality, ds.Manufacturer = modality, "SIEMENS"
    ds.SeriesDescription = ds.ProtocolName = "head"
    ds.PatientName, ds.PatientID, ds.PatientPosition = "A^B", "1", "HFS"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study, series, study
    ds.AcquisitionNumber, ds.InstanceNumber = 1, number
    ds.ScanningSequence, ds.SequenceVariant, ds.MRAcquisitionType = "SE", "SK", "2D"
    ds.SliceThickness, ds.RepetitionTime, ds.EchoTime, ds.FlipAngle = "2", "2000", "30", "90"
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing = [2, 2]
    ds.Rows, ds.Columns = pixels.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelData = pixels.astype("<u2").tobytes()
    ds["PixelData"].VR = "OW"
    return ds


def large(folder: Path) -> None:
    """Write 200 CT slices of 512x512."""
    bench_series.write_series(folder)


def small(folder: Path) -> None:
    """Write 20 series of 24 slices of 64x64."""
    folder.mkdir()
    rng, study = np.random.default_rng(0), generate_uid()
    for at in range(20):
        series = generate_uid()
        for number in range(24):
            ds = _image("MR", rng.integers(0, 4000, (64, 64)), number + 1, series, study)
            ds.SeriesNumber, ds.ImagePositionPatient = at + 1, [0, 0, 2 * number]
            ds.save_as(folder / f"{at:02d}{number:02d}.dcm", enforce_file_format=True)


def mosaics(folder: Path) -> None:
    """Write 120 mosaics of 36 tiles of 64x64."""
    import bench_bids

    folder.mkdir()
    rng, study, series = np.random.default_rng(0), generate_uid(), generate_uid()
    for number in range(120):
        ds = _image("MR", rng.integers(0, 4000, (384, 384)), number + 1, series, study)
        ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]
        ds.ScanningSequence, ds.SeriesNumber, ds.AcquisitionNumber = "EP", 7, number + 1
        ds.AcquisitionTime = f"10{15 + number // 30:02d}{number % 30 * 2:02d}.0"
        ds.ImagePositionPatient = [-400, -400, 0]
        bench_bids.siemens(ds, 0)
        del ds[0x0019, 0x100C]  # a time series, no diffusion
        ds.save_as(folder / f"{number:04d}.dcm", enforce_file_format=True)


def _ct(folder: Path, positions: list[list[float]], orientation: list[float]) -> None:
    folder.mkdir()
    rng, study, series = np.random.default_rng(0), generate_uid(), generate_uid()
    pixels = rng.integers(0, 3000, (512, 512))
    for number, position in enumerate(positions):
        ds = _image("CT", pixels, number + 1, series, study)
        ds.SeriesNumber = 2
        ds.ImagePositionPatient, ds.ImageOrientationPatient = position, orientation
        ds.save_as(folder / f"{number:04d}.dcm", enforce_file_format=True)


def tilted(folder: Path) -> None:
    """Write 60 slices of a gantry that was tilted by 16 degrees."""
    _ct(folder, [[0, 0, 2.5 * at] for at in range(60)], [1, 0, 0, 0, 0.96, -0.28])


def uneven(folder: Path) -> None:
    """Write 60 slices, half of them at twice the distance."""
    _ct(folder, [[0, 0, 2.5 * (at + max(at - 30, 0))] for at in range(60)], [1, 0, 0, 0, 1, 0])


CASES: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "200 CT slices of 512x512": (large, ("n", "i")),
    "20 series of 24 slices of 64x64": (small, ("n", "i")),
    "120 mosaics of 36 x 64 x 64": (mosaics, ("n", "i")),
    "60 tilted CT slices, _Tilt": (tilted, ("n",)),
    "60 uneven CT slices, _Eq": (uneven, ("n",)),
}


def rows():
    """Yield the rows of the table."""
    program = bench_series.program()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    for what, (write, endings) in CASES.items():
        with tempfile.TemporaryDirectory(dir=memory) as name:
            folder = Path(name, "in")
            write(folder)
            for flag in endings:
                yield _row(what, folder, Path(name, "out"), flag, program)


def _row(what: str, folder: Path, target: Path, flag: str, program: str | None) -> timing.Row:
    options = ["-1", "-w", "1", "-z", flag, "-f", "%s", "-o"]
    target.mkdir(exist_ok=True)

    def run(*words: object) -> None:
        subprocess.run(list(map(str, words)), check=True, stdout=subprocess.DEVNULL)

    def ours() -> None:
        convert_series(
            folder, target / "ours", pattern="%s", gzip=flag == "i", on_conflict="overwrite", progress=False
        )

    calls = {
        "ours with its start": lambda: run(
            sys.executable, "-c", _COMMAND, "convert-series", *options, target / "process", folder
        )
    }
    if program:
        (target / "theirs").mkdir(exist_ok=True)
        calls["dcm2niix"] = lambda: run(program, *options, target / "theirs", folder)
    seconds, *others = timing.interleaved(ours, *calls.values(), rounds=5, clock=bench_series.cpu)
    ending = ".nii.gz" if flag == "i" else ".nii"
    return timing.Row(
        f"{what} to {ending}", seconds, dict(zip(calls, others, strict=True)), {"<dcm2niix": 1.0}
    )


if __name__ == "__main__":
    timing.main(rows)
