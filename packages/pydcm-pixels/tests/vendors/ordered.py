"""Series whose volumes are told apart and put in order by counters: Philips, Canon, UIH, PET and CT."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm.dataset import Dataset
from pydcm.sequence import Sequence

from . import emission, grids, others
from .changed import _changed
from .made import COLUMNS, ROWS, SAGITTAL, WEIGHTS, classic, enhanced, pixels, plain, private, save
from .others import WITH_TRACE, _index, _pointers, _weighted
from .unusual import item

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PHILIPS = "Philips Medical Systems"
_IMAGE, _OWN = "Philips Imaging DD 001", "Philips MR Imaging DD 001"
_COUNTERS, _VOLUMES = "Philips MR Imaging DD 005", "Philips MR Imaging DD 006"
_SLICES = 4
#: Reference and trace images in between.
MIXED = [WEIGHTS[1], WEIGHTS[0], WITH_TRACE[-1], WEIGHTS[2], WEIGHTS[0], WEIGHTS[3]]
Weights = list[tuple[float, tuple[float, float, float]]]


def weighted(folder: Path, weights: Weights = WEIGHTS, *, numbers: str = "places", counted: str = "") -> Path:
    """Philips' single-frame files.

    Instance numbers run through the places last, or through the volumes last; directions are counted from the first
    volume, or from the last one, volumes in any order.
    """
    count = len(weights)

    def fill(ds: Dataset, volume: int, place: int) -> None:
        b, direction = weights[volume]
        ds.ImageType, ds.ScanningSequence = ["ORIGINAL", "PRIMARY", "M_SE", "M", "SE"], "SE"
        ds.SequenceVariant, ds.AcquisitionContrast, ds.SoftwareVersions = (
            "SK",
            "DIFFUSION",
            ["5.3.0", "5.3.0.3"],
        )
        ds.TemporalPositionIdentifier, ds.DiffusionBValue = 1, b
        ds.DiffusionDirectionality = "NONE" if not b else "DIRECTIONAL" if any(direction) else "ISOTROPIC"
        if any(direction):
            ds.DiffusionGradientOrientation = list(direction)
        ds.InstanceNumber = (
            place * count + volume + 1 if numbers == "places" else volume * _SLICES + place + 1
        )
        private(ds, 0x2001, _IMAGE, {0x03: ("FL", b), 0x0A: ("IS", place + 1), 0x18: ("SL", _SLICES)})
        own = {0xB0 + at: ("FL", direction[at]) for at in range(3)}
        private(ds, 0x2005, _OWN, {0x0E: ("FL", 0.0125), **own})
        counters = {"forwards": volume + 1, "backwards": count - volume, "volumes": 1 + volume % 3}
        if counted:
            order = {0x12: ("IS", 1 + (b > 0)), 0x13: ("IS", counters[counted])}
            private(ds, 0x2005, _COUNTERS, order, block=0x14)
        if counted == "volumes":
            private(ds, 0x2005, _VOLUMES, {0x96: ("IS", count - volume)}, block=0x15)

    return classic(folder, PHILIPS, fill, volumes=count)


def scaled(folder: Path, *, rescale: bool = True, component: bool = False) -> Path:
    """Philips' single-frame files with a real-world mapping, or with components that *Image Type* does not tell."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ImageType, ds.ScanningSequence = ["ORIGINAL", "PRIMARY", "M_FFE", "FFE"], "GR"
        ds.SequenceVariant, ds.TemporalPositionIdentifier = "SK", volume + 1
        if rescale:
            ds.RescaleSlope, ds.RescaleIntercept = "2.5", "0"
        if component:
            ds.ComplexImageComponent = ("MAGNITUDE", "PHASE", "REAL", "IMAGINARY")[volume]
        else:
            scaling = item(RealWorldValueSlope=1.25, RealWorldValueIntercept=-3.0)
            ds.RealWorldValueMappingSequence = Sequence([scaling])
        private(ds, 0x2001, _IMAGE, {0x18: ("SL", _SLICES)})
        private(ds, 0x2005, _OWN, {0x0E: ("FL", 0.0125)})

    return classic(folder, PHILIPS, fill, volumes=4 if component else 2)


