"""Made series of Philips, United Imaging, Canon and of makers with standard elements only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm.dataset import Dataset
from pydcm.sequence import Sequence

from .made import OBLIQUE, WEIGHTS, classic, enhanced, private

if TYPE_CHECKING:
    from pathlib import Path

#: With a trace image at the end: no direction.
WITH_TRACE = [*WEIGHTS, (1000.0, (0.0, 0.0, 0.0))]


def philips(folder: Path, weights: list[tuple[float, tuple[float, float, float]]] = WEIGHTS) -> Path:
    """Diffusion-weighted single-frame files."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        b, direction = weights[volume]
        ds.ImageType = ["ORIGINAL", "PRIMARY", "M_SE", "M", "SE"]
        ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "SE", "SK", "FS"
        ds.AcquisitionContrast, ds.EchoTrainLength, ds.PulseSequenceName = "DIFFUSION", 43, "DwiSE"
        ds.SoftwareVersions, ds.ManufacturerModelName = ["5.4.1", "5.4.1.1"], "Ingenia"
        ds.EchoPlanarPulseSequence, ds.NumberOfAverages = "YES", 2
        ds.DiffusionBValue = b
        ds.DiffusionGradientOrientation = list(direction)
        ds.RescaleSlope, ds.RescaleIntercept = "2.5", "0"
        private(
            ds,
            0x2001,
            "Philips Imaging DD 001",
            {
                0x03: ("FL", b),
                0x04: ("CS", "S"),
                0x0A: ("IS", place + 1),
                0x0B: ("CS", "TRANSVERSAL"),
                0x13: ("SL", 43),
                0x18: ("SL", 4),
                0x22: ("FL", 12.5),
                0x81: ("IS", 1),
            },
        )
        private(
            ds,
            0x2005,
            "Philips MR Imaging DD 001",
            {
                0x0E: ("FL", 0.0125),
                0xB0: ("FL", direction[0]),
                0xB1: ("FL", direction[1]),
                0xB2: ("FL", direction[2]),
            },
        )
        private(
            ds,
            0x2005,
            "Philips MR Imaging DD 005",
            {0x12: ("IS", 1 + (b > 0)), 0x13: ("IS", volume + 1), 0x3C: ("FL", -22.5)},
            block=0x14,
        )

    return classic(folder, "Philips Medical Systems", fill, volumes=len(weights), orientation=OBLIQUE)


def philips_trace(folder: Path) -> Path:
    """With a trace image."""
    return philips(folder, WITH_TRACE)


def philips_b0_trace(folder: Path) -> Path:
    """One b = 0 and one trace image."""
    return philips(folder, [WEIGHTS[0], WITH_TRACE[-1]])


def _weighted(item: Dataset, b: float, direction: tuple[float, float, float], isotropic: bool) -> None:
    diffusion = Dataset()
    diffusion.DiffusionBValue = b
    diffusion.DiffusionDirectionality = "NONE" if not b else "ISOTROPIC" if isotropic else "DIRECTIONAL"
    if b and not isotropic:
        inner = Dataset()
        inner.DiffusionGradientOrientation = list(direction)
        diffusion.DiffusionGradientDirectionSequence = Sequence([inner])
    item.MRDiffusionSequence = Sequence([diffusion])
    kind = Dataset()
    kind.FrameType, kind.ComplexImageComponent, kind.AcquisitionContrast = (
        ["ORIGINAL", "PRIMARY", "M_SE", "M_SE"],
        "MAGNITUDE",
        "DIFFUSION",
    )
    item.MRImageFrameTypeSequence = Sequence([kind])


def _index(item: Dataset, values: list[int], place: int) -> None:
    content = Dataset()
    content.StackID, content.InStackPositionNumber, content.DimensionIndexValues = "1", place + 1, values
    item.FrameContentSequence = Sequence([content])


def _pointers(ds: Dataset, *tags: int) -> None:
    items = []
    for tag in tags:
        item = Dataset()
        item.DimensionIndexPointer = tag
        items.append(item)
    ds.DimensionIndexSequence = Sequence(items)


