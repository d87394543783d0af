"""Series of Siemens' and GE's scanners that take the rarer ways through their private elements."""

from __future__ import annotations

from functools import partial
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm.dataset import Dataset
from pydcm.sequence import Sequence

from . import ge, siemens
from .made import (
    AXIAL,
    COLUMNS,
    CORONAL,
    ROWS,
    WEIGHTS,
    classic,
    enhanced,
    pixels,
    plain,
    private,
    protocol,
    save,
)
from .unusual import item

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOLD = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]


def mosaic(
    folder: Path,
    *,
    count: int = 6,
    volumes: int = 3,
    times: Callable[[int, int], float] | None = lambda volume, at: 100.0 * at,
    first: int = 0,
    mode: str = "p2",
    types: list[str] | None = None,
    known: bool = True,
    matrix: tuple[int, ...] = (COLUMNS, 0, 0, ROWS),
    description: str = "made",
    software: str = "syngo MR E11",
    **changes: Any,
) -> Path:
    """Mosaics of functional series, with times of each slice in each volume."""
    folder.mkdir(parents=True, exist_ok=True)
    across = ceil(sqrt(count))
    for volume in range(volumes):
        ds = plain(("1.2.3.4", "1.2.3.4.1"), "SIEMENS", volume + 1, ROWS * across, COLUMNS * across)
        ds.ImageType, ds.SeriesDescription = types or BOLD, description
        ds.ScanningSequence, ds.SequenceVariant, ds.SoftwareVersions = "EP", ["SK", "SP"], software
        ds.AcquisitionNumber, ds.AcquisitionTime = volume + 1, f"1012{3 * volume:02d}.5"
        ds.ImagePositionPatient, ds.ImageOrientationPatient = [-20.0, -30.0, -10.0], list(AXIAL)
        ds.AcquisitionMatrix = list(matrix)
        tiles = np.zeros((ROWS * across, COLUMNS * across), np.uint16)
        for at in range(count):
            row, column = divmod(at, across)
            place = np.s_[row * ROWS : (row + 1) * ROWS, column * COLUMNS : (column + 1) * COLUMNS]
            tiles[place] = pixels(10 * volume + at)
        ds.PixelData = tiles.tobytes()
        if known:
            image = {
                "NumberOfImagesInMosaic": [str(count)],
                "SliceNormalVector": ["0.0", "0.0", "1.0"],
                "PhaseEncodingDirectionPositive": ["1"],
                "ProtocolSliceNumber": [str(first)],
            }
            wanted = {**siemens.PROTOCOL, **changes}
            siemens.headers(ds, image, {name: value for name, value in wanted.items() if value is not None})
            own: dict[int, tuple[str, Any]] = {0x0A: ("US", count), 0x28: ("FD", 35.5)}
            if times is not None:
                own[0x29] = ("FD", [times(volume, at) for at in range(count)])
            private(ds, 0x0019, "SIEMENS MR HEADER", own)
            private(ds, 0x0051, "SIEMENS MR HEADER", {0x11: ("LO", mode)})
        save(ds, folder / f"{volume:04d}.dcm")
    return folder


