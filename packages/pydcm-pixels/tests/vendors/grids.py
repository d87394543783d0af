"""Mosaics that are not Siemens', and enhanced files of several echoes, components and times."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm.dataset import Dataset
from pydcm.sequence import Sequence

from .made import COLUMNS, OBLIQUE, ROWS, STEP, WEIGHTS, enhanced, normal, pixels, plain, private, save
from .others import _index, _pointers
from .scenes import MAKERS

if TYPE_CHECKING:
    from pathlib import Path


def uih_grid(folder: Path, orientation: tuple[float, ...] = OBLIQUE) -> Path:
    """UIH's mosaics of a diffusion-weighted series."""
    folder.mkdir(parents=True, exist_ok=True)
    count, across = 5, 3
    for at, (b, direction) in enumerate(WEIGHTS):
        ds = plain(("1.2.3.8", "1.2.3.8.1"), "UIH", at + 1, ROWS * 2, COLUMNS * across)
        ds.ImageType = ["ORIGINAL", "PRIMARY", "DIFFUSION", "NONE", "VFRAME"]
        ds.ScanningSequence, ds.SequenceVariant, ds.SequenceName = "EP", "SK", "epi_dwi"
        ds.AcquisitionNumber, ds.AcquisitionDuration = at + 1, 43.2
        ds.ImageOrientationPatient = list(orientation)
        ds.ImagePositionPatient = [-20.0, -30.0, -10.0]
        ds.AcquisitionMatrix = [COLUMNS, 0, 0, ROWS]
        tiles = np.zeros((ROWS * 2, COLUMNS * across), np.uint16)
        items = []
        for tile in range(count):
            row, column = divmod(tile, across)
            tiles[row * ROWS : (row + 1) * ROWS, column * COLUMNS : (column + 1) * COLUMNS] = pixels(
                10 * at + tile
            )
            item = Dataset()
            item.AcquisitionDate = "20260102"
            item.AcquisitionTime = f"1012{13 + 3 * at}.{tile * 2 % 5 * 100000:06d}"
            item.ImagePositionPatient = [
                round(float(one), 6) for one in normal(orientation) * STEP * tile - (20, 30, 10)
            ]
            item.ImageOrientationPatient = list(orientation)
            item.InstanceNumber = at * count + tile + 1
            items.append(item)
        ds.PixelData = tiles.tobytes()
        private(
            ds,
            0x0065,
            "Image Private Header",
            {
                0x05: ("SH", "A->P"),
                0x09: ("FD", b),
                0x0D: ("SH", "F:2S"),
                0x37: ("FD", list(direction)),
                0x50: ("DS", count),
                0x51: ("SQ", Sequence(items)),
                0x58: ("IS", "1"),
            },
        )
        save(ds, folder / f"{at:04d}.dcm")
    return folder


def _frame(item: Dataset, index: list[int], place: int, **values: Any) -> None:
    _index(item, index, place)
    content = item.FrameContentSequence[0]
    if "time" in values:
        content.FrameAcquisitionDateTime = values["time"]
        content.TemporalPositionIndex = values["temporal"]
    kind = Dataset()
    kind.FrameType = values.get("types", ["ORIGINAL", "PRIMARY", "M", "NONE"])
    kind.ComplexImageComponent = values.get("component", "MAGNITUDE")
    item.MRImageFrameTypeSequence = Sequence([kind])
    if "echo" in values:
        echo = Dataset()
        echo.EffectiveEchoTime = values["echo"]
        item.MREchoSequence = Sequence([echo])


def enhanced_times(folder: Path, maker: str, *, place_first: bool = False) -> Path:
    """Five times of four places in one file."""
    frames, places = [], []
    pairs = [(time, place) for time in range(5) for place in range(4)]
    if place_first:
        pairs.sort(key=lambda one: one[::-1])
    for time, place in pairs:

        def add(item: Dataset, time: int = time, place: int = place) -> None:
            index = [1, place + 1, time + 1] if place_first else [1, time + 1, place + 1]
            clock = f"2026010210{12 + time:02d}{place * 2 % 5 * 10:02d}.000000"
            _frame(item, index, place, time=clock, temporal=time + 1)

        frames.append(add)
        places.append(place)

    def fill(ds: Dataset) -> None:
        ds.ImageType = ["ORIGINAL", "PRIMARY", "FMRI", "NONE"]
        ds.ScanningSequence, ds.SequenceVariant = ["EP", "GR"], "SK"
        pointers = (
            (0x00209056, 0x00209057, 0x00209128) if place_first else (0x00209056, 0x00209128, 0x00209057)
        )
        _pointers(ds, *pointers)

    return enhanced(folder / "all.dcm", maker, frames, places, fill=fill, orientation=OBLIQUE)


def enhanced_echoes(folder: Path, maker: str) -> Path:
    """Three echoes of four places in one file."""
    frames, places = [], []
    for echo in range(3):
        for place in range(4):

            def add(item: Dataset, echo: int = echo, place: int = place) -> None:
                _frame(item, [1, place + 1, echo + 1], place, echo=12.0 + 10 * echo)

            frames.append(add)
            places.append(place)

    def fill(ds: Dataset) -> None:
        _pointers(ds, 0x00209056, 0x00209057, 0x00189082)

    return enhanced(folder / "all.dcm", maker, frames, places, fill=fill)


def enhanced_parts(folder: Path, maker: str) -> Path:
    """Magnitude and phase of four places in one file."""
    frames, places = [], []
    for part, name in enumerate(("MAGNITUDE", "PHASE")):
        for place in range(4):

            def add(item: Dataset, part: int = part, name: str = name, place: int = place) -> None:
                letter = "MP"[part]
                types = ["ORIGINAL", "PRIMARY", f"{letter}_FFE", letter]
                _frame(item, [1, place + 1, part + 1], place, types=types, component=name)

            frames.append(add)
            places.append(place)

    def fill(ds: Dataset) -> None:
        ds.ComplexImageComponent = "MIXED"
        _pointers(ds, 0x00209056, 0x00209057, 0x00189208)

    return enhanced(folder / "all.dcm", maker, frames, places, fill=fill)


_FILES = {
    f"{key}_{make.__name__}": partial(make, maker=maker)
    for make in (enhanced_times, enhanced_echoes, enhanced_parts)
    for key, maker in MAKERS.items()
    if make is enhanced_times or key in ("philips", "canon")  # else dcm2niix keeps all in one file
}
_ORDERS = {
    f"{key}_place_first": partial(enhanced_times, maker=MAKERS[key], place_first=True)
    for key in ("philips", "canon")  # else dcm2niix takes the frames as they come
}
CASES = {"uih_grid": uih_grid, **_FILES, **_ORDERS}
