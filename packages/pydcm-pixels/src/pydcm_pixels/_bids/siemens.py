"""What Siemens' protocol says beyond the standard's elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._bids.acceleration import echo_train, in_plane
from pydcm_pixels._bids.encoding import lines_of
from pydcm_pixels._bids.equipment import is_3d, put
from pydcm_pixels._bids.image_type import coil, components
from pydcm_pixels._bids.labeling import prepared, siemens_labeling
from pydcm_pixels._diffusion.weighting import weighting
from pydcm_pixels._vendors.header import rounded
from pydcm_pixels._vendors.siemens import private_bandwidth, shots

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._vendors.header import Header
    from pydcm_pixels._vendors.protocol import Protocol

__all__ = ["siemens"]

_PARTIAL_FOURIER = {1: 0.5, 2: 0.625, 4: 0.75, 8: 0.875}
_COMBINATIONS = {1: "Sum of Squares", 2: "Adaptive Combine"}
_SCHEMES = {1: "Bipolar", 2: "Monopolar"}
_COIL_MODES = {1: "SENSE", 2: "GRAPPA"}
_MICRO = 1e-6
_FREE_WAVEFORMS = ("ep2d_diff_fwf", "ep2d_diff_sms_fwf_simple")
_FREE = 64  # places for parameters of research sequences
_MOST_DIRECTIONS = 512


def siemens(result: dict[str, Any], header: Header, stack: Stack | None) -> None:
    """Add what only Siemens' scanners tell."""
    protocol = header.protocol
    if protocol:
        if is_3d(header) and private_bandwidth(header) > 0 and shots(header) > 1:
            result["MultiEchoShots"] = shots(header)
        _sequence(result, header, protocol, stack)
    else:
        _without_protocol(result, header)
    _coils(result, header, protocol)
    if protocol:
        put(result, "PulseSequenceDetails", protocol.text("tSequenceFileName"))
        put(result, "WipMemBlock", protocol.text("sWipMemBlock.tFree", "sWiPMemBlock.tFree"))
        put(result, "RefLinesPE", protocol.integer("sPat.lRefLinesPE"))
        put(result, "CoilCombinationMethod", _COMBINATIONS.get(protocol.integer("ucCoilCombineMode"), ""))
        if protocol.integer("sPrepPulses.ucMTC") == 1:
            result.setdefault("MTState", True)
        put(result, "ConsistencyInfo", _version(protocol))
        mode = protocol.integer("sPat.ucPATMode") if protocol.integer("sPat.lAccelFactPE") > 0 else 0
        result["MatrixCoilMode"] = _COIL_MODES.get(mode, "None")
        prepared(result, protocol)


def _sequence(result: dict[str, Any], header: Header, protocol: Protocol, stack: Stack | None) -> None:
    if "PHASE" in components(header):  # of the difference between two echoes
        first, second = protocol.number("alTE[0]") or 0, protocol.number("alTE[1]") or 0
        if first > 0 and second > 0:
            result["EchoTime1"], result["EchoTime2"] = rounded(first * _MICRO), rounded(second * _MICRO)
    averages = protocol.number("dAveragesDouble") or 0
    if averages > 1:
        put(result, "AveragesDouble", averages)
    _waveforms(result, protocol)
    siemens_labeling(result, header, stack)
    fraction = _PARTIAL_FOURIER.get(protocol.integer("sKSpace.ucPhasePartialFourier"))
    put(result, "PartialFourier", fraction)
    if protocol.integer("sKSpace.uc2DInterpolation") > 0:
        result["Interpolation2D"] = 1
    put(result, "BaseResolution", protocol.integer("sKSpace.lBaseResolution"))
    _shim(result, protocol)
    scheme = protocol.integer("sDiffusion.dsScheme")
    if not scheme and protocol.integer("ucReadOutMode") in (1, 2):
        scheme = 3 - protocol.integer("ucReadOutMode")  # the other way round in older sequences
    if weighting(header) is not None:
        put(result, "DiffusionScheme", _SCHEMES.get(scheme, ""))
    put(result, "DelayTime", (protocol.number("lDelayTimeInTR") or 0) * _MICRO)
    put(result, "TxRefAmp", protocol.number("sTXSPEC.asNucleusInfo[0].flReferenceAmplitude"))
    put(result, "PhaseResolution", protocol.number("sKSpace.dPhaseResolution"))
    put(result, "PhaseOversampling", protocol.number("sKSpace.dPhaseOversamplingForDialog"))
    put(result, "VendorReportedEchoSpacing", (protocol.number("sFastImaging.lEchoSpacing") or 0) * _MICRO)


def _waveforms(result: dict[str, Any], protocol: Protocol) -> None:
    """Add the parameters of the research sequences with free waveforms of diffusion gradients."""
    if not any(mark in protocol.text("tSequenceFileName") for mark in _FREE_WAVEFORMS):
        return
    block = (
        "sWipMemBlock" if any(name.startswith("sWipMemBlock.adFree") for name in protocol) else "sWiPMemBlock"
    )
    for at in range(_FREE):
        value = protocol.number(f"{block}.adFree[{at}]")
        if value is not None:
            result[f"FWF_adFree[{at}]"] = rounded(value)
    for at in range(_FREE):
        result[f"FWF_alFree[{at}]"] = rounded(protocol.number(f"sWipMemBlock.alFree[{at}]") or 0)
    free = "sDiffusion.sFreeDiffusionData"
    count = min(protocol.integer(f"{free}.lDiffDirections"), _MOST_DIRECTIONS)
    for letter, axis in zip("xyz", ("dSag", "dCor", "dTra"), strict=True):
        values = [protocol.number(f"{free}.asDiffDirVector[{at}].{axis}") or 0 for at in range(count)]
        result[f"FWF_DVS{letter}"] = [round(value, 4) for value in values]


def _shim(result: dict[str, Any], protocol: Protocol) -> None:
    shim = [
        protocol.number(f"sGRADSPEC.asGPAData[0].lOffset{axis}", f"sGRADSPEC.lOffset{axis}") or 0
        for axis in "XYZ"
    ]
    shim += [protocol.number(f"sGRADSPEC.alShimCurrent[{at}]") or 0 for at in range(5)]
    if shim[0]:
        result["ShimSetting"] = [rounded(value) for value in shim]


def _without_protocol(result: dict[str, Any], header: Header) -> None:
    """Estimate the part of the lines that was acquired from the length of the train."""
    lines = lines_of(header) or header.integer(0x00180089)
    train = echo_train(header)
    if is_3d(header) or not 1 < train < lines:
        return
    fraction = train / (lines / max(in_plane(header), 1))
    if fraction < 1:
        put(result, "PartialFourier", fraction)


def _coils(result: dict[str, Any], header: Header, protocol: Protocol) -> None:
    names = (name for name in protocol if name.endswith("sCoilElementID.tCoilID"))
    put(result, "ReceiveCoilName", protocol.get(next(names, ""), ""))
    active = protocol.text("sCoilSelectMeas.sCoilStringForConversion")
    if not protocol:
        active = header.private_text(0x0021, "SIEMENS MR SDI 02", 0x4F)
    put(result, "ReceiveCoilActiveElements", active)
    named = coil(header)
    if named != active:
        put(result, "CoilString", named)


def _version(protocol: Protocol) -> str:
    names = ("tMeasuredBaselineString", "tBaselineString", "ulConvFromVersion")
    return next((text for name in names if (text := protocol.text(f"sProtConsistencyInfo.{name}"))), "")
