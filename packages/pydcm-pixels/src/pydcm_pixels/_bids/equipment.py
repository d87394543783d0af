"""Who, where and what: the first part of a sidecar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._bids.acceleration import multiband
from pydcm_pixels._bids.image_type import (
    LONGEST,
    image_type,
    is_interoperable,
    last_of,
    protocol_name,
    series_number,
)
from pydcm_pixels._core._fields import put
from pydcm_pixels._series import fields
from pydcm_pixels._vendors.ge import echo_planar, release
from pydcm_pixels._vendors.header import Header, modality

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack

__all__ = [
    "acquisition_times",
    "equipment",
    "identity",
    "is_3d",
    "name_bands",
    "procedure",
    "put",
    "scanning_sequence",
    "series",
    "series_uid",
]


_CODE = (0x00080100, 0x00080102, 0x00080103, 0x00080104)


_BANDS = "Multiband "
_LONGEST_COMMENT = 255


def acquired(header: Header) -> str:
    """Return ``"2D"`` or ``"3D"``, ``""`` if it is not known; Philips' own element decides what is 3D.

    GE's silent functional series (Looping Star) are 3D, whatever they say.
    """
    stated = header.text(0x00180023)[:2]
    own = ""
    if header.maker == "Philips":
        own = header.private_text(0x2005, "Philips MR Imaging DD 001", 0x6F)
    elif header.maker == "GE":
        names = (header.private_text(0x0019, "GEMS_ACQU_01", element) for element in (0x9E, 0x9C))
        own = "3D" if "LoopingStar" in next((name for name in names if name), "") else ""
    if own == "3D" or (not own and stated == "3D"):
        return "3D"
    return stated if stated == "2D" else ""


def is_3d(header: Header) -> bool:
    """Whether the acquisition is in three dimensions."""
    return acquired(header) == "3D"


def equipment(result: dict[str, Any], header: Header) -> None:
    """Add modality, field and scanner."""
    put(result, "Modality", modality(header))
    put(result, "MagneticFieldStrength", header.number(0x00180087))
    frequency = header.number(0x00189098) or header.number(0x00180084)
    if frequency is not None and frequency < 1e6:
        put(result, "ImagingFrequency", frequency, digits=10)
    put(result, "Manufacturer", header.manufacturer)
    if header.maker == "GE":
        internal = header.private_text(0x0019, "GEMS_ACQU_01", 0x9E)
        kind = echo_planar(header)
        if header.block and release(header.text(0x00181020)) is not None and not is_3d(header):
            planar = "EP" in scanning_sequence(header)
            internal = "EPI" if planar and kind in ("epi", "rt") else internal
        elif "epi_pepolar" in header.private_text(0x0019, "GEMS_ACQU_01", 0x9C):
            kind = "pepolar"
        if internal == "EPI2" or (internal == "EPI" and kind != "pepolar"):
            result["InternalPulseSequenceName"] = internal
    put(result, "ManufacturersModelName", header.text(0x00081090))
    put(result, "InstitutionName", header.text(0x00080080))
    result["InstitutionalDepartmentName"] = header.text(0x00081040) or "None"
    put(result, "InstitutionAddress", header.text(0x00080081))
    put(result, "DeviceSerialNumber", header.text(0x00181000))
    put(result, "StationName", header.text(0x00081010))


def series_uid(header: Header) -> str:
    """Return what a series is known by: see :func:`pydcm_pixels._series.vendors.series_uid`."""
    uid, time = header.text(0x0020000E), header.text(0x00080031)
    return (time or uid) if is_interoperable(header) else uid


def identity(result: dict[str, Any], header: Header, anonymize: bool) -> None:
    """Add identifiers and the patient."""
    if anonymize:
        return
    put(result, "SeriesInstanceUID", series_uid(header))
    put(result, "StudyInstanceUID", header.text(0x0020000D))
    put(result, "StudyID", header.text(0x00200010))
    put(result, "ReferringPhysicianName", header.name(0x00080090))
    put(result, "PatientName", header.name(0x00100010))
    put(result, "PatientID", header.text(0x00100020))
    put(result, "AccessionNumber", header.text(0x00080050))
    born = header.text(0x00100030)
    if len(born) == 8 and born.isdigit():
        result["PatientBirthDate"] = f"{born[:4]}-{born[4:6]}-{born[6:]}"
    sex = header.text(0x00100040)[:1].upper()
    if sex and sex in "MFO":
        result["PatientSex"] = sex
    put(result, "PatientSize", header.number(0x00101020))
    put(result, "PatientWeight", header.number(0x00101030))
    age = header.text(0x00101010)
    if age.endswith("Y") and age[:-1].isdigit():
        result["PatientAge"] = int(age[:-1])


def name_bands(result: dict[str, Any]) -> None:
    """Say in the kind of pulse sequence that several slices were excited at once."""
    kind = result.get("PulseSequenceType", "")
    if kind.endswith(" EPI") and not kind.startswith(_BANDS):
        result["PulseSequenceType"] = f"{_BANDS}{kind}"


def pulse_sequence_type(header: Header, scanning: str, variant: str) -> str:
    """Return the kind of pulse sequence in words."""
    planar = "EP" in scanning
    prefix = _BANDS if multiband(header) > 1 else ""
    if planar:
        return f"{prefix}{'Spin' if 'SE' in scanning else 'Gradient'} Echo EPI"
    if "GR" in scanning:
        if "MP" in variant and "IR" in scanning:
            return "MPRAGE"
        return "Spoiled Gradient Echo" if "SP" in variant.split("\\") else "Gradient Echo"
    if "SE" in scanning:
        return "Inversion Recovery Spin Echo" if "IR" in scanning else "Spin Echo"
    return ""


def procedure(header: Header) -> str:
    """Return what was to be done; GE's protocol adds the pulse sequence."""
    step = header.text(0x00400254)
    if header.maker == "GE":
        step += header.block.get("PSEQ", "")
    return step[:LONGEST]