def slab(folder: Path, *, clock: bool = True, passes: int = 0, same: bool = True) -> Path:
    """Siemens XA's slabs of echo-planar images, a multi-frame file each."""
    for volume in range(3):

        def frame(ds: Dataset, place: int, volume: int = volume) -> None:
            start = 4.0 * volume + (0 if same else place % 2)
            content = item(DimensionIndexValues=[1, place + 1], StackID="1", InStackPositionNumber=place + 1)
            ds.FrameContentSequence = Sequence([content])
            ds.MRTimingAndRelatedParametersSequence = Sequence([item(RepetitionTime=60.0, FlipAngle=15.0)])
            view = item(InPlanePhaseEncodingDirection="COLUMN", MRAcquisitionPhaseEncodingStepsOutOfPlane=40)
            ds.MRFOVGeometrySequence = Sequence([view])
            own = Dataset()
            values = {0x04: ("DS", f"{start:.2f}"), 0x1C: ("IS", "0"), 0x53: ("FD", 35.5)}
            private(own, 0x0021, "SIEMENS MR SDI 02", values, block=0x11)
            private(ds, 0x0021, "SIEMENS MR SDI 02", {}, block=0x11)
            ds.add_new(0x002111FE, "SQ", Sequence([own]))

        def fill(ds: Dataset, volume: int = volume) -> None:
            ds.SoftwareVersions, ds.MRAcquisitionType, ds.InstanceNumber = "syngo MR XA30", "3D", volume + 1
            ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "NONE"]
            ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.3.5", "1.2.3.5.1"
            for keyword in ("AcquisitionTime", "AcquisitionDate", "RepetitionTime", "AcquisitionMatrix"):
                delattr(ds, keyword)
            ds.AcquisitionDateTime = f"202601021012{4 * volume * clock:02d}"
            values = {0x09: ("LO", "p2"), 0x5A: ("CS", "EP"), 0x5B: ("CS", "SK")}
            if passes:
                planned = {**siemens.PROTOCOL, "sPat.lAccelFact3D": 2, "sSliceArray.lConc": passes}
                values[0x19] = ("OB", f"<XProtocol>\n{protocol(planned)}\n".encode())
            private(ds, 0x0021, "SIEMENS MR SDS 01", values)

        frames = [partial(frame, place=place) for place in range(4)]
        enhanced(folder / f"{volume}.dcm", "SIEMENS", frames, list(range(4)), fill=fill)
    return folder


def file(folder: Path, *, start: float, step: float, description: str = "made") -> Path:
    """One volume of Siemens XA, slices in pairs, some time after the start."""

    def frame(ds: Dataset, place: int) -> None:
        content = item(DimensionIndexValues=[1, place + 1], StackID="1", InStackPositionNumber=place + 1)
        ds.FrameContentSequence = Sequence([content])
        own = Dataset()
        values = {0x04: ("DS", f"{start + place // 2 * step:.2f}"), 0x53: ("FD", 35.5)}
        private(own, 0x0021, "SIEMENS MR SDI 02", values, block=0x11)
        private(ds, 0x0021, "SIEMENS MR SDI 02", {}, block=0x11)
        ds.add_new(0x002111FE, "SQ", Sequence([own]))

    def fill(ds: Dataset) -> None:
        ds.SoftwareVersions, ds.SeriesDescription = "syngo MR XA30", description
        ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "NONE"]
        private(ds, 0x0021, "SIEMENS MR SDS 01", {0x5A: ("CS", "EP"), 0x5B: ("CS", "SK")})

    frames = [partial(frame, place=place) for place in range(6)]
    return enhanced(folder / "a.dcm", "SIEMENS", frames, list(range(6)), fill=fill)


