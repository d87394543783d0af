"""Series that say what they are in unusual places: polarities in turn, elements within sequences."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pydcm.dataset import Dataset
from pydcm.sequence import Sequence

from . import ge
from .made import classic, enhanced, private

if TYPE_CHECKING:
    from pathlib import Path

_PHILIPS = "Philips MR Imaging DD 001", "Philips MR Imaging DD 005"
#: What Philips says of each frame of a multi-frame file, and in a sequence of each single-frame file.
_PER_FRAME: dict[str, Any] = {
    "PulseSequenceName": "FEEPI",
    "EchoPlanarPulseSequence": "YES",
    "MagnetizationTransfer": "NONE",
    "Spoiling": "RF_AND_GRADIENT",
    "PartialFourier": "YES",
    "PartialFourierDirection": "PHASE",
    "ParallelReductionFactorInPlane": 1.5,
    "ParallelReductionFactorOutOfPlane": 3.0,
    "ParallelAcquisitionTechnique": "MBSENSE",
    "MRAcquisitionFrequencyEncodingSteps": 88,
    "MRAcquisitionPhaseEncodingStepsInPlane": 85,
    "MRAcquisitionPhaseEncodingStepsOutOfPlane": 1,
    "GradientEchoTrainLength": 31,
    "ComplexImageComponent": "REAL",
    "AcquisitionContrast": "T2",
    "TransmitterFrequency": 127.748513,
    "EffectiveEchoTime": 30.0,
}


def item(**values: Any) -> Dataset:
    """Return an item of a sequence."""
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def polarities(folder: Path, mode: int, *, volumes: int = 3) -> Path:
    """GE's research sequence with phase encoding in one direction, or in both in turn."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ScanningSequence, ds.SequenceVariant = ["EP", "RM"], "NONE"
        ds.SoftwareVersions = ["28", "LX", "MR Software release:RX28.0_R04_UHP3T_2111.a"]
        ds.RectilinearPhaseEncodeReordering = "LINEAR"
        ds.TriggerTime, ds.TemporalPositionIdentifier = str(3000 * volume + 10 * place), volume + 1
        name = {0x9C: ("LO", "research/epi_pepolar"), 0x9E: ("LO", "EPI"), 0xB3: ("DS", str(mode))}
        private(ds, 0x0019, "GEMS_ACQU_01", name)
        private(ds, 0x0043, "GEMS_PARM_01", {0x2C: ("SS", 500), 0x83: ("DS", ["1", "1"])})
        private(ds, 0x0025, "GEMS_SERS_01", {0x1B: ("OB", ge.block(ge.BLOCK))})

    return classic(folder, "GE MEDICAL SYSTEMS", fill, volumes=volumes)


def within(folder: Path, *, kind: str = "", slab: str = "MS", **changes: Any) -> Path:
    """Philips' single-frame files with a private sequence of what multi-frame files have for each frame."""
    types = {"": ("M", "FFE", "M", "FFE"), "phase": ("PHASE MAP", "P", "FFE")}[kind]

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ImageType = ["ORIGINAL", "PRIMARY", *types]
        ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "GR", "SK", "FS"
        ds.NumberOfPhaseEncodingSteps, ds.EchoTrainLength, ds.AcquisitionMatrix = 85, 57, [88, 0, 0, 85]
        ds.RescaleSlope, ds.RescaleIntercept, ds.TemporalPositionIdentifier = "0.703785", "0", volume + 1
        inner = item(**{**_PER_FRAME, **changes}, ImagePositionPatient=[1, 2, 3])
        scaling = item(RealWorldValueSlope=0.703785, RealWorldValueIntercept=0.0)
        ds.RealWorldValueMappingSequence = Sequence([scaling])
        table = item()
        private(table, 0x2005, _PHILIPS[1], {0x3C: ("FL", -0.7)}, block=0x14)
        counts = {0x13: ("SL", 57), 0x18: ("SL", 4), 0x22: ("FL", 14.43), 0x5F: ("SQ", Sequence([table]))}
        private(ds, 0x2001, "Philips Imaging DD 001", counts)
        private(ds, 0x2005, _PHILIPS[0], {0x0E: ("FL", 0.0556675), 0x6F: ("CS", slab)})
        private(ds, 0x2005, _PHILIPS[1], {0x0F: ("SQ", Sequence([inner]))}, block=0x14)

    return classic(folder, "Philips Medical Systems", fill, volumes=2)


def single(
    folder: Path, *, software: str, volumes: int, times: str, after: bool = False, **values: Any
) -> Path:
    """Siemens' files of one slice: all acquired at once, in pairs, or one after the other."""
    digits = {"same": lambda place: 0, "pairs": lambda place: place % 2, "each": lambda place: place}[times]

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ImageType, ds.SoftwareVersions = ["ORIGINAL", "PRIMARY", "M", "MB", "ND", "MFSPLIT"], software
        ds.ScanningSequence, ds.SequenceVariant, ds.EchoTrainLength = ["EP", "GR"], "SK", 5
        ds.AcquisitionNumber = volume + 1
        ds.AcquisitionTime = f"1012{volume:02d}.{digits(place)}"
        ds.SeriesTime, ds.SeriesInstanceUID = "101112.25", f"{ds.SeriesInstanceUID[:40]}.{volume}"
        if "XA" not in software:
            ds.SeriesInstanceUID = ds.SeriesInstanceUID.rpartition(".")[0]
        if after:
            clock = {0x04: ("DS", f"{volume + 0.5 * digits(place):.4f}")}
            private(ds, 0x0021, "SIEMENS MR SDI 02", clock, block=0x11)
        for keyword, value in values.items():
            setattr(ds, keyword, value)

    return classic(folder, "SIEMENS", fill, volumes=volumes)


