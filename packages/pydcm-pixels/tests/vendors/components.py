"""Made series whose echoes and components do not go together, and Philips' field maps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pydcm.dataset import Dataset
from pydcm.sequence import Sequence

from .emission import MR_ONLY
from .made import WEIGHTS, classic, enhanced, private
from .others import _index, _pointers, philips, philips_enhanced

if TYPE_CHECKING:
    from pathlib import Path

PHILIPS = "Philips Medical Systems"
_TYPES = {
    "magnitude": ["ORIGINAL", "PRIMARY", "M_FFE", "M", "FFE"],
    "phase": ["ORIGINAL", "PRIMARY", "PHASE MAP", "P", "FFE"],
    "real": ["ORIGINAL", "PRIMARY", "R_FFE", "R", "FFE"],
    "derived": ["DERIVED", "PRIMARY", "M", "ND"],
    "map": ["ORIGINAL", "PRIMARY", "B0 MAP", "B0", "UNSPECIFIED"],
}


def echoes(
    folder: Path, volumes: list[tuple[int, str]], maker: str = "CANON_MEC", *, numbered: bool = True
) -> Path:
    """Single-frame files; each volume is an echo and what its values are."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        echo, component = volumes[volume]
        ds.EchoTime, ds.ImageType = str(2.3 * echo), _TYPES[component]
        ds.ImagingFrequency = "123.2086343"
        if numbered:
            ds.EchoNumbers = echo

    return classic(folder, maker, fill, volumes=len(volumes))


def field_map(folder: Path, kind: str = "map", scanning: str = "RM") -> Path:
    """A file of magnitudes and of a field map, told by the items that Philips adds to frames."""
    frames, places = [], []
    for volume in range(2):
        for place in range(4):

            def frame(item: Dataset, volume: int = volume, place: int = place) -> None:
                _index(item, [1, place + 1, volume + 1, volume + 1], place)
                stated = Dataset()
                stated.FrameType = ["ORIGINAL", "PRIMARY", "T1", "FIELD_MAP" if volume else "M"]
                stated.ComplexImageComponent = "REAL" if volume else "MAGNITUDE"
                stated.AcquisitionContrast = "T1"
                item.MRImageFrameTypeSequence = Sequence([stated])
                echo = Dataset()
                echo.EffectiveEchoTime = 0.0 if volume else 1.52
                item.MREchoSequence = Sequence([echo])
                own = Dataset()
                own.ImageType = _TYPES[kind if volume else "magnitude"]
                own.ScanningSequence = scanning if volume else "GR"
                own.SequenceVariant, own.EchoNumbers = "SS", 1
                private(
                    own, 0x2005, "Philips MR Imaging DD 001", {0x0E: ("FL", 4.095 if volume else 8.4e-06)}
                )
                private(
                    item, 0x2005, "Philips MR Imaging DD 005", {0x0F: ("SQ", Sequence([own]))}, block=0x14
                )

            frames.append(frame)
            places.append(place)

    def fill(ds: Dataset) -> None:
        ds.ImageType, ds.ComplexImageComponent = ["ORIGINAL", "PRIMARY", "T1", "MIXED"], "MIXED"
        ds.PulseSequenceName, ds.MRAcquisitionType, ds.AcquisitionContrast = "FFE", "3D", "T1"
        _pointers(ds, 0x00209056, 0x00209057, 0x00089208, 0x00189082)

    return enhanced(folder / "map.dcm", PHILIPS, frames, places, fill=fill)


def detector(folder: Path) -> Path:
    """Slices of an NM volume, whose place is that of the detector."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        for keyword in MR_ONLY:
            delattr(ds, keyword)
        ds.Modality, ds.Units = "NM", "BQML"
        item = Dataset()
        item.ImagePositionPatient, item.ImageOrientationPatient = (
            ds.ImagePositionPatient,
            ds.ImageOrientationPatient,
        )
        del ds.ImagePositionPatient, ds.ImageOrientationPatient
        ds.DetectorInformationSequence = Sequence([item])

    return classic(folder, "SIEMENS", fill, volumes=1)


#: A direction that scanners store with b = 0.
_PLANNED = (0.6, 0.0, 0.8)
_WITH_PLANNED = [(0.0, _PLANNED), *WEIGHTS[1:]]

_SERIES: dict[str, list[tuple[int, str]]] = {
    "two": [(1, "magnitude"), (2, "phase")],
    "second_twice": [(1, "magnitude"), (2, "magnitude"), (2, "phase")],
    "first_twice": [(1, "magnitude"), (1, "phase"), (2, "phase")],
    "first_later": [(1, "magnitude"), (2, "magnitude"), (1, "phase")],
    "real": [(1, "magnitude"), (2, "real")],
    "derived": [(1, "magnitude"), (2, "derived")],
    "map": [(1, "magnitude"), (2, "map")],
}
CASES: dict[str, Any] = {f"echoes_{name}": partial(echoes, volumes=one) for name, one in _SERIES.items()}
CASES |= {
    f"echoes_unnumbered_{name}": partial(echoes, volumes=one, numbered=False)
    for name, one in _SERIES.items()
    if name != "map"
}
CASES |= {
    f"echoes_philips_{name}": partial(echoes, volumes=one, maker=PHILIPS) for name, one in _SERIES.items()
}
CASES |= {
    "detector": detector,
    "field_map": field_map,
    "field_map_real": partial(field_map, kind="real"),
    "field_map_gradient": partial(field_map, scanning="GR"),
    "field_map_real_gradient": partial(field_map, kind="real", scanning="GR"),
}
CASES |= {
    "planned": partial(philips, weights=_WITH_PLANNED),
    "planned_alone": partial(philips, weights=[(0.0, _PLANNED)] * 2),
    "planned_enhanced": partial(philips_enhanced, weights=_WITH_PLANNED),
    "unweighted_enhanced": partial(philips_enhanced, weights=WEIGHTS[:1] * 2),
}
