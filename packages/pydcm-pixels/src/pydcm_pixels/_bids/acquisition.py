"""How the image was acquired: timing, shim, coils, acceleration, readout, phase encoding."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pydcm_pixels._bids.equipment import is_3d, multiband, put
from pydcm_pixels._bids.header import rounded
from pydcm_pixels._bids.orientation import phase_axis
from pydcm_pixels._vendors.csa import floats

if TYPE_CHECKING:
    from pydcm_pixels._bids.header import Header
    from pydcm_pixels._series.stack import Stack

__all__ = ["acquisition", "phase_polarity"]

_PARTIAL_FOURIER = {1: 0.5, 2: 0.625, 4: 0.75, 8: 0.875}
_SPOILING = {"RF": "RF", "GRADIENT": "GRADIENT", "RF_AND_GRADIENT": "COMBINED"}
_PHILIPS = "Philips MR Imaging DD 001"


def acquisition(result: dict[str, Any], header: Header, stack: Stack | None, flip_rows: bool) -> None:
    """Add what an acquisition is made of."""
    _scaling(result, header, stack)
    modality = header.text(0x00080060)
    if modality in ("CT", "DX", "CR"):
        put(result, "ExposureTime", (header.number(0x00181150) or 0) / 1000)
        put(result, "XRayTubeCurrent", header.number(0x00181151))
    else:
        put(result, "SliceThickness", header.number(0x00180050))
        put(result, "SpacingBetweenSlices", header.number(0x00180088))
    if modality != "MR":
        return
    _contrast(result, header, stack)
    if header.maker == "GE":
        _ge(result, header)
    elif header.maker == "Siemens":
        _siemens(result, header)
    else:
        put(
            result,
            "PhaseEncodingDirectionDisplayed",
            header.private_text(0x0065, "Image Private Header", 0x05),
        )
        put(result, "CoilString", header.text(0x00181250))
    _encoding(result, header)
    _readout(result, header)
    _phase_encoding(result, header, flip_rows)


def _scaling(result: dict[str, Any], header: Header, stack: Stack | None) -> None:
    if header.maker != "Philips":
        return
    slope = header.number(0x00409225)
    if slope:
        result["PhilipsRWVSlope"] = rounded(slope)
        result["PhilipsRWVIntercept"] = rounded(header.number(0x00409224) or 0)
    scale = header.private_number(0x2005, _PHILIPS, 0x0E)
    if scale:
        result["PhilipsRescaleSlope"] = rounded(header.frame.slope)
        result["PhilipsRescaleIntercept"] = rounded(header.frame.intercept)
        result["PhilipsScaleSlope"] = rounded(scale)
        result["UsePhilipsFloatNotDisplayScaling"] = 1
    if "FIELDMAPHZ" in result.get("ImageType", ()):
        result["Units"] = "Hz"


def _table_position(header: Header) -> list[float]:
    if header.maker == "Siemens":
        found = header.private_numbers(0x0019, "SIEMENS MR HEADER", 0x14)
        if not found:
            found = [-value for value in header.private_numbers(0x0021, "SIEMENS MR SDI 02", 0x59)]
        return found
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


def _contrast(result: dict[str, Any], header: Header, stack: Stack | None) -> None:
    put(result, "SAR", header.number(0x00181316))
    averages = header.number(0x00180083) or 0
    if averages > 1:
        put(result, "NumberOfAverages", averages)
    table = _table_position(header)
    if len(table) == 3:
        result["TablePosition"] = [rounded(value) for value in table]
    echo = header.integer(0x00180086)
    several = stack is not None and ("echo_number" in stack.kind or "echo_time" in stack.kind)
    if echo > 1 or (several and echo):
        result["EchoNumber"] = echo
    echo_time = header.number(0x00189082)
    put(result, "EchoTime", (header.number(0x00180081) if echo_time is None else echo_time or 0) or 0)
    if "EchoTime" in result:
        result["EchoTime"] = rounded((echo_time or header.number(0x00180081) or 0) / 1000)
    put(result, "RepetitionTime", (header.number(0x00180080) or 0) / 1000)
    transfer = header.text(0x00189020)
    if transfer:
        result["MTState"] = transfer != "NONE"
    elif header.protocol.integer("sPrepPulses.ucMTC") == 1:
        result["MTState"] = True
    spoiling = header.text(0x00189016)
    if spoiling:
        result["SpoilingState"] = spoiling != "NONE"
        if spoiling in _SPOILING:
            result["SpoilingType"] = _SPOILING[spoiling]
    elif "SP" in header.texts(0x00180021):
        result["SpoilingState"] = True
    put(result, "InversionTime", (header.number(0x00180082) or header.number(0x00189079) or 0) / 1000)
    put(result, "FlipAngle", header.number(0x00181314))


def _ge(result: dict[str, Any], header: Header) -> None:
    polarity = _ge_polarity(header)
    if polarity is not None:
        result["PhaseEncodingPolarityGE"] = "Unflipped" if polarity else "Flipped"
    shim = [header.private_number(0x0043, "GEMS_PARM_01", element) for element in (2, 3, 4)]
    if any(shim):
        result["ShimSetting"] = [rounded(value or 0) for value in shim]
    put(result, "PrescanReuseString", header.private_text(0x0043, "GEMS_PARM_01", 0x95))
    put(result, "CoilString", header.text(0x00181250))


def _siemens(result: dict[str, Any], header: Header) -> None:
    protocol = header.protocol
    fraction = _PARTIAL_FOURIER.get(protocol.integer("sKSpace.ucPhasePartialFourier"))
    if fraction:
        result["PartialFourier"] = fraction
    if protocol.integer("sKSpace.uc2DInterpolation") > 0:
        result["Interpolation2D"] = True
    put(result, "BaseResolution", protocol.integer("sKSpace.lBaseResolution"))
    shim = [
        protocol.number(f"sGRADSPEC.asGPAData[0].lOffset{axis}", f"sGRADSPEC.lOffset{axis}") or 0
        for axis in "XYZ"
    ]
    shim += [protocol.number(f"sGRADSPEC.alShimCurrent[{at}]") or 0 for at in range(5)]
    if shim[0]:
        result["ShimSetting"] = [rounded(value) for value in shim]
    scheme = {1: "Bipolar", 2: "Monopolar"}.get(protocol.integer("sDiffusion.dsScheme"))
    if scheme and (
        header.csa.get("B_value") or header.private(0x0019, "SIEMENS MR HEADER", 0x0C) is not None
    ):
        result["DiffusionScheme"] = scheme
    put(result, "DelayTime", (protocol.number("lDelayTimeInTR") or 0) / 1e6)
    put(result, "TxRefAmp", protocol.number("sTXSPEC.asNucleusInfo[0].flReferenceAmplitude"))
    put(result, "PhaseResolution", protocol.number("sKSpace.dPhaseResolution"))
    put(result, "PhaseOversampling", protocol.number("sKSpace.dPhaseOversamplingForDialog"))
    put(result, "VendorReportedEchoSpacing", (protocol.number("sFastImaging.lEchoSpacing") or 0) / 1e6)
    coil = protocol.text(
        "sCoilSelectMeas.aRxCoilSelectData[0].asList[0].sCoilElementID.tCoilID",
        "asCoilSelectMeas[0].asList[0].sCoilElementID.tCoilID",
        "sCOIL_SELECT_MEAS.asList[0].sCoilElementID.tCoilID",
    )
    put(result, "ReceiveCoilName", coil or header.text(0x00181250))
    active = protocol.text("sCoilSelectMeas.sCoilStringForConversion")
    active = header.private_text(0x0021, "SIEMENS MR SDI 02", 0x4F) or active
    put(result, "ReceiveCoilActiveElements", active)
    named = header.private_text(0x0051, "SIEMENS MR HEADER", 0x0F) or header.text(0x00181250)
    if named != active:
        put(result, "CoilString", named)
    put(result, "PulseSequenceDetails", protocol.text("tSequenceFileName"))
    put(result, "RefLinesPE", protocol.integer("sPat.lRefLinesPE"))
    mode = protocol.integer("ucCoilCombineMode")
    put(result, "CoilCombinationMethod", {1: "Sum of Squares", 2: "Adaptive Combine"}.get(mode, ""))
    version = protocol.text(
        "sProtConsistencyInfo.tBaselineString",
        "sProtConsistencyInfo.tMeasuredBaselineString",
        "sProtConsistencyInfo.ulConvFromVersion",
    )
    put(result, "ConsistencyInfo", version)
    if protocol:
        modes = {1: "SENSE", 2: "GRAPPA"}
        result["MatrixCoilMode"] = modes.get(protocol.integer("sPat.ucPATMode"), "None")
    factor = multiband(header)
    if factor > 1:
        result["MultibandAccelerationFactor"] = factor


def _in_plane(header: Header) -> float:
    """Return the acceleration along phase encoding, 0 if it is not known."""
    if header.maker == "GE":
        found = header.private_numbers(0x0043, "GEMS_PARM_01", 0x83)
        return 1 / found[0] if found and found[0] > 0 else 0
    if header.maker == "UIH":
        text = header.private_text(0x0065, "Image Private Header", 0x0D)
        digits = "".join(mark for mark in text.partition(":")[2] if mark.isdigit() or mark == ".")
        return float(digits) if digits.replace(".", "", 1).isdigit() else 0
    stated = header.number(0x00189069)
    if stated:
        return stated
    text = header.private_text(0x0051, "SIEMENS MR HEADER", 0x11)
    if text[:1] == "p" and text[1:2].isdigit():
        return (
            float(text[1:].split(" ")[0].rstrip("s") or 0)
            if text[1:].split(" ")[0].isdigit()
            else float(text[1])
        )
    return header.protocol.number("sPat.lAccelFactPE") or 0


def _out_of_plane(header: Header) -> float:
    if header.maker == "GE":
        found = header.private_numbers(0x0043, "GEMS_PARM_01", 0x83)
        return 1 / found[1] if len(found) > 1 and found[1] > 0 else 0
    return header.number(0x00189155) or header.protocol.number("sPat.lAccelFact3D") or 0


def _lines(header: Header) -> int:
    """Return the number of phase-encoding lines of the acquired matrix."""
    matrix = header.numbers(0x00181310)
    if len(matrix) == 4 and any(matrix[2:]):
        return int(matrix[3] or matrix[2])
    return header.integer(0x00189231) or header.protocol.integer("sKSpace.lPhaseEncodingLines")


def _recon_lines(header: Header) -> int:
    frame = header.frame
    axis = phase_axis(header)
    if frame.rows == frame.columns or axis == "C":
        return frame.rows
    return frame.columns if axis == "R" else _lines(header)


def _encoding(result: dict[str, Any], header: Header) -> None:
    put(result, "PercentPhaseFOV", header.number(0x00180094))
    put(result, "PercentSampling", header.number(0x00180093))
    train = header.integer(0x00180091)
    if train > 1 and header.maker != "GE":
        result["EchoTrainLength"] = train
    direction = header.text(0x00189036)
    if direction in ("PHASE", "FREQUENCY", "SLICE_SELECT", "COMBINATION"):
        result["PartialFourierDirection"] = direction
    steps = header.integer(0x00180089) or header.integer(0x00189231)
    if steps and header.maker == "Philips" and header.text(0x00189081) == "YES":
        result["PartialFourierEnabled"] = "YES"
        result["PhaseEncodingStepsNoPartialFourier"] = steps
    else:
        put(result, "PhaseEncodingSteps", steps)
    put(result, "FrequencyEncodingSteps", header.integer(0x00189058))
    put(result, "PhaseEncodingStepsOutOfPlane", header.integer(0x00189232))
    put(result, "AcquisitionMatrixPE", _lines(header))
    put(result, "ReconMatrixPE", _recon_lines(header))
    put(result, "BandwidthPerPixelPhaseEncode", _bandwidth(header))
    factor = _in_plane(header)
    if factor >= 1:
        put(result, "ParallelReductionFactorInPlane", factor)
    put(result, "ParallelAcquisitionTechnique", header.text(0x00189078))
    factor = _out_of_plane(header)
    if factor >= 1:
        put(result, "ParallelReductionFactorOutOfPlane", factor)


def _bandwidth(header: Header) -> float:
    if header.maker != "Siemens":
        return 0
    found = header.private_number(0x0019, "SIEMENS MR HEADER", 0x28)
    found = found or next(iter(floats(header.csa.get("BandwidthPerPixelPhaseEncode"))), 0)
    return found or header.private_number(0x0021, "SIEMENS MR SDI 02", 0x53) or 0


def _readout(result: dict[str, Any], header: Header) -> None:
    lines = _recon_lines(header)
    bandwidth = _bandwidth(header)
    effective = 1 / (bandwidth * lines) if bandwidth > 0 and lines else 0.0
    duration = header.number(0x00189073) or 0
    if header.maker == "Philips":
        _philips_readout(result, header, lines)
    if header.maker == "GE":
        duration = (header.private_number(0x0019, "GEMS_ACQU_01", 0x5A) or 0) / 1e6
        spacing = header.private_number(0x0043, "GEMS_PARM_01", 0x2C) or 0
        step = 4 if "PFF" in header.texts(0x00180022) else 2
        if spacing > 0 and lines > 1 and "EP" in header.text(0x00180020):
            acquired = math.ceil(_lines(header) / (_in_plane(header) or 1) / step) * step
            effective = (acquired - 1) * spacing * 1e-6 / (lines - 1)
    put(result, "EffectiveEchoSpacing", effective)
    if bandwidth > 0 and lines:
        oversampling = header.protocol.number("sKSpace.dPhaseOversamplingForDialog") or 0
        put(
            result,
            "DerivedVendorReportedEchoSpacing",
            effective * max(_in_plane(header), 1) / (1 + max(oversampling, 0)),
        )
    if header.maker == "UIH":
        put(result, "TotalReadoutTime", duration / 1000)
    else:
        put(result, "AcquisitionDuration", duration)
    put(result, "NumberOfKSpaceTrajectories", header.integer(0x00189093))
    if effective:
        put(result, "TotalReadoutTime", effective * (lines - 1))
    put(result, "PixelBandwidth", header.number(0x00180095))
    if header.maker == "Siemens":
        dwell = header.private_number(0x0019, "SIEMENS MR HEADER", 0x18)
        dwell = dwell or header.private_number(0x0021, "SIEMENS MR SDI 02", 0x42) or 0
        put(result, "DwellTime", dwell * 1e-9)


def _philips_readout(result: dict[str, Any], header: Header, lines: int) -> None:
    shift = header.private_number(0x2001, "Philips Imaging DD 001", 0x22) or 0
    frequency = header.number(0x00180084) or header.number(0x00189098) or 0
    train = header.integer(0x00180091) or int(
        header.private_number(0x2001, "Philips Imaging DD 001", 0x13) or 0
    )
    put(result, "WaterFatShift", shift)
    if shift and frequency and train and lines > 1:
        total = shift / (frequency * 3.4 * (train + 1)) * train
        put(result, "EstimatedEffectiveEchoSpacing", total / (lines - 1))
        put(result, "EstimatedTotalReadoutTime", total)


def _ge_polarity(header: Header) -> bool | None:
    """Whether lines are acquired in the usual order, ``None`` if it is not known."""
    order = header.block.get("VIEWORDER")
    if order in ("0", "1"):
        return order == "0"
    text = header.text(0x00189034)
    return {"LINEAR": True, "REVERSE_LINEAR": False}.get(text)


def phase_polarity(header: Header) -> bool | None:
    """Whether phase encoding runs in the direction of rising indices, ``None`` if it is not known."""
    if header.maker == "GE":
        return _ge_polarity(header)
    if header.maker == "Siemens":
        found = floats(header.csa.get("PhaseEncodingDirectionPositive"))
        if not found:
            found = header.private_numbers(0x0021, "SIEMENS MR SDI 02", 0x1C)
        return bool(found[0]) if found and found[0] in (0, 1) else None
    if header.maker == "UIH":
        found = header.private_numbers(0x0065, "Image Private Header", 0x58)
        return bool(found[0]) if found and found[0] in (0, 1) else None
    return None


def _phase_encoding(result: dict[str, Any], header: Header, flip_rows: bool) -> None:
    axis = phase_axis(header)
    if not axis or (is_3d(header) and header.integer(0x00180091) <= 1 and not _bandwidth(header)):
        return
    letter = "j" if axis == "C" else "i"
    positive = phase_polarity(header)
    if positive is None:
        result["PhaseEncodingAxis"] = letter
        return
    if axis == "C" and flip_rows:
        positive = not positive
    result["PhaseEncodingDirection"] = letter if positive else f"{letter}-"
