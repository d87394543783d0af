"""Names of outputs: patterns and endings in the manner of dcm2niix."""

from __future__ import annotations

import math
import os
import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydcm_pixels._bids.equipment import procedure, scanning_sequence, series_uid
from pydcm_pixels._bids.image_type import (
    coil,
    echo_number,
    image_number,
    protocol_name,
    series_number,
    trigger_varies,
)
from pydcm_pixels._vendors.header import Header

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack

__all__ = ["TELLS_IMAGE", "Names", "checked", "clean", "echo_mark", "expand", "planes", "suffix"]

_TAGS = {
    "c": 0x00204000,
    "d": 0x0008103E,
    "g": 0x00080050,
    "i": 0x00100020,
    "k": 0x0020000D,
    "o": 0x00080018,
    "u": 0x00200012,
    "x": 0x00200010,
    "z": 0x00180024,
}
_TEXTS: dict[str, Callable[[Header], str]] = {
    "a": coil,
    "j": series_uid,
    "l": procedure,
    "p": protocol_name,
    "q": scanning_sequence,
}
_NUMBERS = {"e": echo_number, "r": image_number, "s": series_number}
_SHORT = {
    "Siemens": "Si",
    "GE": "GE",
    "Philips": "Ph",
    "UIH": "UI",
    "Toshiba": "To",
    "Canon": "Ca",
    "Bruker": "Br",
    "Hyperfine": "Hy",
    "Mediso": "Me",
}
_MARKS = {"phase": "_ph", "real": "_real", "imaginary": "_imaginary"}
_ALONE = {
    "PHASE": "_ph",
    "REAL": "_real",
    "IMAGINARY": "_imaginary",
}  # of types, if the series has nothing else
_MAX_LENGTH = 200


#: What names must not have on some system, or what shells make something of; the same as dcm2niix.
_UNSAFE = frozenset('"$*/:;<>?\\`| ')
_CODE = re.compile(r"%(\d*)([A-Za-z%])")
#: Names that Windows keeps for devices, whatever follows after a dot.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
_TELLS_ECHO = re.compile(r"%\d*[eEoO]")
#: Patterns that tell the images of a localizer apart.
TELLS_IMAGE = re.compile(r"%\d*[rR]")
#: dcm2niix's names from guesses about the sequence; they differ from release to release.
_GUESSED = re.compile(r"%\d*[hH]")


def clean(text: str) -> str:
    """Return text that is safe in a file name on any system."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(
        "_" if mark in _UNSAFE or not mark.isprintable() or not mark.isascii() else mark
        for mark in plain
        if not unicodedata.combining(mark)
    )


def checked(pattern: str) -> str:
    """Return a pattern of names.

    Raises
    ------
    ValueError
        If names are to be guessed from the sequence (%h, %H).
    """
    if _GUESSED.search(pattern):
        raise ValueError(
            f"no names are guessed: instead of %h or %H write sub-%i/%s_%p or the like, not {pattern!r}"
        )
    return pattern


def expand(pattern: str, header: Header, *, folder: str = "") -> str:
    """Return a pattern with its ``%`` letters replaced.

    Parameters
    ----------
    pattern : str
        As for dcm2niix: %a coil, %b file, %c comments, %d description, %e echo, %f folder, %g accession number,
        %i patient's ID, %j series UID, %k study UID, %m manufacturer, %n patient's name, %o instance UID,
        %p protocol, %q scanning sequence, %r instance, %s series, %t time, %u acquisition, %v vendor, %x study ID, %z sequence.
    header : Header
        What is converted.
    folder : str, optional
        Name of the folder that it comes from.
    """
    filled = "/".join(
        _CODE.sub(lambda match: clean(_value(match[2].lower(), header, folder, match[1])), _clean_fixed(part))
        for part in pattern.replace("\\", "/").split("/")
    )
    # a pattern may make folders, but not leave the output folder; a name does not begin with a dot
    parts = [re.sub("_+", "_", part)[:_MAX_LENGTH] for part in filled.split("/")]
    parts = [f"_{part[1:]}" if part.startswith(".") else part for part in parts if part.strip(". ")]
    parts = [f"_{part}" if _DEVICE.match(part) else part for part in parts]
    folders = [
        f"{part.rstrip('.')}_" if part.endswith(".") else part for part in parts[:-1]
    ]  # Windows drops dots
    return os.path.join(*folders, parts[-1]) if parts else "dicom"


def _clean_fixed(part: str) -> str:
    """Return what is written out in a pattern as a safe name, codes as they are."""
    return "".join(one if _CODE.fullmatch(one) else clean(one) for one in re.split(r"(%\d*[A-Za-z%])", part))


def _value(letter: str, header: Header, folder: str, width: str) -> str:
    if letter == "b":
        return os.path.basename(header.frame.path)
    if letter == "f":
        return folder
    if letter == "n":
        return header.name(0x00100010)
    if letter in _TEXTS:
        return _TEXTS[letter](header)
    if letter == "v":
        return header.maker if header.maker in _SHORT else "NA"
    if letter == "m":
        return _SHORT.get(header.maker, "NA")
    if letter == "t":
        date = header.text(0x00080020)
        clock = header.text(0x00080030).replace(":", "")
        seconds = clock.replace(".", "", 1).isdigit()
        return date + (f"{float(clock):06.0f}" if seconds else clock)  # rounded, as in dcm2niix
    if letter in "ers":
        number = _NUMBERS[letter](header)
        return str(number).zfill(int(width) if 0 < len(width) < 3 else 0)
    tag = _TAGS.get(letter)
    return header.text(tag) if tag is not None else ""


class Names:
    """Names that were given to outputs, so that none is given twice.

    Attributes
    ----------
    given : set of str
        The names.
    """

    def __init__(self) -> None:
        self.given: set[str] = set()
        self._tried: dict[str, int] = {}

    def another(self, base: str, ending: str, is_taken: Callable[[str], bool]) -> str:
        """Return a name with a letter at its end, or two, or a number, that was not given and is not taken."""
        number = self._tried.get(base, 0)
        while True:
            letters = chr(97 + number % 26)
            if number >= 26:
                letters = chr(96 + number // 26 % 26) + letters if number < 26 * 26 else str(number)
            number += 1
            name = f"{base}{letters}{ending}"
            if name not in self.given and not is_taken(name):
                self._tried[base] = number
                return name


def planes(stacks: list[Stack]) -> dict[int, str]:
    """Return endings for the stacks of series of several orientations (localizers), by the stacks' identity."""
    series: dict[tuple[object, ...], list[Stack]] = {}
    for stack in stacks:
        series.setdefault((stack.series_uid, stack.first.rows, stack.first.columns), []).append(stack)
    endings = {}
    for members in series.values():
        first = members[0].first.orientation
        if first is None or all(one.first.orientation == first for one in members):
            continue
        for one in members:
            numbers = [image_number(Header(frame)) for volume in one.frames for frame in volume]
            endings[id(one)] = f"_i{min(numbers):05d}"
    return endings