def philips_enhanced(
    folder: Path, weights: list[tuple[float, tuple[float, float, float]]] = WITH_TRACE
) -> Path:
    """One file of all volumes with a trace image; position by position."""
    frames, places = [], []
    for place in range(4):
        for volume, (b, direction) in enumerate(weights):

            def frame(
                item: Dataset,
                b: float = b,
                direction: Any = direction,
                volume: int = volume,
                place: int = place,
            ) -> None:
                isotropic = bool(b) and not any(direction)
                _index(item, [1, place + 1, 1 + (b > 0) + isotropic, volume + 1], place)
                _weighted(item, b, direction, isotropic)
                own = Dataset()
                private(
                    own,
                    0x2005,
                    "Philips MR Imaging DD 001",
                    {
                        0x0E: ("FL", 0.0125),
                        0xB0: ("FL", direction[0]),
                        0xB1: ("FL", direction[1]),
                        0xB2: ("FL", direction[2]),
                    },
                )
                private(
                    own,
                    0x2005,
                    "Philips MR Imaging DD 005",
                    {0x12: ("IS", 1 + (b > 0)), 0x13: ("IS", volume + 1)},
                    block=0x14,
                )
                private(
                    item, 0x2005, "Philips MR Imaging DD 005", {0x0F: ("SQ", Sequence([own]))}, block=0x14
                )

            frames.append(frame)
            places.append(place)

    def fill(ds: Dataset) -> None:
        ds.ImageType = ["ORIGINAL", "PRIMARY", "M_SE", "DIFFUSION"]
        ds.SoftwareVersions, ds.ManufacturerModelName = ["5.4.1", "5.4.1.1"], "Ingenia"
        ds.AcquisitionContrast, ds.ScanningSequence, ds.SequenceVariant = "DIFFUSION", "SE", "SK"
        _pointers(ds, 0x00209056, 0x00209057, 0x00189087, 0x00189089)
        private(ds, 0x2001, "Philips Imaging DD 001", {0x13: ("SL", 43), 0x18: ("SL", 4), 0x22: ("FL", 12.5)})

    return enhanced(
        folder / "all.dcm", "Philips Medical Systems", frames, places, fill=fill, orientation=OBLIQUE
    )


def plain_enhanced(
    folder: Path, maker: str = "ACME", weights: list[tuple[float, tuple[float, float, float]]] = WEIGHTS
) -> Path:
    """One file with the standard's elements only; volume by volume."""
    frames, places = [], []
    for volume, (b, direction) in enumerate(weights):
        for place in range(4):

            def frame(
                item: Dataset,
                b: float = b,
                direction: Any = direction,
                volume: int = volume,
                place: int = place,
            ) -> None:
                _index(item, [volume + 1, 1, place + 1], place)
                _weighted(item, b, direction, False)

            frames.append(frame)
            places.append(place)

    def fill(ds: Dataset) -> None:
        ds.ImageType = ["ORIGINAL", "PRIMARY", "DIFFUSION", "NONE"]
        _pointers(ds, 0x00189087, 0x00209056, 0x00209057)

    return enhanced(folder / "all.dcm", maker, frames, places, fill=fill)


def canon_enhanced(folder: Path) -> Path:
    """Canon, enhanced."""
    return plain_enhanced(folder, "CANON_MEC")


def ge_enhanced(folder: Path) -> Path:
    """GE, enhanced."""
    return plain_enhanced(folder, "GE MEDICAL SYSTEMS")


def canon(folder: Path) -> Path:
    """Canon's single-frame files: directions in the comments."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        b, direction = WEIGHTS[volume]
        ds.ScanningSequence, ds.SequenceVariant = ["SE", "EP"], "NONE"
        ds.DiffusionBValue = b
        ds.AcquisitionNumber = volume + 1
        if b:
            ds.ImageComments = f"b={b:.0f}({','.join(f'{one:.3f}' for one in direction)})"

    return classic(folder, "CANON_MEC", fill)


def uih(folder: Path) -> Path:
    """United Imaging."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        b, direction = WEIGHTS[volume]
        ds.ScanningSequence, ds.SequenceVariant, ds.SequenceName = "EP", "SK", "epi_dwi"
        ds.ImageType = ["ORIGINAL", "PRIMARY", "DIFFUSION", "NONE"]
        ds.AcquisitionNumber = volume + 1
        ds.AcquisitionTime = f"1012{3 * volume:02d}.{place * 2 % 5 * 100000:06d}"
        ds.AcquisitionDuration = 43.2
        private(
            ds,
            0x0065,
            "Image Private Header",
            {
                0x05: ("SH", "A->P"),
                0x09: ("FD", b),
                0x0D: ("SH", "F:2S"),
                0x37: ("FD", list(direction)),
                0x58: ("IS", "1"),
            },
        )

    return classic(folder, "UIH", fill, orientation=OBLIQUE)


def standard(folder: Path) -> Path:
    """Single-frame files with the standard's elements only, each volume twice."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        b, direction = WEIGHTS[volume // 2]
        ds.DiffusionBValue, ds.AcquisitionNumber = b, volume + 1
        ds.DiffusionDirectionality = "DIRECTIONAL" if b else "NONE"
        if b:
            ds.DiffusionGradientOrientation = list(direction)

    return classic(folder, "TOSHIBA", fill, volumes=2 * len(WEIGHTS))


CASES = [
    "philips",
    "philips_trace",
    "philips_b0_trace",
    "philips_enhanced",
    "plain_enhanced",
    "canon_enhanced",
    "ge_enhanced",
    "canon",
    "uih",
    "standard",
]
