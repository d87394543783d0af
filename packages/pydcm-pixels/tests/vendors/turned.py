"""Diffusion-weighted series of every maker in oblique orientations, slices in falling order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from .made import AXIAL, WEIGHTS, classic, private
from .scenes import CORONAL, MAKERS, SAGITTAL
from .siemens import PROTOCOL, headers, mosaic, weighting

if TYPE_CHECKING:
    from pathlib import Path

    from pydcm.dataset import Dataset


def _turned(orientation: tuple[float, ...], degrees: float) -> tuple[float, ...]:
    angle = np.radians(degrees)
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    return tuple(round(float(one), 8) for one in (np.reshape(orientation, (2, 3)) @ turn).ravel())


ORIENTATIONS = {
    "axial": _turned(AXIAL, 20),
    "sagittal": _turned(SAGITTAL, 15),
    "coronal": _turned(CORONAL, -25),
}


def weighted(folder: Path, maker: str, orientation: tuple[float, ...]) -> Path:
    """Weighted images with the elements that the maker has for directions."""

    def fill(ds: Dataset, volume: int, place: int) -> None:
        b, direction = WEIGHTS[volume]
        ds.DiffusionBValue, ds.ScanningSequence = b, "EP"
        ds.AcquisitionTime = f"1012{13 + volume}.{place}"
        if b:
            ds.DiffusionGradientOrientation = list(direction)
        if maker == MAKERS["siemens"]:
            headers(ds, weighting(volume), PROTOCOL)
        elif maker == MAKERS["uih"]:
            private(ds, 0x0065, "Image Private Header", {0x09: ("FD", b), 0x37: ("FD", list(direction))})
        elif maker == MAKERS["philips"]:
            parts = {0xB0 + at: ("FL", one) for at, one in enumerate(direction)}
            private(ds, 0x2005, "Philips MR Imaging DD 001", parts)
        elif maker == MAKERS["canon"] and b:
            del ds.DiffusionGradientOrientation
            ds.ImageComments = f"b={b:.0f}({','.join(f'{one:.3f}' for one in direction)})"

    return classic(folder, maker, fill, orientation=orientation, step=-3.0)


CASES = {
    f"{key}_{name}": partial(weighted, maker=maker, orientation=orientation)
    for name, orientation in ORIENTATIONS.items()
    for key, maker in MAKERS.items()
} | {
    f"mosaic_{name}_{'against' if flipped else 'along'}": partial(
        mosaic, orientation=orientation, flipped=flipped
    )
    for name, orientation in ORIENTATIONS.items()
    for flipped in (False, True)
}