def phases(folder: Path, *, block: int) -> Path:
    """Philips' phases of the heart, counted in a block of private elements that a PACS may have moved."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ImageType, ds.ScanningSequence = ["ORIGINAL", "PRIMARY", "M_FFE", "M", "FFE"], "GR"
        ds.SequenceVariant, ds.TriggerTime, ds.InstanceNumber = "SK", 33.0 * volume, place * 4 + volume + 1
        private(ds, 0x2001, _IMAGE, {0x08: ("IS", volume + 1), 0x18: ("SL", _SLICES)}, block)

    return classic(folder, PHILIPS, fill, volumes=4)


def whole(
    folder: Path, volumes: list[dict[str, Any]], *, software: str = "5.4.1", planar: bool = False
) -> Path:
    """One file of Philips', place by place; a volume has a dimension index, a weighting, scalings and counters."""
    frames, places = [], []
    for place in range(_SLICES):
        for volume in volumes:

            def add(ds: Dataset, place: int = place, volume: dict[str, Any] = volume) -> None:
                _index(ds, [1, place + 1, *volume["index"]], place)
                b, direction = volume.get("weight", (0.0, (0.0, 0.0, 0.0)))
                _weighted(ds, b, direction, bool(b) and not any(direction))
                if "weight" not in volume:
                    del ds.MRDiffusionSequence
                slope = volume.get("slope", 1.0)
                ds.PixelValueTransformationSequence[0].RescaleSlope = slope
                timing = item(FlipAngle=volume.get("flip", 90.0), RepetitionTime=3000.0)
                ds.MRTimingAndRelatedParametersSequence = Sequence([timing])
                own = Dataset()
                private(own, 0x2001, _IMAGE, {0x0A: ("IS", place + 1)})
                begin = {0xA0: ("FL", volume["begin"])} if "begin" in volume else {}
                private(own, 0x2005, _OWN, {0x0E: ("FL", 0.0125), **begin})
                direction_number = {0x13: ("IS", volume["direction"])} if "direction" in volume else {}
                private(own, 0x2005, _COUNTERS, direction_number, block=0x14)
                if "volume" in volume:
                    private(own, 0x2005, _VOLUMES, {0x96: ("IS", volume["volume"])}, block=0x15)
                private(ds, 0x2005, _COUNTERS, {0x0F: ("SQ", Sequence([own]))}, block=0x14)

            frames.append(add)
            places.append(place)

    def fill(ds: Dataset) -> None:
        ds.ImageType, ds.ScanningSequence = ["ORIGINAL", "PRIMARY", "M_SE", "M_SE"], "SE"
        ds.SequenceVariant, ds.SoftwareVersions = "SK", [software, "x"]
        if planar:
            ds.MRAcquisitionType, ds.EchoTrainLength, ds.EchoPlanarPulseSequence = "3D", 29, "YES"
        _pointers(ds, 0x00209056, 0x00209057, 0x00189087, 0x00189089)
        private(ds, 0x2001, _IMAGE, {0x18: ("SL", _SLICES)})

    return enhanced(folder / "all.dcm", PHILIPS, frames, places, fill=fill)


def _volumes(**functions: Callable[[int], Any]) -> list[dict[str, Any]]:
    """Return five volumes."""
    return [{name: value(at) for name, value in functions.items()} for at in range(len(WEIGHTS))]


