"""PET: tracer, corrections, reconstruction and frames, by the names of BIDS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydcm_pixels._bids.equipment import put
from pydcm_pixels._bids.volume_timing import seconds_of
from pydcm_pixels._series import fields
from pydcm_pixels._vendors.header import Header, rounded

if TYPE_CHECKING:
    from pydcm.dataset import Dataset
    from pydcm_pixels._series.stack import Stack

__all__ = ["recon_filter", "tracer", "units"]

_UNITS = {"BQML": "Bq/mL"}
_MEGA = 1e6
_DAY = 86400  # s
_OSEM = "Ordered Subset Expectation Maximization"
_PSF = "Point-Spread Function"
#: Whole names of methods, by what they contain; the first that fits.
_NAMED = (
    ("PSF+TOF3i21s", f"{_PSF} + Time Of Flight"),
    ("PSF TOF 3D OSEM", f"{_PSF} 3D Time Of Flight"),
    ("OP-OSEM", f"Ordinary Poisson - {_OSEM}"),
    ("OSEM3D-OP-PSF", f"Ordinary Poisson 3D {_OSEM} + {_PSF}"),
    ("LOR-RAMLA", "Line Of Response - Row Action Maximum Likelihood"),
    ("3D-RAMLA", "3D Row Action Maximum Likelihood"),
    ("3DRP", "3DRP"),
    ("3D Kinahan-Rogers", "3D Kinahan-Rogers"),
)
#: Parts of names, in this order; of a group in brackets the first that fits.
_PARTS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("OSEM", _OSEM), ("OS", "Ordered Subset")),
    (("LOR", "Line Of Response"),),
    (("RAMLA", "Row Action Maximum Likelihood"),),
    (("OP", "Ordinary Poisson"),),
    (("PSF", f"{_PSF} modelling"),),
    (("TOF", "Time Of Flight"),),
    (("TF", "Time Of Flight"),),
    (("VPHD", "VUE Point HD"),),
    (("VPFX", "VUE Point HD using Time Of Flight"),),
    (("Q.Clear", "VUE Point HD with regularization (smoothing)"),),
    (("BLOB", "3D spherically symmetric basis function"),),
    (("FilteredBackProjection", "Filtered Back Projection"),),
)
_KERNEL = re.compile(r"^(.*?[^\d. ])\s*([\d.]+)$")


def tracer(result: dict[str, Any], header: Header, stack: Stack | None) -> None:
    """Add what was injected, how images were corrected and reconstructed, and when their frames were."""
    _injected(result, header)
    put(result, "DoseCalibrationFactor", header.number(0x00541322), digits=8)
    put(result, "ConvolutionKernel", header.text(0x00181210))
    put(result, "Units", units(header))
    _corrections(result, header)
    _method(result, header.text(0x00541103))
    fraction = header.number(0x00541323) or 0
    if fraction > 0:
        result["ScatterFraction"] = [rounded(fraction)]
    _frames(result, header, stack)
    recon_filter(result, header)
    clock = header.text(0x00080031).replace(":", "")
    if clock[:6].isdigit() and len(clock) >= 6:
        result["SeriesTime"] = f"{clock[:2]}:{clock[2:4]}:{clock[4:6]}"
    if "AcquisitionTime" in result:
        result["AcquisitionTime"] = result.pop("AcquisitionTime")  # among the times
    result["ScanStart"] = 0
    _corrected_to(result, header)


def units(header: Header) -> str:
    """Return the unit of the values of PET and other emission images."""
    stated = header.text(0x00541001)
    return _UNITS.get(stated, stated)


def _corrected_to(result: dict[str, Any], header: Header) -> None:
    """Add the time that decay is corrected to, seconds after the start of the series."""
    correction = result.get("DecayCorrection", "")
    if correction:
        result["ImageDecayCorrected"] = correction != "NONE"
    if correction == "START":
        result["ImageDecayCorrectionTime"] = 0
    holders = fields.items(header.ds, 0x00540016)
    if correction == "ADMIN" and holders:
        start = seconds_of(header.text(0x00080031))
        injected = seconds_of(fields.text(holders[0], 0x00181072))
        if start is not None and injected is not None:
            result["ImageDecayCorrectionTime"] = rounded(injected - start)


def _injected(result: dict[str, Any], header: Header) -> None:
    holders = fields.items(header.ds, 0x00540016)
    if not holders:
        return
    item: Dataset = holders[0]
    put(result, "TracerName", fields.text(item, 0x00180031).strip())
    nuclide = fields.items(item, 0x00540300)
    if nuclide:
        put(result, "TracerRadionuclide", fields.text(nuclide[0], 0x00080104).replace("^", "").strip())
    put(result, "RadionuclidePositronFraction", fields.number(item, 0x00181076))
    dose = fields.number(item, 0x00181074) or 0
    if dose > 0:
        put(result, "InjectedRadioactivity", dose / _MEGA, digits=8)
        result["InjectedRadioactivityUnits"] = "MBq"
    activity = fields.number(item, 0x00181077) or 0
    if activity > 0:
        put(result, "MolarActivity", activity, digits=9)
        result["MolarActivityUnits"] = "Bq/umol"
    put(result, "InjectedVolume", header.private_number(0x0009, "GEMS_PETD_01", 0x3A))
    put(result, "RadionuclideHalfLife", fields.number(item, 0x00181075))


def _corrections(result: dict[str, Any], header: Header) -> None:
    put(result, "DecayCorrection", header.text(0x00541102))
    attenuation = header.text(0x00541101)
    put(result, "AttenuationCorrectionMethod", attenuation)
    put(result, "AttenuationCorrection", attenuation.partition(",")[0].strip())
    put(result, "RandomsCorrectionMethod", header.text(0x00541100))
    put(result, "ScatterCorrectionMethod", header.text(0x00541105))


def _method(result: dict[str, Any], method: str) -> None:
    put(result, "ReconstructionMethod", method)
    named = next((name for mark, name in _NAMED if mark in method), None)
    if named is None:
        chosen = (next((name for mark, name in group if mark in method), "") for group in _PARTS)
        named = " ".join(name for name in chosen if name)
    put(result, "ReconMethodName", named)
    # 4i21s and i4s21 are both in use
    pattern = r"(\d+){}" if method.endswith("s") else r"{}(\d+)"
    found = [re.findall(pattern.format(letter), method) for letter in "si"]
    if all(found):
        result["ReconMethodParameterLabels"] = ["subsets", "iterations"]
        result["ReconMethodParameterValues"] = [int(numbers[-1]) for numbers in found]


def _frames(result: dict[str, Any], header: Header, stack: Stack | None) -> None:
    headers = [Header(volume[0]) for volume in stack.frames] if stack is not None else [header]
    factors = [one.number(0x00541321) or 0 for one in headers]
    if all(factor > 0 for factor in factors):
        result["DecayCorrectionFactor"] = [rounded(factor) for factor in factors]
    starts = [seconds_of(one.text(0x00080032)) for one in headers]
    known = [start for start in starts if start is not None]
    if len(known) == len(starts) and (len(known) > 1 or "DecayCorrectionFactor" in result):
        begin = seconds_of(header.text(0x00080031))
        begin = known[0] if begin is None else min(begin, known[0])
        result["FrameTimesStart"] = [rounded((start - begin) % _DAY) for start in known]
    lengths = [one.number(0x00181242) or 0 for one in headers]
    if all(length > 0 for length in lengths):
        result["FrameDuration"] = [rounded(length / 1000) for length in lengths]
    references = [one.number(0x00541300) for one in headers]
    told = [reference for reference in references if reference is not None]
    if len(told) == len(references) and len(set(told)) > 1:
        result["FrameReferenceTime"] = [rounded(reference / 1000) for reference in told]


def recon_filter(result: dict[str, Any], header: Header) -> None:
    """Add name and size of the filter; kernels of CT whose names end in a number are read the same way, as by dcm2niix."""
    size = header.private_number(0x0009, "GEMS_PETD_01", 0x8F)
    if size is not None:
        result["ReconFilterSize"] = rounded(size)
        return
    match = _KERNEL.match(header.text(0x00181210))
    if match is not None:
        result["ReconFilterType"] = match[1].strip()
        put(result, "ReconFilterSize", float(match[2]) if match[2].count(".") < 2 else 0.0)
