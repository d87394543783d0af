"""Made series of GE's scanners."""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING

from .made import AXIAL, CORONAL, OBLIQUE, SAGITTAL, WEIGHTS, classic, private

if TYPE_CHECKING:
    from pathlib import Path

    from pydcm.dataset import Dataset

BLOCK = {
    "PSEQ": "Spin Echo",
    "IOPT": "EPI, DIFF, Asset",
    "SLICEORDER": "1",
    "VIEWORDER": "1",
    "NOSLC": "4",
    "MBACCEL": "1",
}


def block(values: dict[str, str]) -> bytes:
    """Return a protocol data block."""
    raw = gzip.compress(
        ("\n".join(f'{key} "{one}"' for key, one in {"START": "0", **values}.items()) + "\n").encode()
    )
    content = struct.pack("<I", len(raw)) + raw
    return content + b"\0" * (len(content) % 2)


def diffusion(
    folder: Path,
    *,
    orientation: tuple[float, ...] = AXIAL,
    row: bool = False,
    packed: bool = True,
    standard: bool = False,
    polarity: str = "",
    reverse: bool = False,
    directions: int = 4,
    lengths: bool = False,
) -> Path:
    """Diffusion-weighted slices."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        b, direction = WEIGHTS[volume]
        ds.SoftwareVersions = ["27", "LX", "MR Software release:RX27.0_R02_1831.a"]
        ds.ManufacturerModelName = "DISCOVERY MR750"
        ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = ["EP", "SE"], "NONE", ["EPI_GEMS", "PFF"]
        ds.InPlanePhaseEncodingDirection = "ROW" if row else "COL"
        ds.ReceiveCoilName = "32Ch Head"
        scale = (0.5**0.5 if volume == 2 else 1.0) if lengths else 1.0
        private(
            ds,
            0x0019,
            "GEMS_ACQU_01",
            {
                0x5A: ("FL", 12000000.0),
                0x9C: ("LO", "epi2"),
                0x9E: ("LO", "EPI2"),
                0xA2: ("SL", volume + 1),
                0xB2: ("DS", "3"),
                0xB3: ("DS", "0"),
                0xBB: ("DS", f"{direction[0] * scale:.6f}"),
                0xBC: ("DS", f"{direction[1] * scale:.6f}"),
                0xBD: ("DS", f"{direction[2] * scale:.6f}"),
                0xDF: ("DS", "1"),
                0xE0: ("DS", f"{directions}"),
            },
        )
        private(ds, 0x0021, "GEMS_RELA_01", {0x4F: ("SS", 4)})
        private(ds, 0x0025, "GEMS_SERS_01", {0x1B: ("OB", block(BLOCK))})
        value = int(b) + (1000000000 if packed and b else 0)
        private(
            ds,
            0x0043,
            "GEMS_PARM_01",
            {
                0x02: ("SS", -3),
                0x03: ("SS", 4),
                0x04: ("SS", 5),
                0x2C: ("SS", 600),
                0x2F: ("SS", 0),
                0x30: ("SS", 16 if b else 14),
                0x39: ("IS", [value, 8, 0, 0]),
                0x83: ("DS", ["0.5", "1"]),
                0x8A: ("CS", "ROW" if row else "COL"),
                0x95: ("LO", "RN/s7"),
                0xB2: ("LO", "960.5\\400\\17.9108\\0\\-9999\\-9999"),
                0xB6: ("LO", "1\\0\\0"),
            },
        )
        if standard and b:
            ds.DiffusionBValue = b
        if polarity:
            ds.RectilinearPhaseEncodeReordering = polarity

    return classic(folder, "GE MEDICAL SYSTEMS", fill, orientation=orientation, step=-3.0 if reverse else 3.0)


def axial_row(folder: Path) -> Path:
    """Phase encoding along rows."""
    return diffusion(folder, row=True, polarity="LINEAR")


def sagittal(folder: Path) -> Path:
    """Sagittal."""
    return diffusion(folder, orientation=SAGITTAL, polarity="REVERSE_LINEAR")


def coronal(folder: Path) -> Path:
    """Coronal."""
    return diffusion(folder, orientation=CORONAL, standard=True, packed=False)


def oblique(folder: Path) -> Path:
    """Oblique, the slices in falling order."""
    return diffusion(folder, orientation=OBLIQUE, reverse=True)


def scaled(folder: Path) -> Path:
    """Several b values by the length of the directions."""
    return diffusion(folder, lengths=True)


def falling(folder: Path) -> Path:
    """Axial, the slices in falling order."""
    return diffusion(folder, reverse=True)


def trace(folder: Path) -> Path:
    """No directions: trace images."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ScanningSequence, ds.SequenceVariant = ["EP", "SE"], "NONE"
        private(
            ds,
            0x0019,
            "GEMS_ACQU_01",
            {
                0x9C: ("LO", "epi2"),
                0x9E: ("LO", "EPI2"),
                0xBB: ("DS", "0"),
                0xBC: ("DS", "0"),
                0xBD: ("DS", "0"),
                0xE0: ("DS", "0"),
            },
        )
        private(
            ds,
            0x0043,
            "GEMS_PARM_01",
            {
                0x2F: ("SS", 0),
                0x30: ("SS", 14 if not volume else 15),
                0x39: ("IS", [1000 * (volume > 0), 8, 0, 0]),
            },
        )

    return classic(folder, "GE MEDICAL SYSTEMS", fill, volumes=2)


def fmri(folder: Path) -> Path:
    """Gradient-echo EPI with two bands."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ScanningSequence, ds.SequenceVariant, ds.EchoTime, ds.RepetitionTime = ["EP", "GR"], "SS", 30, 2000
        ds.SoftwareVersions = ["28", "LX", "MR29.1_EA_2039.g"]
        private(
            ds, 0x0019, "GEMS_ACQU_01", {0x9C: ("LO", "epiRT"), 0x9E: ("LO", "EPI"), 0xA2: ("SL", volume + 1)}
        )
        private(ds, 0x0021, "GEMS_RELA_01", {0x4F: ("SS", 8)})
        private(
            ds,
            0x0025,
            "GEMS_SERS_01",
            {
                0x1B: (
                    "OB",
                    block(
                        {
                            **BLOCK,
                            "IOPT": "EPI, FMRI, HYPERBAND",
                            "PSEQ": "Gradient Echo",
                            "NOSLC": "8",
                            "MBACCEL": "2",
                        }
                    ),
                )
            },
        )
        private(
            ds,
            0x0043,
            "GEMS_PARM_01",
            {
                0x2C: ("SS", 500),
                0x2F: ("SS", 0),
                0x83: ("DS", ["0.5", "1"]),
                0xB6: ("LO", "2\\3\\1"),
                0x7C: ("FL", 0.5),
            },
        )

    return classic(folder, "GE MEDICAL SYSTEMS", fill, volumes=3, slices=8)


CASES = ["diffusion", "axial_row", "sagittal", "coronal", "oblique", "scaled", "falling", "trace", "fmri"]