def phases(
    folder: Path,
    *,
    name: str = "epi",
    internal: str = "EPI",
    slab: bool = False,
    delay: float | None = None,
    step: float = 5.0,
    uneven: bool = False,
    inverted: bool = False,
    period: float = 2000,
    **block: str,
) -> Path:
    """GE's series of several volumes."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ScanningSequence, ds.SequenceVariant = ["GR", "IR"] if inverted else ["EP", "GR"], "SS"
        ds.RepetitionTime, ds.MRAcquisitionType = period, "3D" if slab else "2D"
        ds.SoftwareVersions = ["28", "LX", "MR Software release:RX28.0_R04_2020.b"]
        late = 3 if uneven and volume > 1 else 0
        ds.TemporalPositionIdentifier, ds.AcquisitionTime = volume + 1, f"1012{volume * step + late:04.1f}"
        named = {0x9C: ("LO", name), 0x9E: ("LO", internal), 0xA2: ("SL", volume + 1)}
        private(ds, 0x0019, "GEMS_ACQU_01", named)
        private(ds, 0x0025, "GEMS_SERS_01", {0x1B: ("OB", ge.block({**ge.BLOCK, **block}))})
        own: dict[int, tuple[str, Any]] = {0x2C: ("SS", 500), 0x2F: ("SS", 0), 0x83: ("DS", ["0.5", "1"])}
        if delay is not None:
            own[0x7C] = ("FL", delay)
        private(ds, 0x0043, "GEMS_PARM_01", own)

    return classic(folder, "GE MEDICAL SYSTEMS", fill, volumes=4)


def only_standard(folder: Path, *, planar: bool = True, volumes: int = len(WEIGHTS)) -> Path:
    """GE's diffusion-weighted images with the standard's b value and the scanner's directions."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        b, direction = WEIGHTS[volume]
        ds.ScanningSequence, ds.SequenceVariant = ["EP", "SE"] if planar else "SE", "NONE"
        ds.DiffusionBValue = b
        own: dict[int, tuple[str, Any]] = {0x9C: ("LO", "epi2"), 0x9E: ("LO", "EPI2"), 0xE0: ("DS", "4")}
        for at, element in enumerate((0xBB, 0xBC, 0xBD)):
            own[element] = ("DS", str(direction[at]))
        private(ds, 0x0019, "GEMS_ACQU_01", own)
        if not planar:
            private(ds, 0x0043, "GEMS_PARM_01", {0x39: ("IS", [int(b), 8, 0, 0])})

    return classic(folder, "GE MEDICAL SYSTEMS", fill, volumes=volumes)


WAVEFORM = {
    "tSequenceFileName": "%CustomerSeq%\\ep2d_diff_fwf",
    "sWipMemBlock.adFree[2]": 1.5,
    "sWipMemBlock.alFree[3]": 7,
    "sDiffusion.sFreeDiffusionData.lDiffDirections": 2,
    "sDiffusion.sFreeDiffusionData.asDiffDirVector[0].dSag": 0.123456,
    "sDiffusion.sFreeDiffusionData.asDiffDirVector[1].dTra": -1.0,
}
_COIL = "sCoilSelectMeas.aRxCoilSelectData[0].asList[{}].sCoilElementID.tCoilID"


