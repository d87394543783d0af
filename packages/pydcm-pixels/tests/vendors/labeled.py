"""Perfusion by labeling: Philips' series of labels and controls, with several delays."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pydcm.dataset import Dataset
from pydcm.sequence import Sequence

from .made import classic, enhanced, private
from .others import _index, _pointers

if TYPE_CHECKING:
    from pathlib import Path

PHILIPS = "Philips Medical Systems"
_REPEATS, _KINDS, _SLICES = 2, ("LABEL", "CONTROL"), 4


def single(folder: Path, *, phases: int, triggered: bool = False, by_place: bool = False) -> Path:
    """One file per image."""
    volumes = _REPEATS * len(_KINDS) * phases

    def fill(ds: Dataset, volume: int, place: int) -> None:
        repeat, rest = divmod(volume, len(_KINDS) * phases)
        kind, phase = divmod(rest, phases)
        ds.ImageType = ["ORIGINAL", "PRIMARY", "M_FFE", "M", "FFE"]
        ds.ScanningSequence, ds.SequenceVariant = "GR", "SK"
        ds.TemporalPositionIdentifier, ds.NumberOfTemporalPositions = repeat + 1, _REPEATS
        if triggered:
            ds.TriggerTime = 300.0 * phase
        ds.InstanceNumber = place * volumes + volume + 1 if by_place else volume * _SLICES + place + 1
        ds.AcquisitionTime = f"1012{13 + 4 * repeat + 2 * kind:02d}.{place}"
        counts = {0x08: ("IS", phase + 1), 0x17: ("SL", phases), 0x18: ("SL", _SLICES)}
        private(ds, 0x2001, "Philips Imaging DD 001", counts)
        private(ds, 0x2005, "Philips MR Imaging DD 005", {0x29: ("CS", _KINDS[kind])}, 0x14)
        private(ds, 0x2005, "Philips MR Imaging DD 001", {0x0E: ("FL", 0.0125)})

    return classic(folder, PHILIPS, fill, volumes=volumes)


def whole(folder: Path, *, label_first: bool = False) -> Path:
    """One file of all images, place by place."""
    frames, places = [], []
    for place in range(_SLICES):
        for at in range(_REPEATS * len(_KINDS)):

            def add(item: Dataset, place: int = place, at: int = at) -> None:
                repeat, kind = divmod(at, len(_KINDS))
                last = [kind + 1, repeat + 1] if label_first else [repeat + 1, kind + 1]
                _index(item, [1, place + 1, *last], place)
                item.FrameContentSequence[0].TemporalPositionIndex = repeat + 1
                inner = Dataset()
                inner.FrameType = ["ORIGINAL", "PRIMARY", "PERFUSION", "NONE"]
                inner.ComplexImageComponent = "MAGNITUDE"
                item.MRImageFrameTypeSequence = Sequence([inner])
                own = Dataset()
                private(own, 0x2005, "Philips MR Imaging DD 005", {0x29: ("CS", _KINDS[kind])}, 0x14)
                wrapped = {0x0F: ("SQ", Sequence([own]))}
                private(item, 0x2005, "Philips MR Imaging DD 005", wrapped, 0x14)

            frames.append(add)
            places.append(place)

    def fill(ds: Dataset) -> None:
        ds.ImageType = ["ORIGINAL", "PRIMARY", "PERFUSION", "NONE"]
        ds.ScanningSequence, ds.SequenceVariant = "GR", "SK"
        last = (0x20051429, 0x00209128) if label_first else (0x00209128, 0x20051429)
        _pointers(ds, 0x00209056, 0x00209057, *last)
        private(ds, 0x2001, "Philips Imaging DD 001", {0x18: ("SL", _SLICES)})

    return enhanced(folder / "all.dcm", PHILIPS, frames, places, fill=fill)


CASES = {
    "asl": partial(single, phases=1),
    "asl_by_place": partial(single, phases=1, by_place=True),
    "asl_delays": partial(single, phases=3),
    "asl_triggered": partial(single, phases=3, triggered=True),
    "asl_triggered_by_place": partial(single, phases=3, triggered=True, by_place=True),
    "asl_enhanced": whole,
    "asl_enhanced_label_first": partial(whole, label_first=True),
}