def scanning_sequence(header: Header) -> str:
    """Return the kinds of echoes and preparation; of Philips' multi-frame files the last frame's, as dcm2niix."""
    return last_of(header).text(0x00180020) or header.private_text(0x0021, "SIEMENS MR SDS 01", 0x5A)


def series(result: dict[str, Any], header: Header, stack: Stack | None, anonymize: bool) -> None:
    """Add what describes the series: names, types of image, times."""
    siemens = header.maker == "Siemens"
    put(result, "BodyPart", header.text(0x00180015))
    if header.text(0x00102210).startswith("QUADRUPED"):
        result["Quadruped"] = True
    put(result, "PatientPosition", header.text(0x00185100))
    put(result, "ProcedureStepDescription", procedure(header))
    put(result, "SoftwareVersions", header.text(0x00181020)[:LONGEST])
    put(result, "MRAcquisitionType", acquired(header))
    put(result, "StudyDescription", header.text(0x00081030))
    put(result, "SeriesDescription", header.text(0x0008103E))
    put(result, "ProtocolName", protocol_name(header))
    scanning = scanning_sequence(header)
    variant = header.private_text(0x0021, "SIEMENS MR SDS 01", 0x5B) or header.text(0x00180021)
    put(result, "ScanningSequence", scanning)
    put(result, "SequenceVariant", variant[:LONGEST])
    if modality(header) == "MR":
        put(result, "PulseSequenceType", pulse_sequence_type(header, scanning, variant))
    options = header.private_text(0x0021, "SIEMENS MR SDS 01", 0x5C) if siemens else ""
    put(result, "ScanOptions", header.text(0x00180022) or options)
    name, pulse = header.text(0x00180024), header.text(0x00189005)
    if header.maker == "GE":
        pulse = header.private_text(0x0019, "GEMS_ACQU_01", 0x9C) or pulse
    put(result, "SequenceName", name or pulse)
    if name:
        put(result, "PulseSequenceName", pulse)
    image_type(result, header, stack)
    _deidentification(result, header)
    if number := series_number(header):
        result["SeriesNumber"] = number
    earliest = header
    if header.maker == "UIH" and stack is not None and stack.first.tile is not None:
        last = max(stack.frames[0], key=lambda frame: frame.tile or (0, 0))
        earliest = Header(last)  # dcm2niix takes the last tile's
    acquisition_times(result, earliest, anonymize)
    put(result, "AcquisitionNumber", header.integer(0x00200012))
    put(result, "ImageComments", header.text(0x00204000)[:_LONGEST_COMMENT])


def _deidentification(result: dict[str, Any], header: Header) -> None:
    methods = header.text(0x00120063)[:LONGEST]
    if methods:
        result["DeidentificationMethod"] = [part.strip() for part in methods.split("\\") if part]
    items = header.items(0x00120064)
    names = ("CodeValue", "CodingSchemeDesignator", "CodingSchemeVersion", "CodeMeaning")
    codes = [
        {
            name: text
            for name, tag in zip(names, _CODE, strict=True)
            if (text := fields.text(item, tag).strip())
        }
        for item in items
    ]
    if codes:
        result["DeidentificationMethodCodeSequence"] = codes


def acquisition_times(result: dict[str, Any], header: Header, anonymize: bool) -> None:
    """Add when an image was acquired."""
    date, time = header.text(0x00080022), header.text(0x00080032)
    both = header.text(0x0008002A)
    if not date and not time and len(both) >= 14:
        date, time = both[:8], both[8:]
    clock = time.replace(":", "")
    emission = header.text(0x00080060) == "PT"
    if not (date or emission) or len(clock) < 6 or not clock[:6].isdigit() or not clock.strip("0."):
        return  # midnight to the microsecond stands for no time
    digits = clock[7:13]
    if not digits.isdigit():
        digits = "".join(mark for mark in digits if mark.isdigit())
    seconds = round(float(f"{clock[4:6]}.{digits or 0}"), 5)  # ten microseconds, as dcm2niix
    text = f"{clock[:2]}:{clock[2:4]}:{seconds:09.6f}"
    result["AcquisitionTime"] = text
    if not anonymize and not emission and len(date) >= 8 and date[:8].isdigit():
        result["AcquisitionDateTime"] = f"{date[:4]}-{date[4:6]}-{date[6:8]}T{text}"