def unsaid(folder: Path, maker: str, *, comments: bool = False) -> Path:
    """Canon's single-frame files, which say the b value of weighted images only."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        b, direction = WEIGHTS[volume]
        ds.ScanningSequence, ds.SequenceVariant, ds.AcquisitionNumber = ["SE", "EP"], "NONE", volume + 1
        if b:
            ds.DiffusionBValue = b
            if comments:
                ds.ImageComments = f"b={b:.0f}({','.join(f'{one:.3f}' for one in direction)})"
            else:
                ds.DiffusionGradientOrientation = list(direction)

    return classic(folder, maker, fill)


def _backwards(ds: Dataset, volume: int) -> Dataset:
    """Number the images of PET place by place, with times that count down."""
    place = (int(ds.ImageIndex) - 1) % _SLICES
    ds.FrameReferenceTime, ds.ImageIndex = str(60000 * (3 - volume)), place * 3 + volume + 1
    return ds


def _tiles(edit: Callable[[Dataset], bool]) -> Callable[[Path], Path]:
    """Return a maker of UIH's mosaics that are changed, or left out."""
    return _changed(grids.uih_grid, lambda ds, volume: ds if edit(ds) else None, 1)


def _downwards(ds: Dataset) -> bool:
    """Turn the places of the tiles round."""
    tiles = ds[0x00651051].value
    places = [tile.ImagePositionPatient for tile in tiles]
    for tile, place in zip(tiles, reversed(places), strict=True):
        tile.ImagePositionPatient = place
    ds.ImagePositionPatient = places[-1]
    return True


def _alternating(ds: Dataset) -> bool:
    ds.ImageType = ["ORIGINAL", "PRIMARY", "MP"[int(ds.InstanceNumber) % 2], "NONE", "VFRAME"]
    for tag in (0x00651009, 0x00651037):
        del ds[tag]
    return True


def drawn(
    folder: Path, *, slab: bool = False, slices: tuple[int, ...] = (0, 1, 2, 3), origin: int = 1
) -> Path:
    """MR with overlays on some slices."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ScanningSequence, ds.SequenceVariant, ds.MRAcquisitionType = "GR", "SP", "3D" if slab else "2D"
        if place not in slices:
            return
        for element, vr, value in (
            (0x10, "US", ROWS),
            (0x11, "US", COLUMNS),
            (0x50, "SS", [origin, 1]),
            (0x100, "US", 1),
            (0x102, "US", 0),
            (0x3000, "OW", np.packbits(pixels(place).ravel() > 2000, bitorder="little").tobytes()),
        ):
            ds.add_new(0x60020000 | element, vr, value)

    return classic(folder, "SIEMENS", fill, volumes=1, orientation=SAGITTAL)


def slices(folder: Path, *, heights: tuple[float, ...], volumes: int = 1, resampled: bool = False) -> Path:
    """CT."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        for keyword in emission.MR_ONLY:
            delattr(ds, keyword)
        ds.Modality, ds.ImageType = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.RescaleSlope, ds.RescaleIntercept, ds.KVP, ds.Exposure = "1", "-1024", "120", "100"
        ds.ImagePositionPatient = [-20, -30, heights[place]]
        ds.AcquisitionNumber, ds.AcquisitionTime = volume + 1, f"1012{10 + 2 * volume}.0"
        if resampled:
            ds.DerivationDescription = "MEDCOM_RESAMPLED"

    return classic(folder, "SIEMENS", fill, volumes=volumes, slices=len(heights))


def film(folder: Path, *, modality: str, placed: bool = False) -> Path:
    """Return pictures of one file without functional groups."""
    folder.mkdir(parents=True, exist_ok=True)
    ds = plain(("1.2.3.7", "1.2.3.7.1"), "Bruker", 1)
    if modality != "MR":
        for keyword in emission.MR_ONLY:
            delattr(ds, keyword)
    ds.Modality, ds.NumberOfFrames, ds.FrameTime = modality, 5, "33"
    if placed:
        ds.ImagePositionPatient, ds.ImageOrientationPatient = [1, 2, 3], [1, 0, 0, 0, 1, 0]
    ds.PixelData = b"".join(pixels(at).tobytes() for at in range(5))
    save(ds, folder / "film.dcm")
    return folder


