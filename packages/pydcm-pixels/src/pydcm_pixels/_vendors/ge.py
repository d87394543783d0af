"""GE: kinds of pulse sequences, software releases, directions of phase encoding, tensor files."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple

from pydcm_pixels._series.vendors import ge_polarity

if TYPE_CHECKING:
    from pydcm_pixels._vendors.header import Header

__all__ = [
    "Release",
    "cycling",
    "echo_planar",
    "group_delay",
    "is_diffusion",
    "n_directions",
    "release",
    "tensor_file",
    "unflipped",
]


def echo_planar(header: Header) -> str:
    """Return the kind of echo-planar sequence, ``""`` if it is none: by its name, and by the options of the protocol.

    ``"epi"`` is multi-phase, ``"rt"`` BrainWave's, ``"diffusion"`` is spin-echo, ``"pepolar"`` a research sequence with
    phase encoding in both directions.
    """
    kind = _named(header)
    if kind in ("pepolar", "rt"):
        return kind
    options = header.block.get("IOPT", "")
    if "FMRI" in options:
        return "rt"
    if kind == "epi" or "MPh" in options:
        return "epi"
    return kind


def group_delay(header: Header) -> float:
    """Return the pause after each volume (s) in the protocol of a multi-phase series, 0 if there is none.

    It counts only if the delay was not set to the least possible one, and is the same after all volumes.
    """
    options = header.block.get("IOPT", "")
    set_to = next((value for name, value in header.block.items() if name.startswith("DELACQ")), "")
    if "MPhVar" in options or ("MPh" in options and set_to == "Minimum"):
        return 0.0
    delay = header.block.get("DELACQNOAV", "")
    return float(delay) if delay.replace(".", "", 1).isdecimal() else 0.0


def _named(header: Header) -> str:
    name = header.private_text(0x0019, "GEMS_ACQU_01", 0x9C)
    internal = header.private_text(0x0019, "GEMS_ACQU_01", 0x9E)
    if header.private_number(0x0043, "GEMS_PARM_01", 0x7C) is not None:  # only those have a delay of groups
        return "rt"
    if "epi_pepolar" in name:
        return "pepolar"
    for part, kind in (("epi2", "diffusion"), ("epiRT", "rt"), ("epi", "epi")):
        if part in name:
            return "epi" if kind == "diffusion" and internal == "EPI" else kind
    return {"EPI": "epi", "EPI2": "diffusion"}.get(internal, "")


def is_diffusion(header: Header) -> bool:
    """Whether an image is of the spin-echo EPI sequence that is used for diffusion, and has a b value."""
    names = [header.private_text(0x0019, "GEMS_ACQU_01", element) for element in (0x9C, 0x9E)]
    return ("epi2" in names[0] or names[1] == "EPI2") and bool(
        header.private_numbers(0x0043, "GEMS_PARM_01", 0x39)
    )


def n_directions(header: Header) -> int | None:
    """Return how many directions a series has, 0 if its images are means of several directions, ``None`` if not known."""
    image = header.private_number(0x0043, "GEMS_PARM_01", 0x30) or 0
    series = header.private_number(0x0021, "GEMS_RELA_01", 0x5A) or 0
    if (image > 0 and image not in (14, 16)) or (series > 0 and series != 16):  # 14: reference, 16: tensor
        return 0
    stated = header.private_number(0x0019, "GEMS_ACQU_01", 0xE0)
    return None if stated is None else round(stated)


def unflipped(header: Header) -> bool | None:
    """Whether the polarity of phase encoding is the usual one, ``None`` if that is not known.

    From release RX27 on it is in the standard's (0018,9034) Rectilinear Phase Encode Reordering, before in the scanner's
    own header (0043,xx2A).
    """
    found = {"L": False, "R": True}.get(header.text(0x00189034)[:1].upper())
    if found is None:
        content = header.private(0x0043, "GEMS_PARM_01", 0x2A)
        found = _polarity(content) if isinstance(content, bytes) else None
    if found is not None and ge_polarity(header.frame.ds)[0]:
        return not found
    return found


def _polarity(content: bytes) -> bool | None:
    """Return the polarity in the header of the raw data: two flags, for blips and for the order of the views."""
    try:
        (start,) = struct.unpack_from("<H", content, 24)
        (version,) = struct.unpack_from("<f", content, start)
        if len(content) < start + 916 or not 5 <= version <= 40:
            return None
        views = 0x394
        if version >= 25.002:
            start, views = start + 0x4C, views - 0x8C
        (options,) = struct.unpack_from("<H", content, start + 0x3A)
        (blips,) = struct.unpack_from("<H", content, start + 0x30)
        (order,) = struct.unpack_from("<H", content, start + views)
    except struct.error:
        return None
    if not options & 0x800:  # not echo-planar
        return None
    return (not blips & 4) != (order == 2)


class Release(NamedTuple):
    """A release of GE's software: RX27.0_R02 is 27, 0 and 2."""

    major: int
    minor: int
    revision: int


_RELEASE = re.compile(r"[A-Z]{2}(\d+)\.(\d+)_(?:R(\d+)|EA)?", re.IGNORECASE)


def release(versions: str) -> Release | None:
    """Return the release in (0018,1020) Software Versions, ``None`` if there is none."""
    if len(versions) < 10:
        return None
    match = _RELEASE.search(versions)
    return Release(int(match[1]), int(match[2]), int(match[3] or 0)) if match else Release(0, 0, 0)


_CYCLING_SCANNERS = ("Premier", "UHP", "7.0T")


def cycling(header: Header) -> str:
    """Return how the directions of diffusion gradients rotate between slices, ``""`` if they do not."""
    model = header.text(0x00081090)
    if not any(name in model for name in _CYCLING_SCANNERS):
        return ""
    special = header.private_number(0x0019, "GEMS_ACQU_01", 0xB6) or 0
    if abs(special - 0.72) < 1e-5 if "Premier" in model else 0.5 <= special <= 1:
        return "SPOFF"
    return {2: "2TR", 3: "3TR"}.get(round(header.private_number(0x0019, "GEMS_ACQU_01", 0xB3) or 0), "ALLTR")


def tensor_file(header: Header) -> int:
    """Return the number of the file of directions, 0 if it is not known."""
    number = round(header.private_number(0x0019, "GEMS_ACQU_01", 0xB2) or 0)
    return number or {"2TR": 2, "3TR": 3}.get(cycling(header), 0)