def counted(folder: Path, *, counters: str, number: int | None = None) -> Path:
    """Siemens' files with the counters of its reconstruction: coil, echo, …"""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.EchoNumbers = number
        text = f"{counters}_1_1_1_1_1_1_1_1_1_1_{place + 1}"
        private(ds, 0x0021, "SIEMENS MR SDI 02", {0x06: ("LO", text)}, block=0x11)

    return classic(folder, "SIEMENS", fill, volumes=1)


def said(folder: Path, maker: str, **values: Any) -> Path:
    """Two volumes that say something more."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ScanningSequence, ds.SequenceVariant = "GR", "SP"
        ds.AcquisitionTime = f"1012{5 * volume:02d}.{place}"
        for keyword, value in values.items():
            if keyword == "mode":
                private(ds, 0x0051, "SIEMENS MR HEADER", {0x11: ("LO", value)})
            elif value is None:
                delattr(ds, keyword)
            else:
                setattr(ds, keyword, value)

    return classic(folder, maker, fill, volumes=2)


def perfusion(folder: Path) -> Path:
    """GE's labeling in three dimensions: the weighted image, then the reference."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        kind = ("PSEUDOCONTINUOUS", "CONTINUOUS")[volume]
        words = ("pulsed continuous", "continuous")[volume]
        ds.ScanningSequence, ds.SequenceVariant, ds.MRAcquisitionType = "RM", "NONE", "3D"
        ds.RepetitionTime, ds.NumberOfAverages = 4800, 3
        ds.AcquisitionTime = f"1012{10 * volume:02d}"
        if not volume:
            ds.InversionTime = 2025
        private(ds, 0x0019, "GEMS_ACQU_01", {0x9C: ("LO", "3dasl"), 0x9E: ("LO", "3DASL")})
        arms = {0x60: ("FL", 512.0), 0x61: ("FL", 8.0), 0x62: ("FL", 3.0)}
        private(ds, 0x0027, "GEMS_IMAG_01", arms)
        technique = {0xA3: ("CS", kind), 0xA4: ("LO", f"3D {words} ASL technique"), 0xA5: ("IS", 1450)}
        private(ds, 0x0043, "GEMS_PARM_01", technique)

    return classic(folder, "GE MEDICAL SYSTEMS", fill, volumes=2)