_INDEX = {"index": lambda at: [1 + (at > 0), at + 1], "weight": lambda at: WEIGHTS[at]}
#: Written down for machines without dcm2niix.
BASES: dict[str, Callable[[Path], Path]] = {
    "weighted_backwards": partial(weighted, counted="backwards"),
    "weighted_volumes": partial(weighted, counted="volumes"),
    "weighted_mixed": partial(weighted, weights=MIXED),
    "mapped": scaled,
    "whole_volumes": partial(whole, volumes=_volumes(**_INDEX, volume=lambda at: 5 - at)),
    "whole_scaled": partial(whole, volumes=_volumes(index=lambda at: [1, at + 1], slope=lambda at: 2.5 + at)),
    "unsaid": partial(unsaid, maker="TOSHIBA"),
    "unsaid_comments": partial(unsaid, maker="CANON_MEC", comments=True),
    "pet_backwards": _changed(emission.pet, _backwards, _SLICES),
    "uneven": partial(slices, heights=(0.0, 3.0, 6.0, 10.0, 14.9)),
    "film": partial(film, modality="US"),
    "drawn": drawn,
}
CASES: dict[str, Callable[[Path], Path]] = {
    **{
        f"weighted_{len(weights)}_{numbers}_{counted or 'not'}": partial(
            weighted, weights=weights, numbers=numbers, counted=counted
        )
        for weights in (WEIGHTS, MIXED)
        for numbers in ("places", "volumes")
        for counted in ("", "forwards", "backwards", "volumes")
    },
    "weighted_traced_backwards": partial(weighted, weights=WITH_TRACE, counted="backwards"),
    "mapped_only": partial(scaled, rescale=False),
    "components_said": partial(scaled, component=True),
    "phases": partial(phases, block=0x10),
    "phases_moved": partial(phases, block=0x30),
    "whole_later": partial(
        whole,
        software="11.1.0",
        volumes=_volumes(
            index=lambda at: [int(WEIGHTS[at][0]), 0],
            weight=lambda at: WEIGHTS[at],
            direction=lambda at: at + 1,
            volume=lambda at: 5 - at,
        ),
    ),
    "whole_planar": partial(
        whole, planar=True, volumes=_volumes(index=lambda at: [1, at + 1], begin=lambda at: 1.75 * at)
    ),
    "whole_flips": partial(whole, volumes=_volumes(index=lambda at: [1, at + 1], flip=lambda at: 10.0 + at)),
    "unsaid_toshiba_mec": partial(unsaid, maker="TOSHIBA_MEC"),
    "grid_alone": _tiles(lambda ds: ds.InstanceNumber == 1),
    "grid_downwards": _tiles(_downwards),
    "weighted_traces": partial(weighted, weights=[*WITH_TRACE[:2], WITH_TRACE[-1], *WITH_TRACE]),
    "grid_parts": _tiles(_alternating),
    "ct_downwards": partial(slices, heights=(0.0, -3.0, -6.0, -10.0, -14.0, -18.0)),
    "ct_rounded": partial(slices, heights=(0.0, 3.3, 6.5, 9.8, 13.1, 16.4)),
    "ct_rounded_downwards": partial(slices, heights=(0.0, -3.3, -6.5, -9.8, -13.1, -16.4)),
    "ct_resampled": partial(slices, heights=(0.0, 3.0, 6.0, 10.0, 14.0, 18.0), resampled=True),
    "ct_times": partial(slices, heights=(0.0, 3.0, 6.0, 9.0), volumes=3),
    "drawn_slab": partial(drawn, slab=True, slices=(1, 3)),
    "drawn_elsewhere": partial(drawn, origin=2),
    "film_mr": partial(film, modality="MR", placed=True),
    "philips_trace_first": partial(others.philips_enhanced, weights=[WITH_TRACE[-1], *WEIGHTS]),
}
