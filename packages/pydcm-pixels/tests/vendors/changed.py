"""The made series with something else in their headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm import dcmread
from pydcm.dataset import Dataset
from pydcm.sequence import Sequence

from . import ge, others, siemens

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Changes an image of a volume; `None` leaves it out.
Edit = Callable[[Dataset, int], "Dataset | None"] if TYPE_CHECKING else Any


def _with(**values: Any) -> Edit:
    def edit(ds: Dataset, volume: int) -> Dataset:
        for keyword, value in values.items():
            if value is not None:
                setattr(ds, keyword, value)
            elif keyword in ds:
                delattr(ds, keyword)
        return ds

    return edit


def _only(*wanted: int) -> Edit:
    return lambda ds, volume: ds if volume in wanted else None


def _groups(sequence: str, **values: Any) -> Edit:
    """Change a functional group of every frame."""

    def edit(ds: Dataset, volume: int) -> Dataset:
        for frame in ds.PerFrameFunctionalGroupsSequence:
            items = getattr(frame, sequence, None)
            item = items[0] if items else Dataset()
            for keyword, value in values.items():
                setattr(item, keyword, value)
            setattr(frame, sequence, Sequence([item]))
        return ds

    return edit


def _unweighted(ds: Dataset, volume: int) -> Dataset:
    for frame in ds.PerFrameFunctionalGroupsSequence:
        del frame["MRDiffusionSequence"]
    return ds


def _echoes(ds: Dataset, volume: int) -> Dataset | None:
    if volume > 3:
        return None
    return _groups("MREchoSequence", EffectiveEchoTime=12.0 + 10 * (volume % 2))(
        _unweighted(ds, volume), volume
    )


CHANGES: dict[str, Edit] = {
    "b0": _only(0),
    "two": _only(1, 2),
    "b0_b1000": _only(0, 1),
    "adc": _with(ImageType=["DERIVED", "PRIMARY", "DIFFUSION", "ADC"]),
    "trace": _with(ImageType=["DERIVED", "SECONDARY", "TRACEW"]),
    "prone": _with(PatientPosition="HFP"),
    "feet_first": _with(PatientPosition="FFS"),
    "no_phase": _with(InPlanePhaseEncodingDirection=None),
    "row": _with(InPlanePhaseEncodingDirection="ROW"),
    "phase": _with(ImageType=["ORIGINAL", "PRIMARY", "P", "ND"]),
    "slab": _with(MRAcquisitionType="3D"),
    "unnamed": _with(SeriesDescription=None, ProtocolName=None),
    "spin_echo": _with(ScanningSequence=["EP", "SE"]),
    "no_matrix": _with(AcquisitionMatrix=None, NumberOfPhaseEncodingSteps=96),
}


def _unweighted_third(ds: Dataset, volume: int) -> Dataset:
    """Set b = 0 for one volume that keeps its direction."""
    if volume == 2:
        ds[0x00431039].value = ["0", "8", "0", "0"]
    return ds


def _accelerated(ds: Dataset, volume: int) -> Dataset:
    """Accelerate by 1.5, as GE writes it."""
    ds.add_new(0x00431083, "DS", ["0.666667", "1"])
    return ds


GROUPS: dict[str, Edit] = {
    "b0": _only(0),
    "two": _only(1, 2),
    "unweighted": _unweighted,
    "echoes": _echoes,
    "timing": _groups(
        "MRTimingAndRelatedParametersSequence",
        RepetitionTime=2500.0,
        FlipAngle=77.0,
        EchoTrainLength=5,
        GradientEchoTrainLength=40,
    ),
    "modifiers": _groups(
        "MRModifierSequence",
        ParallelAcquisitionTechnique="SENSE",
        ParallelReductionFactorInPlane=2.0,
        ParallelReductionFactorOutOfPlane=1.0,
        PartialFourier="YES",
        PartialFourierDirection="PHASE",
        InversionRecovery="NO",
    ),
    "view": _groups(
        "MRFOVGeometrySequence",
        InPlanePhaseEncodingDirection="ROW",
        MRAcquisitionFrequencyEncodingSteps=80,
        MRAcquisitionPhaseEncodingStepsInPlane=70,
        PercentSampling=88.0,
    ),
    "imaging": _groups(
        "MRImagingModifierSequence",
        MagnetizationTransfer="OFF_RESONANCE",
        PixelBandwidth=2222.0,
        TransmitterFrequency=123.4,
    ),
    "coil": _groups("MRReceiveCoilSequence", ReceiveCoilName="Head"),
    "averages": _groups("MRAveragesSequence", NumberOfAverages=2.0),
    "scale": _groups("PixelValueTransformationSequence", RescaleSlope=2.5, RescaleIntercept=-7.0),
}


def _without(*tags: int) -> Edit:
    def edit(ds: Dataset, volume: int) -> Dataset:
        for tag in tags:
            del ds[tag]
        return ds

    return edit


def _alternating(keyword: str, values: tuple[Any, Any]) -> Edit:
    """Give every second of four volumes another value."""

    def edit(ds: Dataset, volume: int) -> Dataset | None:
        setattr(ds, keyword, values[volume % 2])
        ds.AcquisitionNumber = volume // 2 + 1
        return ds if volume < 4 else None

    return edit


def _type(*words: str) -> Edit:
    return _with(ImageType=[*words, "MOSAIC"])


TILES: dict[str, Edit] = {
    "no_csa": _without(0x00291010, 0x00291020),
    "no_image_csa": _without(0x00291010),
    "no_series_csa": _without(0x00291020),
    "b0": _only(0),
    "echoes": _alternating("EchoTime", (12.5, 30.0)),
    "parts": _alternating(
        "ImageType",
        (["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"], ["ORIGINAL", "PRIMARY", "P", "ND", "MOSAIC"]),
    ),
    "moved": _type("ORIGINAL", "PRIMARY", "DIFFUSION", "MOCO"),
    "filtered": _type("DERIVED", "PRIMARY", "DIFFUSION", "FILTERED"),
    "adc": _type("DERIVED", "PRIMARY", "DIFFUSION", "ADC"),
    "prone": _with(PatientPosition="HFP"),
    "unnamed": _with(SeriesDescription=None, ProtocolName=None),
}
_BASES = {
    "siemens": siemens.slices,
    "ge": ge.diffusion,
    "philips": others.philips,
    "uih": others.uih,
    "canon": others.canon,
}
_FILES = {
    "xa": siemens.xa,
    "philips_enhanced": others.philips_enhanced,
    "canon_enhanced": others.canon_enhanced,
}
_SLICES = 4


def _changed(base: Callable[[Path], Path], edit: Edit, per_volume: int) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        base(folder)
        for number, path in enumerate(sorted(folder.iterdir())):
            ds = edit(dcmread(path), number // per_volume)
            if ds is None:
                path.unlink()
            else:
                ds.save_as(path)
        return folder

    return make


CASES = (
    {
        "ge_unweighted_third": _changed(ge.diffusion, _unweighted_third, _SLICES),
        "ge_accelerated": _changed(ge.diffusion, _accelerated, _SLICES),
    }
    | {
        f"{maker}_{name}": _changed(base, edit, _SLICES)
        for maker, base in _BASES.items()
        for name, edit in CHANGES.items()
    }
    | {
        f"{maker}_{name}": _changed(base, edit, 1)
        for maker, base in _FILES.items()
        for name, edit in GROUPS.items()
        if maker == "xa" or name not in ("b0", "two", "echoes")  # one file is the whole series
    }
    | {f"mosaic_{name}": _changed(siemens.mosaic, edit, 1) for name, edit in TILES.items()}
)