def shuffled(
    folder: Path, maker: str, *, volumes: int = 1, numbers: tuple[int, ...] = (3, 0, 4, 1, 5, 2)
) -> Path:
    """Slices that are numbered, and acquired, out of order; of several volumes the clock alone is."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        if volumes == 1:
            ds.InstanceNumber = numbers[place] + 1
        ds.ImageType, ds.ScanningSequence = ["ORIGINAL", "PRIMARY", "M", "ND"], "SE"
        ds.AcquisitionTime = f"1012{10 * volume + numbers[place]:02d}"

    return classic(folder, maker, fill, volumes=volumes, slices=6)


def triggered(
    folder: Path,
    *,
    delays: tuple[float, ...],
    phases: tuple[int, ...],
    begin: float = 0.0,
    own_delay: bool = False,
    label: str = "",
) -> Path:
    """Philips' multi-frame file with images at delays after a trigger, told by the standard's element or their own."""
    frames, places = [], []
    for place in range(3):
        for volume, values in enumerate(zip(delays, phases, strict=True)):

            def add(
                ds: Dataset, place: int = place, volume: int = volume, values: tuple[float, int] = values
            ) -> None:
                index = {
                    "StackID": "1",
                    "InStackPositionNumber": place + 1,
                    "TemporalPositionIndex": volume + 1,
                }
                content = item(**index, DimensionIndexValues=[1, place + 1, volume + 1])
                ds.FrameContentSequence = Sequence([content])
                types = ["ORIGINAL", "PRIMARY", "DIFFUSION", "M"]
                kind = item(
                    FrameType=types, ComplexImageComponent="MAGNITUDE", AcquisitionContrast="DIFFUSION"
                )
                ds.MRImageFrameTypeSequence = Sequence([kind])
                delay = item(NominalCardiacTriggerDelayTime=values[0])
                if not own_delay:
                    ds.CardiacSynchronizationSequence = Sequence([delay])
                own = item(TriggerTime=values[0]) if own_delay else item()
                private(own, 0x2001, "Philips Imaging DD 001", {0x08: ("IS", values[1])})
                private(own, 0x2005, _PHILIPS[0], {0xA0: ("FL", begin * volume)})
                if label:
                    private(own, 0x2005, _PHILIPS[1], {0x29: ("CS", label)}, block=0x14)
                private(ds, 0x2005, _PHILIPS[1], {0x0F: ("SQ", Sequence([own]))}, block=0x14)

            frames.append(add)
            places.append(place)

    def fill(ds: Dataset) -> None:
        ds.ImageType, ds.ScanningSequence = ["ORIGINAL", "PRIMARY", "DIFFUSION", "NONE"], "GR"
        tags = (0x00209056, 0x00209057, 0x00209128)
        ds.DimensionIndexSequence = Sequence([item(DimensionIndexPointer=tag) for tag in tags])

    return enhanced(folder / "a.dcm", "Philips Medical Systems", frames, places, fill=fill)


MAKERS = {
    "siemens": "SIEMENS",
    "ge": "GE MEDICAL SYSTEMS",
    "philips": "Philips Medical Systems",
    "uih": "UIH",
}
SAYINGS: dict[str, dict[str, Any]] = {
    "spoiled": {"Spoiling": "RF"},
    "spoiled_otherwise": {"Spoiling": "OTHER"},
    "steps_only": {"AcquisitionMatrix": None, "MRAcquisitionPhaseEncodingStepsInPlane": 64},
    "quadruped": {"AnatomicalOrientationType": "QUADRUPED"},
    "midnight": {"AcquisitionTime": "000000.000000"},
    "projected": {"ImageType": ["DERIVED", "SECONDARY", "PROJECTION IMAGE"], "SequenceName": "*fl2d1"},
    "long": {
        "ImageType": ["ORIGINAL", "PRIMARY", *(f"TYPE{at:02d}" for at in range(12))],
        "SequenceVariant": ["SK", "SP"] * 15,
        "DeidentificationMethod": [
            "no identifiers",
            "keep descriptions",
            "keep manufacturer",
            "no dates",
            "none",
        ],
        "ImageComments": "word " * 60,
    },
    "averaged": {"NumberOfAverages": 2, "MRAcquisitionType": "3D"},
}
CASES = {
    **{
        f"{key}_{name}": partial(said, maker=maker, **values)
        for name, values in SAYINGS.items()
        for key, maker in MAKERS.items()
    },
    **{
        f"mode_{text.replace(' ', '_').replace(':', '')}": partial(said, maker="SIEMENS", mode=text)
        for text in ("p2", "p2s4", "p3 s2", "s3", "TR:p4 SL:p2")
    },
    "perfusion": perfusion,
    "triggered_one_phase": partial(triggered, delays=(100.0, 600.0, 900.0), phases=(1, 1, 1)),
    "triggered_phases": partial(triggered, delays=(0.0, 500.0, 1000.0), phases=(1, 2, 3)),
    "triggered_alike": partial(triggered, delays=(100.0, 100.0, 100.0), phases=(0, 0, 0)),
    "triggered_clock": partial(triggered, delays=(0.0, 2000.0, 4000.0), phases=(1, 1, 1), begin=2.0),
    "triggered_own": partial(triggered, delays=(100.0, 600.0, 900.0), phases=(1, 1, 1), own_delay=True),
    "triggered_own_clock": partial(
        triggered, delays=(0.0, 2000.0, 4000.0), phases=(1, 1, 1), begin=2.0, own_delay=True
    ),
    "triggered_own_label": partial(
        triggered, delays=(100.0, 600.0, 900.0), phases=(1, 2, 3), own_delay=True, label="LABEL"
    ),
    "triggered_never": partial(triggered, delays=(0.0, 0.0, 0.0), phases=(1, 1, 1), begin=2.0),
    **{f"{key}_shuffled": partial(shuffled, maker=maker) for key, maker in MAKERS.items()},
    "siemens_shuffled_back": partial(shuffled, maker="SIEMENS", numbers=(2, 5, 1, 4, 0, 3)),
    "uih_shuffled_volumes": partial(shuffled, maker="UIH", volumes=2),
    "counted_1": partial(counted, counters="X_1"),
    "counted_2": partial(counted, counters="X_2"),
    "counted_known": partial(counted, counters="5_1", number=2),
    "counted_coil": partial(counted, counters="5_1", number=1),
    **{
        f"single_{software[-4:].lower()}_{volumes}_{times}{'_after' * after}": partial(
            single, software=software, volumes=volumes, times=times, after=after
        )
        for software in ("syngo MR VE11", "syngo MR XA30")
        for volumes in (1, 3)
        for times in ("same", "pairs", "each")
        for after in (False, True)
    },
    "single_slab": partial(single, software="syngo MR XA30", volumes=1, times="same", MRAcquisitionType="3D"),
    **{f"polarity_{mode}": partial(polarities, mode=mode) for mode in range(4)},
    "polarity_even": partial(polarities, mode=2, volumes=4),
    "philips_within": within,
    "philips_within_phase": partial(within, kind="phase"),
    "philips_within_compressed": partial(within, ParallelAcquisitionTechnique="CSENSE"),
    "philips_within_slab": partial(within, slab="3D", EchoPlanarPulseSequence="NO"),
}
