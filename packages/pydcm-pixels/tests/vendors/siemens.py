"""Made series of Siemens' scanners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm.dataset import Dataset
from pydcm.sequence import Sequence

from .made import (
    AXIAL,
    COLUMNS,
    OBLIQUE,
    ROWS,
    WEIGHTS,
    classic,
    csa,
    enhanced,
    normal,
    pixels,
    plain,
    private,
    protocol,
    save,
)

if TYPE_CHECKING:
    from pathlib import Path

PROTOCOL: dict[str, Any] = {
    "tProtocolName": "made",
    "tSequenceFileName": "%SiemensSeq%\\ep2d_diff",
    "sProtConsistencyInfo.tMeasuredBaselineString": "N4_VE11C_LATEST_20160120",
    "sKSpace.lBaseResolution": 96,
    "sKSpace.lPhaseEncodingLines": 96,
    "sKSpace.dPhaseResolution": 1.0,
    "sKSpace.dPhaseOversamplingForDialog": 0.1,
    "sKSpace.ucPhasePartialFourier": "0x4",
    "sFastImaging.lEchoSpacing": 560,
    "sPat.lAccelFactPE": 2,
    "sPat.lAccelFact3D": 1,
    "sPat.lRefLinesPE": 24,
    "sPat.ucPATMode": "0x2",
    "ucCoilCombineMode": "0x2",
    "sDiffusion.dsScheme": "0x2",
    "sGRADSPEC.asGPAData[0].lOffsetX": -12,
    "sGRADSPEC.asGPAData[0].lOffsetY": 23,
    "sGRADSPEC.asGPAData[0].lOffsetZ": 7,
    "sGRADSPEC.alShimCurrent[0]": 100,
    "sTXSPEC.asNucleusInfo[0].flReferenceAmplitude": 220.5,
    "sCoilSelectMeas.aRxCoilSelectData[0].asList[0].sCoilElementID.tCoilID": "HeadNeck_20",
    "sCoilSelectMeas.sCoilStringForConversion": "HC1-4",
    "lDelayTimeInTR": 250000,
    "sWipMemBlock.tFree": "wip text",
    "dAveragesDouble": 2.5,
    "lContrasts": 1,
}
PROTOCOL = {key: value if str(value)[:2] != "0x" else int(value, 16) for key, value in PROTOCOL.items()}


def headers(ds: Dataset, image: dict[str, list[str]], wanted: dict[str, Any]) -> None:
    """Add both CSA headers."""
    series = csa({"UsedPatientWeight": ["70"], "MrPhoenixProtocol": [protocol(wanted)]})
    private(ds, 0x0029, "SIEMENS CSA HEADER", {0x10: ("OB", csa(image)), 0x20: ("OB", series)})


def weighting(at: int) -> dict[str, list[str]]:
    """Return the values of a CSA header for a weighting."""
    b, direction = WEIGHTS[at]
    found = {"B_value": [f"{b:.0f}"], "DiffusionDirectionality": ["DIRECTIONAL" if b else "NONE"]}
    if b:
        found["DiffusionGradientDirection"] = [f"{one:.8f}" for one in direction]
        x, y, z = direction
        found["B_matrix"] = [f"{b * one:.8f}" for one in (x * x, x * y, x * z, y * y, y * z, z * z)]
    return found


def mosaic(
    folder: Path,
    *,
    orientation: tuple[float, ...] = AXIAL,
    flipped: bool = False,
    positive: int = 1,
    **changes: Any,
) -> Path:
    """Diffusion-weighted mosaics of five slices."""
    folder.mkdir(parents=True, exist_ok=True)
    study = "1.2.3.1", "1.2.3.1.1"
    count, across = 5, 3
    along = normal(orientation) * (-1 if flipped else 1)
    for at in range(len(WEIGHTS)):
        ds = plain(study, "SIEMENS", at + 1, ROWS * across, COLUMNS * across)
        ds.ImageType = ["ORIGINAL", "PRIMARY", "DIFFUSION", "NONE", "ND", "MOSAIC"]
        ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "EP", ["SK", "SP"], "PFP"
        ds.SequenceName = f"*ep_b{WEIGHTS[at][0]:.0f}#{at}"
        ds.AcquisitionNumber = at + 1
        ds.ImagePositionPatient = [-20.0, -30.0, -10.0]
        ds.ImageOrientationPatient = list(orientation)
        ds.AcquisitionMatrix = [COLUMNS, 0, 0, ROWS]
        tiles = np.zeros((ROWS * across, COLUMNS * across), np.uint16)
        for tile in range(count):
            row, column = divmod(tile, across)
            tiles[row * ROWS : (row + 1) * ROWS, column * COLUMNS : (column + 1) * COLUMNS] = pixels(
                10 * at + tile
            )
        ds.PixelData = tiles.tobytes()
        times = [0.0, 1200.0, 400.0, 1600.0, 800.0]
        image = {
            "NumberOfImagesInMosaic": [str(count)],
            "SliceNormalVector": [f"{one:.8f}" for one in along],
            "PhaseEncodingDirectionPositive": [str(positive)],
            "BandwidthPerPixelPhaseEncode": ["35.511"],
            "MosaicRefAcqTimes": [f"{one:.8f}" for one in times],
            "ProtocolSliceNumber": ["0"],
            "SliceMeasurementDuration": ["60000"],
            "ImaCoilString": ["HC1-4"],
            **weighting(at),
        }
        headers(ds, image, {**PROTOCOL, **changes})
        private(
            ds,
            0x0019,
            "SIEMENS MR HEADER",
            {
                0x0A: ("US", count),
                0x0C: ("IS", int(WEIGHTS[at][0])),
                0x18: ("IS", 2600),
                0x28: ("FD", 35.511),
                0x29: ("FD", times),
            },
        )
        if WEIGHTS[at][0]:
            ds.add_new(0x0019100E, "FD", list(WEIGHTS[at][1]))
        private(
            ds, 0x0051, "SIEMENS MR HEADER", {0x0E: ("LO", "Tra"), 0x0F: ("LO", "HC1-4"), 0x11: ("LO", "p2")}
        )
        save(ds, folder / f"{at:04d}.dcm")
    return folder


def mosaic_oblique(folder: Path) -> Path:
    """Oblique, phase encoding the other way."""
    return mosaic(folder, orientation=OBLIQUE, positive=0)


def mosaic_negative(folder: Path) -> Path:
    """Slices against the normal."""
    return mosaic(folder, flipped=True)


def slices(folder: Path) -> Path:
    """Diffusion-weighted single slices (no mosaic)."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ImageType = ["ORIGINAL", "PRIMARY", "DIFFUSION", "NONE", "ND"]
        ds.ScanningSequence, ds.SequenceVariant = "EP", ["SK", "SP"]
        ds.AcquisitionNumber = volume + 1
        ds.AcquisitionTime = f"1012{3 * volume:02d}.{(2 * place) % 5 * 100000 + 5000:06d}"
        headers(
            ds,
            {
                "PhaseEncodingDirectionPositive": ["1"],
                "BandwidthPerPixelPhaseEncode": ["35.5"],
                **weighting(volume),
            },
            PROTOCOL,
        )

    return classic(folder, "SIEMENS", fill, orientation=OBLIQUE)