def echo_mark(header: Header) -> str:
    """Return the number of an echo, its time if it has none."""
    time = header.number(0x00189082) or header.number(0x00180081) or 0
    return str(echo_number(header) or format(time, "g"))


def suffix(stack: Stack, sidecar: dict[str, Any], pattern: str = "", *, merged: bool = False) -> str:
    """Return the ending that tells an output from others of its series: echo, component, trigger time.

    What the pattern of the name tells already is left out, and the coil if a series was `merged`.
    """
    kind = stack.kind
    result = ""
    header = Header(stack.first)
    if "ReceiveCoilName" in stack.varying and not merged:
        result += f"_c{clean(header.text(0x00181250))}"
    times = (
        header.private_numbers(0x2005, "Philips MR Imaging DD 001", 0x30) if header.maker == "Philips" else []
    )
    if sum(time > 0 for time in times) > 1:  # two repetition times in turn, of maps of B1
        result += f"_r{sidecar.get('RepetitionTime', 0) * 1000:.0f}"
    if _TELLS_ECHO.search(pattern):
        pass
    elif "echo_number" in kind or "echo_time" in kind or sidecar.get("EchoNumber", 1) > 1:
        result += f"_e{sidecar.get('EchoNumber') or echo_mark(header)}"
    elif "flip_angle" in kind or "repetition_time" in kind:  # as dcm2niix
        result += f"_e{echo_mark(header)}"
    if "NOISE" in sidecar.get("ImageTypeText", ()):
        result += "_noRF"  # Siemens XA: acquired without excitation
    component = str(kind.get("component", ""))
    if "FIELDMAPHZ" in sidecar.get("ImageType", ()):
        result += "_fieldmaphz"
    elif component in _MARKS:
        result += _MARKS[component]
        if component == "phase" and {"PHASE", "MAGNITUDE"}.issubset(sidecar.get("ImageType", ())):
            result += "Mag"
    else:
        words = sidecar.get("ImageType", ())
        result += "".join(mark for word, mark in _ALONE.items() if word in words)
        if "PHASE" in words and "MAGNITUDE" in words:
            result += "Mag"
    delay = kind.get("trigger_time") or 0
    if not delay and header.maker == "Philips" and not trigger_varies(header, stack):
        delay = sidecar.get("TriggerDelayTime") or 0
    if isinstance(delay, float | int) and delay >= 1:
        result += f"_t{math.floor(delay + 0.5)}"
    return result
