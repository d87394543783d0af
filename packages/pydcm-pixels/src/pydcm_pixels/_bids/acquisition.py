"""How the image was acquired: timing, shim, coils, acceleration, readout, phase encoding."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pydcm_pixels._bids.acceleration import multiband
from pydcm_pixels._bids.encoding import encoding
from pydcm_pixels._bids.equipment import put
from pydcm_pixels._bids.ge import ge, slab_interpolation
from pydcm_pixels._bids.image_type import echo_number, is_field_map, trigger_delay, trigger_varies
from pydcm_pixels._bids.labeling import labeling
from pydcm_pixels._bids.siemens import siemens
from pydcm_pixels._bids.tracer import recon_filter, tracer, units
from pydcm_pixels._bids.volume_timing import repetition
from pydcm_pixels._series.vendors import LARGEST, philips_scale
from pydcm_pixels._vendors.header import Header, modality, rounded

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack

__all__ = ["acquisition"]

_SPOILING = {"RF": "COMBINED", "GRADIENT": "GRADIENT", "RF_AND_GRADIENT": "COMBINED"}  # as dcm2niix
_PHILIPS = "Philips MR Imaging DD 001"


def acquisition(
    result: dict[str, Any], header: Header, stack: Stack | None, flip_rows: bool, bands: int = 1
) -> None:
    """Add what an acquisition is made of; `bands` is how many slices have one time."""
    kind = modality(header)
    put(result, "TriggerDelayTime", _trigger_delay(header, stack))
    _scaling(result, header, stack)
    if kind == "PT":
        tracer(result, header, stack)
    else:
        put(result, "ConvolutionKernel", header.text(0x00181210))
        recon_filter(result, header)
        put(result, "Units", units(header))
    exposure = header.number(0x00181152) or 0
    put(result, "ExposureTime", (header.number(0x00181150) or 0) / 1000)
    put(result, "XRayTubeCurrent", header.number(0x00181151))
    if kind != "MR" and header.frame.find(0x00181152) is not None:  # even if it is 0, as dcm2niix
        put(result, "XRayExposure", exposure)
    else:
        put(result, "SliceThickness", header.number(0x00180050))
        put(result, "SpacingBetweenSlices", header.number(0x00180088))
    if kind != "MR":
        _averages(result, header)
        if stack is not None and len(stack.frames) > 1 and "FrameDuration" not in result:
            put(result, "RepetitionTime", repetition(header, stack).period)
        return
    _contrast(result, header, stack)
    if header.maker == "GE":
        ge(result, header)
    elif header.maker == "Siemens":
        siemens(result, header, stack)
    else:
        own = header.private_text(0x0065, "Image Private Header", 0x05)
        put(result, "PhaseEncodingDirectionDisplayed", own)
        put(result, "CoilString", header.text(0x00181250))
    labeling(result, header)
    factor = slab_interpolation(header)
    if factor > 1:
        result["Interpolation3D"] = factor
    factor = max(multiband(header), bands)
    if factor > 1:
        result["MultibandAccelerationFactor"] = factor
    encoding(result, header, flip_rows)


def _trigger_delay(header: Header, stack: Stack | None) -> float:
    """Return milliseconds between trigger and acquisition; of a series, between its first and last image."""
    if header.maker not in ("Philips", "GE") or modality(header) != "MR":
        return 0.0
    if stack is not None and trigger_varies(header, stack):
        return trigger_delay(header)
    first = _trigger(header)
    if stack is None or stack.n_frames < 2 or header.frame.groups is not None:
        return first
    last = max((frame for volume in stack.frames for frame in volume), key=lambda frame: frame.order)
    return max(_trigger(Header(last)) - first, 0.0) or first


def _trigger(header: Header) -> float:
    delay = header.number(0x00181060) or 0.0
    if header.maker == "Philips":
        delay = header.number(0x00209153) or delay
        begin = header.private_number(0x2005, _PHILIPS, 0xA0)
        if begin is not None and abs(begin * 1000 - delay) < 1e-3 * max(delay, 1):
            return 0.0  # the scanner's clock, no delay
        if (header.private_number(0x2001, "Philips Imaging DD 001", 0x08) or 0) > 0:
            return 0.0  # a phase of the heart, or of labeling
    return delay


def _scaling(result: dict[str, Any], header: Header, stack: Stack | None) -> None:
    if header.maker == "GE" and is_field_map(header):
        result["Units"] = "Hz"
    if header.maker != "Philips":
        return
    slope = header.number(0x00409225)
    if slope:
        result["PhilipsRWVSlope"] = rounded(slope)
        result["PhilipsRWVIntercept"] = rounded(header.number(0x00409224) or 0)
    scale = header.private_number(0x2005, _PHILIPS, 0x0E)
    if scale and not _scales_vary(header, stack):
        # asked of the header, not of the frame: a file alone has not been placed
        stated, shift = header.number(0x00281053) or 1.0, header.number(0x00281052) or 0.0
        mapped = slope if slope and slope < LARGEST else 1.0
        result["PhilipsRescaleSlope"] = rounded(mapped if stated == 1 else stated)
        result["PhilipsRescaleIntercept"] = rounded(shift or header.number(0x00409224) or 0)
        result["PhilipsScaleSlope"] = rounded(scale)
        result["UsePhilipsFloatNotDisplayScaling"] = 1
    if "FIELDMAPHZ" in result.get("ImageType", ()):
        result["Units"] = "Hz"


def _scales_vary(header: Header, stack: Stack | None) -> bool:
    """Whether the frames of Philips' multi-frame file have scalings of their own: the voxels are scaled already."""
    if stack is None or header.frame.groups is None:
        return False
    frames = (frame for volume in stack.frames for frame in volume)
    return len({(frame.slope, frame.intercept, philips_scale(frame)) for frame in frames}) > 1


