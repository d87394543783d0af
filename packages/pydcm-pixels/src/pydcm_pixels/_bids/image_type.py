"""What kind of values an image has: types, complex component, corrections."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

from pydcm_pixels._series import fields
from pydcm_pixels._series.frame import Frame
from pydcm_pixels._series.problems import CSA_NON_IMAGE
from pydcm_pixels._series.vendors import ge_is_map, ge_polarity
from pydcm_pixels._vendors.header import Header, once

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack

__all__ = [
    "LONGEST",
    "coil",
    "components",
    "echo_number",
    "image_number",
    "image_type",
    "is_derived",
    "is_field_map",
    "is_raw",
    "is_interoperable",
    "last_of",
    "learnt",
    "protocol_name",
    "rows_are_reversed",
    "series_number",
    "trigger_delay",
    "trigger_varies",
    "words_of",
]

#: How much dcm2niix keeps of a text with several values: what it cuts off is not comparable with its sidecars.
LONGEST = 65
_ECHO = 0x00180086
_COMPONENTS = {
    "MAGNITUDE": ("M", "MAGNITUDE"),
    "PHASE": ("P",),
    "REAL": ("R", "REAL"),
    "IMAGINARY": ("I", "IMAGINARY"),
}
_GE_COMPONENTS = {0: "MAGNITUDE", 1: "PHASE", 2: "REAL", 3: "IMAGINARY"}
_REAL = 2
_DERIVED = ("ADC", "TRACEW", "TRACE", "FA")
#: Raw data, and label maps, whose class begins with the same number.
_RAW = ("1.2.840.10008.5.1.4.1.1.66", "1.2.840.10008.5.1.4.1.1.66.7", CSA_NON_IMAGE)
_LEARNT = ("DRB", "DRG", "DRS")  # Siemens' Deep Resolve: Boost, Gain, Sharp


def words_of(text: str) -> list[str]:
    """Return the words of a type, parts that are joined by underscores as words of their own."""
    return [word for word in text.replace("\\", "_").split("_") if word]


@lru_cache(maxsize=64)  # the images of a series say the same
def _stated(types: str) -> frozenset[str]:
    """Return the components that the words of *Image Type* name."""
    words = words_of(types.upper())
    inner = words[1:-1]  # a lone letter counts between others: the last may mean anything
    found = {name for name, marks in _COMPONENTS.items() if any(mark in inner for mark in marks)}
    if any("PHASE" in word for word in words):
        found.add("PHASE")
    return frozenset(found)


@once
def components(header: Header) -> set[str]:
    """Return which of magnitude, phase, real and imaginary part the header says that an image is."""
    found = set(_stated(header.own_text(0x00080008)))
    own = header.own_text(0x00089208).upper()
    stated = own if header.frame.groups is None else header.text(0x00089208).upper()
    if own == "MIXED" and stated == "MAGNITUDE":
        stated = ""
    if stated in _COMPONENTS:
        found.add(stated)
    if header.maker == "GE":
        number = header.private_number(0x0043, "GEMS_PARM_01", 0x2F)
        mapped = ge_is_map(header.frame.ds)
        if mapped:
            found.add("REAL")
        elif number in _GE_COMPONENTS and (mapped is None or number != _REAL):
            found.add(_GE_COMPONENTS[int(number)])
    return found


@lru_cache(maxsize=64)
def _says_derived(types: str) -> bool:
    words = words_of(types.upper())
    return "DERIVED" in words or any(mark in words[1:-1] for mark in _DERIVED)


def is_derived(header: Header) -> bool:
    """Whether an image is computed from others, or of a class of raw data, which dcm2niix takes for the same."""
    return _says_derived(header.own_text(0x00080008)) or is_raw(header)


def is_raw(header: Header) -> bool:
    """Whether a file is of a class of raw data: its output's name ends in ``_Raw``, as dcm2niix's."""
    return header.own_text(0x00080016) in _RAW


def protocol_name(header: Header) -> str:
    """Return *Protocol Name* or what there is instead; of images that Siemens moved onto each other, with a mark."""
    siemens = header.maker == "Siemens"
    name = header.text(0x00181030) or header.text(0x0008103E)
    name = name or (header.protocol.text("tProtocolName") if siemens else header.text(0x00180024))
    moved = name and siemens and "MOCO" in header.own_text(0x00080008).split("\\")
    return f"{name}_MoCo" if moved else name


def rows_are_reversed(header: Header) -> bool:
    """Whether rows are stored in reverse order, against what the header says: GE's images of reversed polarity."""
    return header.maker == "GE" and ge_polarity(header.frame.ds)[0]


def series_number(header: Header) -> int:
    """Return the number of a series; 1000 is added for the reversed half of a series with both polarities."""
    apart = header.maker == "GE" and ge_polarity(header.frame.ds) == (True, True)
    own = header.text(0x00080031) if is_interoperable(header) else ""  # the series' UID, as in dcm2niix
    number = header.integer(0x00200011) or crc32((own or header.text(0x0020000E)).encode())
    return number + (1000 if apart else 0)


def is_interoperable(header: Header) -> bool:
    """Whether a file has one image of Siemens XA: series are told apart by their times then, as in dcm2niix."""
    single = header.frame.groups is None or header.integer(0x00280008) == 1
    return header.maker == "Siemens" and single and "XA" in header.text(0x00181020)[1:]