def single(folder: Path, sequence: str, **values: Any) -> Path:
    """One volume of Siemens' slices of a sequence."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ImageType, ds.ScanningSequence = ["ORIGINAL", "PRIMARY", "M", "ND"], "GR"
        siemens.headers(ds, {}, {**siemens.PROTOCOL, "tSequenceFileName": f"%SiemensSeq%\\{sequence}"})
        for keyword, value in values.items():
            if value is None:
                delattr(ds, keyword)
            else:
                setattr(ds, keyword, value)

    return classic(folder, "SIEMENS", fill, volumes=1)


CASES: dict[str, Callable[[Path], Path]] = {
    "mosaic_full": partial(mosaic, count=9),
    "mosaic_backwards": partial(mosaic, first=2),
    "mosaic_at_once": partial(mosaic, times=lambda volume, at: 0.0),
    "mosaic_first_at_once": partial(mosaic, times=lambda volume, at: 100.0 * at * min(volume, 1)),
    "mosaic_first_long": partial(mosaic, times=lambda volume, at: at * (100.0 if volume else 1000.0)),
    "mosaic_all_long": partial(mosaic, times=lambda volume, at: 1000.0 * at),
    "mosaic_alone": partial(mosaic, volumes=1, times=lambda volume, at: 1000.0 * at),
    "mosaic_reference": partial(
        mosaic, volumes=1, times=lambda volume, at: 1000.0 * at, description="a_SBRef"
    ),
    "mosaic_derived": partial(
        mosaic, types=["DERIVED", *BOLD[1:]], times=lambda volume, at: 1000.0 * at * (not volume)
    ),
    **{
        f"mosaic_mode_{mode}": partial(mosaic, times=None, **{"sSliceArray.ucMode": mode})
        for mode in (1, 2, 4)
    },
    "mosaic_mode_bands": partial(mosaic, times=None, mode="p2 s2", **{"sSliceArray.ucMode": 4}),
    "mosaic_planned_bands": partial(mosaic, **{"sSliceAcceleration.lMultiBandFactor": 4}),
    "mosaic_by_matrix": partial(mosaic, known=False, count=9),
    "mosaic_by_lines": partial(mosaic, known=False, count=9, matrix=(0, COLUMNS, ROWS, 0)),
    "mosaic_waveform": partial(mosaic, **WAVEFORM),
    "mosaic_other_coil": partial(mosaic, **{_COIL.format(0): "Head_32", _COIL.format(1): "Neck"}),
    "mosaic_other_types": partial(mosaic, types=["DERIVED", "PRIMARY", "PERFUSION", "TTP"]),
    "vibe": partial(single, sequence="fl3d_vibe", MRAcquisitionType="3D", EchoTime=2, RepetitionTime=20),
    "vibe_unknown": partial(single, sequence="fl3d_vibe", MRAcquisitionType="3D", FlipAngle=0),
    "nowhere": partial(single, sequence="gre", ImagePositionPatient=None, ImageOrientationPatient=None),
    "mosaic_later": partial(mosaic, times=lambda volume, at: 500 + 100.0 * (at // 2)),
    "mosaic_later_alone": partial(mosaic, volumes=1, times=lambda volume, at: 4000 + 100.0 * (at // 2)),
    "mosaic_xa": partial(mosaic, software="syngo MR XA30", times=lambda volume, at: 50.0 * volume + 100 * at),
    "mosaic_xa_long": partial(
        mosaic, software="syngo MR XA30", times=lambda volume, at: 1000.0 * volume * at
    ),
    "slab_clock": slab,
    "slab_bands": partial(slab, same=False),
    "slab_steps": partial(slab, clock=False, passes=3),
    "slab_unknown": partial(slab, clock=False),
    "file_start": partial(file, start=0.5, step=0.1),
    "file_later": partial(file, start=9.0, step=0.5),
    "file_slow": partial(file, start=0.0, step=2.0),
    "file_later_slow": partial(file, start=9.0, step=2.0),
    "file_reference": partial(file, start=9.0, step=2.0, description="a_SBRef"),
    "ge_silent": partial(phases, name="loopingstar", internal="LoopingStar"),
    "ge_slabs": partial(phases, name="disco", internal="EFGRE3D", slab=True, period=4.2),
    "ge_slabs_uneven": partial(phases, name="disco", internal="EFGRE3D", slab=True, period=4.2, uneven=True),
    "ge_slabs_inverted": partial(
        phases, name="bravo", internal="EFGRE3D", slab=True, period=7, inverted=True
    ),
    "ge_slabs_fast": partial(phases, name="disco", internal="EFGRE3D", slab=True, period=7000),
    "ge_spin_echo_delayed": partial(phases, name="epi2", internal="EPI2", delay=0.0),
    "ge_polarity_spin_echo": partial(phases, name="research/epi_pepolar", internal="EPI2"),
    "ge_phases_delayed": partial(phases, IOPT="EPI, MPh", DELACQ="0.5", DELACQNOAV="0.5"),
    "ge_phases_least": partial(phases, IOPT="EPI, MPh", DELACQ="Minimum", DELACQNOAV="0.5"),
    "ge_phases_varying": partial(phases, IOPT="EPI, MPhVar", DELACQ="0.5", DELACQNOAV="0.5"),
    "ge_polarity_delayed": partial(phases, name="research/epi_pepolar", delay=0.5, SLICEORDER="0"),
    "ge_standard": only_standard,
    "ge_alone": partial(only_standard, planar=False, volumes=1),
    "ge_coronal_row": partial(ge.diffusion, orientation=CORONAL, row=True),
    "ge_coronal_row_reverse": partial(ge.diffusion, orientation=CORONAL, row=True, reverse=True),
}