def _last(header: Header, stack: Stack | None) -> Header:
    """Return the header of a multi-frame file's last image, whose contrast stands for all in dcm2niix's sidecars."""
    if stack is None or header.frame.groups is None or header.maker in ("Siemens", "GE"):
        return header
    return Header(max((one for volume in stack.frames for one in volume), key=lambda frame: frame.index or 0))


def _dynamic_period(header: Header, stack: Stack | None) -> float:
    """Return the time between volumes of Philips' echo-planar slabs in one file, s; 0 if it is not told."""
    slab = header.text(0x00180023) == "3D" or header.private_text(0x2005, _PHILIPS, 0x6F) == "3D"
    lines = max(header.number(0x00180091) or 0, header.number(0x00189241) or 0)
    if header.maker != "Philips" or header.frame.groups is None or stack is None or not slab or lines < 2:
        return 0.0
    begins = [Header(volume[0]).private_number(0x2005, _PHILIPS, 0xA0) for volume in stack.frames]
    known = [begin for begin in begins if begin is not None and math.isfinite(begin)]
    return (max(known) - min(known)) / (len(begins) - 1) if len(known) > 1 else 0.0


def _table_position(header: Header) -> list[float]:
    if header.maker == "Siemens":
        found = header.private_numbers(0x0019, "SIEMENS MR HEADER", 0x14)
        found = header.private_numbers(0x0021, "SIEMENS MR SDS 01", 0x05) or found
        return [*found[:2], -found[2]] if len(found) == 3 else []
    if header.maker == "GE":
        parts = header.private_text(0x0043, "GEMS_PARM_01", 0xB2).split("\\")
        try:
            return [0, 0, float(parts[2])]
        except (IndexError, ValueError):
            return []
    if header.maker == "Philips":
        found = header.private_numbers(0x2005, "Philips MR Imaging DD 005", 0x3C)
        if not found:
            stacks = header.private(0x2001, "Philips Imaging DD 001", 0x5F)
            try:
                from pydcm_pixels._series.private import find_private

                tag = find_private(stacks[0], 0x2005, "Philips MR Imaging DD 005", 0x3C)
                found = [float(stacks[0][tag].value)] if tag else []
            except (TypeError, IndexError, ValueError):
                found = []
        return [0, 0, -found[0]] if found else []
    return []


def _averages(result: dict[str, Any], header: Header) -> None:
    averages = header.number(0x00180083) or 0
    if averages > 1:
        put(result, "NumberOfAverages", averages)


def _contrast(result: dict[str, Any], header: Header, stack: Stack | None) -> None:
    put(result, "SAR", header.number(0x00181316))
    table = _table_position(header)
    if len(table) == 3:
        result["TablePosition"] = [rounded(value) for value in table]
    _averages(result, header)
    kind = stack.kind if stack is not None else {}
    echo = kind.get("echo_number") or echo_number(header)
    several = "echo_number" in kind or "echo_time" in kind
    if echo > 1 or (several and echo):
        result["EchoNumber"] = echo
    time = (header.number(0x00189082) or header.number(0x00180081) or 0) / 1000
    shift = (header.private_number(0x0019, "GEMS_ACQU_01", 0xE2) or 0) if is_field_map(header) else 0
    if shift < 0:  # frequency that turns by one radian between two echoes
        result["EchoTime1"], result["EchoTime2"] = rounded(time), rounded(time - 1 / (2 * math.pi * shift))
    else:
        put(result, "EchoTime", time)
    last = _last(header, stack)
    times = repetition(last, stack)
    put(result, "RepetitionTime", _dynamic_period(header, stack) or times.period)
    inverted = header.maker != "Philips" and _is_inverted(header)
    put(result, "RepetitionTimeExcitation", times.excitation)
    if inverted:
        put(result, "RepetitionTimeInversion", times.stated)
    elif not times.excitation:
        put(result, "RepetitionTimeExcitation", times.stated)
    if times.onsets:
        result["FrameTimesStart"] = [rounded(onset) for onset in times.onsets]
    transfer = header.text(0x00189020)
    if transfer:
        result["MTState"] = transfer.startswith("OFF")
    _spoiling(result, header)
    inversion = last.number(0x00180082) or last.number(0x00189079) or 0
    if header.maker == "Philips":
        inversion = last.private_number(0x2001, "Philips Imaging DD 001", 0x1B) or inversion
    put(result, "InversionTime", inversion / 1000)
    put(result, "FlipAngle", last.number(0x00181314))
    if header.text(0x00181315).upper().startswith("Y"):
        result["VariableFlipAngleFlag"] = True


def _is_inverted(header: Header) -> bool:
    return "IR" in header.text(0x00180020) or header.text(0x00189009).upper().startswith("Y")


def _spoiling(result: dict[str, Any], header: Header) -> None:
    spoiling = header.text(0x00189016)
    if spoiling in _SPOILING:
        result["SpoilingState"], result["SpoilingType"] = True, _SPOILING[spoiling]
    elif spoiling == "NONE":
        result["SpoilingState"] = False
    elif "SP" in result.get("SequenceVariant", "").split("\\"):
        result["SpoilingState"] = True
