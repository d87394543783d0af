"""How many lines, echoes and slices are acquired at once, or not at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydcm_pixels._vendors.csa import floats
from pydcm_pixels._vendors.header import once

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm_pixels._vendors.header import Header

__all__ = [
    "compressed",
    "echo_train",
    "in_plane",
    "mode",
    "mosaic_times",
    "multiband",
    "out_of_plane",
    "partial_fourier",
]

_PHILIPS = "Philips Imaging DD 001"
_PAT_COMPRESSED = 256


def mode(header: Header, letter: str, *, alone: bool = False) -> float:
    """Return the factor after a letter in Siemens' text: p2s4 is 2 in the plane, 4 slices; `alone`: if it has no other."""
    text = header.private_text(0x0051, "SIEMENS MR HEADER", 0x11)
    text = text or header.private_text(0x0021, "SIEMENS MR SDS 01", 0x09)
    pattern = rf"{letter}(\d+\.?\d*)"
    match = re.fullmatch(pattern, text.strip()) if alone else re.search(pattern, text)
    return float(match[1]) if match else 0.0


def mosaic_times(header: Header) -> Sequence[float]:
    """Return when the slices of Siemens' mosaic were acquired, ms; empty if that is not known."""
    times = floats(header.csa("MosaicRefAcqTimes"))
    return times or header.private_numbers(0x0019, "SIEMENS MR HEADER", 0x29)


@once
def multiband(header: Header) -> int:
    """Return how many slices were excited at once, 1 if that is not known.

    Of Siemens by the scanner's text or the times of a mosaic: what the protocol planned is not reliable.
    """
    if header.maker == "Siemens":
        times = mosaic_times(header)
        at_once = times.count(min(times)) if times else 1
        return max(int(mode(header, "s")), at_once, 1)
    if header.maker == "GE":
        found = header.private_text(0x0043, "GEMS_PARM_01", 0xB6).split("\\")[0].strip()
        return max(int(found) if found.isdigit() else 1, 1)
    return 1


def in_plane(header: Header) -> float:
    """Return the acceleration along phase encoding, 0 if it is not known."""
    stated = header.number(0x00189069) or 0.0
    own = 0.0
    if header.maker == "GE":
        found = header.private_numbers(0x0043, "GEMS_PARM_01", 0x83)
        own = 1 / found[0] if found and found[0] > 0 else 0.0
    elif header.maker == "UIH":
        digits = re.findall(
            r"[\d.]+", header.private_text(0x0065, "Image Private Header", 0x0D).partition(":")[2]
        )
        own = float(digits[0]) if digits and digits[0].count(".") < 2 and digits[0] != "." else 0.0
    elif header.maker == "Siemens":
        own = header.protocol.number("sPat.lAccelFactPE") or mode(header, "p", alone=True)
        return own or (stated if stated > 1 else 0.0)
    elif header.maker == "Philips" and stated > 1 and "CSENSE" in header.text(0x00189078):
        return 1.0
    return max(own, stated)


@once
def out_of_plane(header: Header) -> float:
    """Return the acceleration along the second phase encoding, 0 if it is not known."""
    if header.maker == "GE":
        found = header.private_numbers(0x0043, "GEMS_PARM_01", 0x83)
        if len(found) > 1 and found[1] > 0:
            return 1 / found[1]
    if header.maker == "Siemens":
        return header.protocol.number("sPat.lAccelFact3D") or 0.0
    return header.number(0x00189155) or 0.0


def compressed(header: Header) -> float:
    """Return the acceleration by compressed sensing, 0 without."""
    if header.maker == "GE":
        text = header.private_text(0x0043, "GEMS_PARM_01", 0xB7).split("\\")[0]
        try:
            return float(text)
        except ValueError:
            return 0.0
    if header.maker == "Philips" and "CSENSE" in header.text(0x00189078):
        return header.number(0x00189069) or 0.0
    if header.maker == "Siemens" and header.protocol.integer("sPat.ucPATMode") == _PAT_COMPRESSED:
        total = header.protocol.number("sPat.dTotalAccelFact") or 0.0
        return total if total > in_plane(header) * out_of_plane(header) else 0.0
    return 0.0


@once
def echo_train(header: Header) -> int:
    """Return the number of echoes after an excitation, 0 if it is not known."""
    if header.maker == "UIH" and "gre_fsp" in header.text(0x00180024):
        return 0
    train = header.integer(0x00189241)
    train = train if train > 1 else header.integer(0x00180091)
    if not train and header.maker == "Philips":
        train = int(header.private_number(0x2001, _PHILIPS, 0x13) or 0)
    return train


def partial_fourier(header: Header) -> bool:
    """Whether a part of the lines was not acquired."""
    if header.text(0x00189081).startswith("Y") or "PFF" in header.text(0x00180022):
        return True
    return header.maker == "Philips" and header.private_text(0x2001, _PHILIPS, 0x19).upper().startswith("Y")