def xa(folder: Path, *, files: int = len(WEIGHTS), count: int = 4) -> Path:
    """XA: an enhanced file per volume, with MR Diffusion groups and private times."""
    for volume in range(files):
        b, direction = WEIGHTS[volume]

        def frame(
            item: Dataset, place: int, b: float = b, direction: Any = direction, volume: int = volume
        ) -> None:
            diffusion = Dataset()
            diffusion.DiffusionBValue = b
            diffusion.DiffusionDirectionality = "DIRECTIONAL" if b else "NONE"
            if b:
                inner = Dataset()
                inner.DiffusionGradientOrientation = list(direction)
                diffusion.DiffusionGradientDirectionSequence = Sequence([inner])
            item.MRDiffusionSequence = Sequence([diffusion])
            content = Dataset()
            content.FrameAcquisitionDateTime = f"2026010210121{volume}.{place * 2 % 5 * 10:02d}0000"
            content.DimensionIndexValues, content.StackID, content.InStackPositionNumber = (
                [1, place + 1, 1],
                "1",
                place + 1,
            )
            item.FrameContentSequence = Sequence([content])
            kind = Dataset()
            kind.FrameType, kind.ComplexImageComponent = (
                ["ORIGINAL", "PRIMARY", "DIFFUSION", "NONE"],
                "MAGNITUDE",
            )
            item.MRImageFrameTypeSequence = Sequence([kind])
            timing = Dataset()
            private(
                timing,
                0x0021,
                "SIEMENS MR SDI 02",
                {
                    0x04: ("DS", f"{place * 2 % 5 * 0.1 + volume:.4f}"),
                    0x1C: ("IS", "0"),
                    0x42: ("IS", "2600"),
                    0x53: ("FD", 35.5),
                    0x4F: ("LO", "HC1-4"),
                    0x75: ("CS", ["ORIGINAL", "PRIMARY", "M", "ND", "DIFFUSION"]),
                },
                block=0x11,
            )
            private(item, 0x0021, "SIEMENS MR SDI 02", {}, block=0x11)
            item.add_new(0x002111FE, "SQ", Sequence([timing]))

        def fill(ds: Dataset, volume: int = volume) -> None:
            ds.ImageType, ds.SoftwareVersions = ["ORIGINAL", "PRIMARY", "DIFFUSION", "NONE"], "syngo MR XA30"
            ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.3.2", "1.2.3.2.1"
            ds.AcquisitionNumber = ds.InstanceNumber = volume + 1
            ds.AcquisitionDateTime = f"2026010210121{volume}.000000"
            private(
                ds,
                0x0021,
                "SIEMENS MR SDS 01",
                {0x09: ("LO", "p2"), 0x5A: ("CS", "EP"), 0x5B: ("CS", "SK"), 0x5C: ("CS", "PFP")},
            )

        enhanced(
            folder / f"{volume}.dcm",
            "SIEMENS",
            [lambda item, place=place: frame(item, place) for place in range(count)],
            list(range(count)),
            fill=fill,
        )
    return folder


CASES = ["mosaic", "mosaic_oblique", "mosaic_negative", "slices", "xa"]