def image_number(header: Header) -> int:
    """Return the number of an image; of Siemens XA's single images with that of the series before it, as in dcm2niix."""
    number = header.integer(0x00200013)
    return number + 1000 * series_number(header) if is_interoperable(header) else number


def _counters(header: Header) -> list[str]:
    """Return the counters of Siemens' reconstruction if the standard's elements do not number the echo: coil, echo, …"""
    if header.maker != "Siemens" or header.integer(_ECHO) > 1:
        return []
    return header.private_text(0x0021, "SIEMENS MR SDI 02", 0x06).split("_")


def echo_number(header: Header) -> int:
    """Return the number of an echo, 0 if it is not known."""
    counters = _counters(header)
    counted = int(counters[1]) if len(counters) > 1 and counters[1].isdecimal() else 0
    return max(header.integer(_ECHO), counted)


def coil(header: Header) -> str:
    """Return the name of the coil; of Siemens the elements that were used, or the one that an image is of."""
    named = header.private_text(0x0051, "SIEMENS MR HEADER", 0x0F) if header.maker == "Siemens" else ""
    counters = _counters(header)
    element = counters[0] if counters and counters[0].isdecimal() else ""
    return named or element or header.text(0x00181250)


def is_field_map(header: Header) -> bool:
    """Whether an image's values are frequencies, Hz."""
    if header.maker not in ("Philips", "GE"):
        return False
    mapped = ge_is_map(header.frame.ds) if header.maker == "GE" else None
    if mapped is not None:
        return mapped
    stated = (
        header.text if header.maker == "Philips" else header.own_text
    )  # multi-frame files: of the frame's own item
    words = words_of(stated(0x00080008).upper().replace(" ", "_"))
    return "B0" in words and "MAP" in words


@once
def last_of(header: Header) -> Header:
    """Return the header of the last frame of Philips' multi-frame file: some of its elements stand for all, as in dcm2niix."""
    frame = header.frame
    groups = (
        fields.items(frame.ds, 0x52009230) if header.maker == "Philips" and frame.groups is not None else ()
    )
    return Header(Frame(frame.image, len(groups) - 1, groups[-1])) if groups else header


def trigger_varies(header: Header, stack: Stack) -> bool:
    """Say whether images of one of Philips' multi-frame files follow their trigger at several delays."""
    if header.maker != "Philips" or header.frame.groups is None:
        return False
    if stack.kind.get("trigger_time"):
        return True
    return len({_trigger(Header(volume[0])) for volume in stack.frames}) > 1


def _trigger(header: Header) -> float:
    return header.number(0x00209153) or header.number(0x00181060) or 0.0


def trigger_delay(header: Header) -> float:
    """Return milliseconds between trigger and acquisition of Philips' frame, 0 if they only tell the time in the scan."""
    delay = _trigger(header)
    begin = header.private_number(0x2005, "Philips MR Imaging DD 001", 0xA0)
    return 0.0 if begin is not None and abs(begin * 1000 - delay) < 1e-3 * max(delay, 1) else delay


def image_type(result: dict[str, Any], header: Header, stack: Stack | None) -> None:
    """Add the types of the image and what follows from them."""
    types = words_of((header.own_text(0x00080008) or header.text(0x00080008))[:LONGEST])
    if types:
        inner = types[1:-1]
        found = components(header) if result.get("Modality") == "MR" else set()
        if "REAL" in found and is_field_map(header):
            extra = [] if "FIELDMAPHZ" in inner else ["FIELDMAPHZ"]
        else:
            several = (
                stack is not None
                and header.frame.groups is not None
                and header.frame.tile is None
                and header.maker != "Siemens"
                and (stack.kind or trigger_varies(header, stack))
            )
            if several:
                found = found - {"MAGNITUDE"}  # dcm2niix tells it of whole files only
            extra = [name for name in _COMPONENTS if name in found and name not in inner]
        result["ImageType"] = [*types, *extra]
    siemens = header.maker == "Siemens"
    text = words_of(header.private_text(0x0021, "SIEMENS MR SDI 02", 0x75)) if siemens else []
    if text:
        result["ImageTypeText"] = text
    words = {*types, *text}
    if words & {"DIS2D", "DIS3D"}:
        result["NonlinearGradientCorrection"] = True
    if "ND" in words:
        result["NonlinearGradientCorrection"] = False
    if is_derived(header):
        result["RawImage"] = False


@once
def learnt(header: Header) -> str | None:
    """Return what the header says of a reconstruction by a learnt model, ``None`` if it was none."""
    if header.maker == "Siemens":
        text = header.private_text(0x0021, "SIEMENS MR SDI 02", 0x75)
        words = words_of(header.own_text(0x00080008))[1:-1] + words_of(text)[1:-1]
        if not any(word in _LEARNT for word in words):
            return None
        return header.private_text(0x0021, "SIEMENS MR SDI 02", 0x76)
    if header.maker == "GE":
        return header.private_text(0x0043, "GEMS_PARM_01", 0xCA) or None
    if header.maker == "Philips":
        text = header.private_text(0x2005, "Philips MR Imaging DD 002", 0x10)
        return text if "_AI" in text else None
    return None
