"""Series of more than one kind of image: echoes, components, orientations, phases, repeats in any order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from .made import AXIAL, classic, pixels, plain, private, save

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydcm.dataset import Dataset

MAKERS = {
    "siemens": "SIEMENS",
    "ge": "GE MEDICAL SYSTEMS",
    "philips": "Philips Medical Systems",
    "uih": "UIH",
    "canon": "CANON_MEC",
}
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)


def echoes(folder: Path, maker: str) -> Path:
    """Two repeats of three echoes."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        echo = volume % 3
        ds.EchoTime, ds.EchoNumbers = 12.0 + 10 * echo, echo + 1
        ds.AcquisitionNumber = volume // 3 + 1
        ds.ScanningSequence, ds.SequenceVariant = "EP", "SK"
        ds.AcquisitionTime = f"1012{3 * (volume // 3) + 10}.{place}"

    return classic(folder, maker, fill, volumes=6)


def parts(folder: Path, maker: str) -> Path:
    """Magnitude, phase, real and imaginary part."""
    types = {
        "siemens": ("M", "P", "R", "I"),
        "philips": ("M_FFE\\M", "P_FFE\\P", "R_FFE\\R", "I_FFE\\I"),
    }
    key = next(name for name, text in MAKERS.items() if text == maker)

    def fill(ds: Dataset, volume: int, place: int) -> None:
        words = types.get(key, types["siemens"])[volume].split("\\")
        ds.ImageType = ["ORIGINAL", "PRIMARY", *words, "ND" if key == "siemens" else "FFE"]
        ds.ScanningSequence, ds.SequenceVariant = "GR", "SP"
        ds.AcquisitionTime = f"101213.{place}"
        ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = 2, -4096 if volume else 0, "US"
        if key == "ge":
            ds.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
            private(ds, 0x0043, "GEMS_PARM_01", {0x2F: ("SS", volume)})
        if key == "philips":
            private(ds, 0x2005, "Philips MR Imaging DD 001", {0x0E: ("FL", 0.0125)})

    return classic(folder, maker, fill, volumes=4)


def planes(folder: Path, maker: str) -> Path:
    """A localizer of three orientations."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    for orientation in (AXIAL, SAGITTAL, CORONAL):
        across = np.cross(orientation[:3], orientation[3:])
        for place in range(3):
            number += 1
            ds = plain(("1.2.3.9", "1.2.3.9.1"), maker, number)
            ds.AcquisitionTime = f"1012{number + 10}.5"
            ds.ImagePositionPatient = [round(float(one), 6) for one in across * 5 * place - (20, 30, 10)]
            ds.ImageOrientationPatient = list(orientation)
            ds.PixelData = pixels(number).tobytes()
            save(ds, folder / f"{number:04d}.dcm")
    return folder


def times_first(folder: Path, maker: str) -> Path:
    """Instances counted place by place, all times of a place one after the other."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.InstanceNumber = place * 5 + volume + 1
        ds.TemporalPositionIdentifier = volume + 1
        ds.AcquisitionNumber = 1
        ds.AcquisitionTime = f"1012{10 + 2 * volume}.{place}"
        ds.ScanningSequence, ds.SequenceVariant = ["EP", "GR"], "SK"

    return classic(folder, maker, fill, volumes=5)


def phases(folder: Path, maker: str) -> Path:
    """Phases of the heart."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.InstanceNumber = place * 5 + volume + 1
        ds.TriggerTime = 40.0 * volume
        ds.ScanningSequence, ds.SequenceVariant, ds.CardiacNumberOfImages = "GR", "SP", 5
        ds.NominalInterval = 900
        ds.AcquisitionTime = f"1012{10 + 4 * place}.0"

    return classic(folder, maker, fill, volumes=5)


def derived(folder: Path, maker: str) -> Path:
    """Images and maps computed from them in one series."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.ImageType = [("ORIGINAL", "DERIVED")[volume], "PRIMARY", "M", "ND"]
        ds.AcquisitionTime = f"1012{10 + 2 * volume}.{place}"

    return classic(folder, maker, fill, volumes=2)


def repeats(folder: Path, maker: str) -> Path:
    """The same places under new acquisition numbers."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        ds.AcquisitionNumber = volume + 1
        ds.AcquisitionTime = f"1012{10 + 2 * volume}.{place}"

    return classic(folder, maker, fill, volumes=3)


SCENES: dict[str, Callable[[Path, str], Path]] = {
    scene.__name__: scene for scene in (echoes, parts, planes, derived, repeats)
}
CASES = {
    f"{key}_{name}": partial(scene, maker=maker)
    for name, scene in SCENES.items()
    for key, maker in MAKERS.items()
} | {  # dcm2niix puts the others' images in the order of their numbers
    f"{key}_{scene.__name__}": partial(scene, maker=MAKERS[key])
    for scene in (times_first, phases)
    for key in ("ge", "philips")
}
