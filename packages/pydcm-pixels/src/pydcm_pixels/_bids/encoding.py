"""Lines of k-space: their number, direction and duration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pydcm_pixels._bids.acceleration import compressed, echo_train, in_plane, out_of_plane, partial_fourier
from pydcm_pixels._bids.equipment import is_3d, put
from pydcm_pixels._bids.image_type import learnt
from pydcm_pixels._bids.orientation import phase_axis
from pydcm_pixels._vendors.csa import floats
from pydcm_pixels._vendors.ge import unflipped
from pydcm_pixels._vendors.header import once
from pydcm_pixels._vendors.siemens import private_bandwidth

if TYPE_CHECKING:
    from pydcm_pixels._vendors.header import Header

__all__ = ["encoding", "lines_of", "phase_polarity"]

_DIRECTIONS = ("PHASE", "FREQUENCY", "SLICE_SELECT", "COMBINATION")
_WATER_FAT = 3.4  # distance of the lines of water and fat, parts per million


def encoding(result: dict[str, Any], header: Header, flip_rows: bool) -> None:
    """Add phase encoding, acceleration and readout."""
    _steps(result, header)
    _factors(result, header)
    _readout(result, header)
    _direction(result, header, flip_rows)


@once
def lines_of(header: Header) -> int:
    """Return the number of phase-encoding lines of the acquired matrix."""
    matrix = header.numbers(0x00181310)
    if len(matrix) == 4 and any(matrix[2:]):
        return int(matrix[2] or matrix[3])
    return header.protocol.integer("sKSpace.lPhaseEncodingLines")


@once
def _recon_lines(header: Header) -> int:
    frame = header.frame
    axis = phase_axis(header)
    if frame.rows == frame.columns or axis == "C":
        return frame.rows
    return frame.columns if axis == "R" else lines_of(header)


def _steps(result: dict[str, Any], header: Header) -> None:
    put(result, "PercentPhaseFOV", header.number(0x00180094))
    put(result, "PercentSampling", header.number(0x00180093))
    train = echo_train(header)
    if train > 1:
        result["EchoTrainLength"] = train
    direction = header.text(0x00189036)
    if direction in _DIRECTIONS:
        result["PartialFourierDirection"] = direction
    steps = header.integer(0x00189231) or header.integer(0x00180089)
    if steps and header.maker == "Philips" and partial_fourier(header):
        result["PartialFourierEnabled"] = "YES"
        result["PhaseEncodingStepsNoPartialFourier"] = steps
    else:
        put(result, "PhaseEncodingSteps", steps)
    put(result, "FrequencyEncodingSteps", header.integer(0x00189058))
    put(result, "PhaseEncodingStepsOutOfPlane", header.integer(0x00189232))
    put(result, "AcquisitionMatrixPE", lines_of(header))
    put(result, "ReconMatrixPE", _recon_lines(header))
    put(result, "BandwidthPerPixelPhaseEncode", _bandwidth(header))


def _factors(result: dict[str, Any], header: Header) -> None:
    factor = in_plane(header)
    if factor >= 1:
        put(result, "ParallelReductionFactorInPlane", factor)
    technique = header.text(0x00189078)
    if not (header.maker == "Philips" and "CSENSE" in technique and (header.number(0x00189069) or 0) > 1):
        put(result, "ParallelAcquisitionTechnique", technique)
    factor = out_of_plane(header)
    if factor >= 1:
        put(result, "ParallelReductionFactorOutOfPlane", factor)
    factor = compressed(header)
    if factor > 1:
        put(result, "CompressedSensingFactor", factor)
    details = learnt(header)
    if details is not None:
        result["DeepLearning"] = True
        put(result, "DeepLearningDetails", details)


@once
def _bandwidth(header: Header) -> float:
    if header.maker != "Siemens":
        return 0
    return private_bandwidth(header) or next(iter(floats(header.csa("BandwidthPerPixelPhaseEncode"))), 0)


def _readout(result: dict[str, Any], header: Header) -> None:
    lines = _recon_lines(header)
    bandwidth = _bandwidth(header)
    effective = 1 / (bandwidth * lines) if bandwidth > 0 and lines else 0.0
    duration = header.number(0x00189073) or 0
    if header.maker == "Philips":
        _water_fat_shift(result, header, lines)
    elif header.maker == "GE":
        duration = (header.private_number(0x0019, "GEMS_ACQU_01", 0x5A) or 0) / 1e6 or duration
        effective = _ge_spacing(header, lines)
    put(result, "EffectiveEchoSpacing", effective)
    if bandwidth > 0 and lines:
        oversampling = header.protocol.number("sKSpace.dPhaseOversamplingForDialog") or 0
        put(
            result,
            "DerivedVendorReportedEchoSpacing",
            effective * max(in_plane(header), 1) / (1 + max(oversampling, 0)),
        )
    if header.maker != "UIH":
        put(result, "AcquisitionDuration", duration)
    elif not effective:
        put(result, "TotalReadoutTime", duration / 1000)
    put(result, "NumberOfKSpaceTrajectories", header.integer(0x00189093))
    if effective:
        put(result, "TotalReadoutTime", effective * (lines - 1))
    put(result, "PixelBandwidth", header.number(0x00180095))
    if header.maker == "Siemens":
        dwell = header.private_number(0x0021, "SIEMENS MR SDI 02", 0x42)
        dwell = dwell or header.private_number(0x0019, "SIEMENS MR HEADER", 0x18) or 0
        put(result, "DwellTime", dwell * 1e-9)


def _ge_spacing(header: Header, lines: int) -> float:
    """Return GE's echo spacing as if no lines were left out: the train has an even number of lines (or of pairs)."""
    spacing = header.private_number(0x0043, "GEMS_PARM_01", 0x2C) or 0
    factor = in_plane(header)
    acquired = lines_of(header)
    if spacing <= 0 or lines < 2 or not factor:
        return 0.0
    if acquired < 2:
        return spacing * 1e-6
    step = 4 if partial_fourier(header) else 2
    return (math.ceil(acquired / factor / step) * step - 1) * spacing * 1e-6 / (acquired - 1)


def _water_fat_shift(result: dict[str, Any], header: Header, lines: int) -> None:
    shift = header.private_number(0x2001, "Philips Imaging DD 001", 0x22) or 0
    frequency = header.number(0x00189098) or header.number(0x00180084) or 0
    train = echo_train(header)
    put(result, "WaterFatShift", shift)
    if shift and frequency and train and lines > 1:
        total = shift / (frequency * _WATER_FAT * (train + 1)) * train
        put(result, "EstimatedEffectiveEchoSpacing", total / (lines - 1))
        put(result, "EstimatedTotalReadoutTime", total)


def phase_polarity(header: Header) -> bool | None:
    """Whether phase encoding runs in the direction of rising indices, ``None`` if it is not known."""
    if header.maker == "GE":
        return unflipped(header)
    if header.maker == "Siemens":
        found = floats(header.csa("PhaseEncodingDirectionPositive"))
        found = header.private_numbers(0x0021, "SIEMENS MR SDI 02", 0x1C) or found
    elif header.maker == "UIH":
        found = [1 - one for one in header.private_numbers(0x0065, "Image Private Header", 0x58)]
    else:
        return None
    return bool(found[0]) if found and found[0] in (0, 1) else None


def _direction(result: dict[str, Any], header: Header, flip_rows: bool) -> None:
    axis = phase_axis(header)
    if not axis:
        return
    spin_echo = "SE" in result.get("ScanningSequence", "")
    train = echo_train(header) > 1 or private_bandwidth(header) > 0
    if is_3d(header) and (spin_echo or not train):
        return  # a direction means something in trains of gradient echoes only
    letter = "j" if axis == "C" else "i"
    positive = phase_polarity(header)
    if positive is None:
        result["PhaseEncodingAxis"] = letter
        return
    if axis == "C" and flip_rows:
        positive = not positive
    result["PhaseEncodingDirection"] = letter if positive else f"{letter}-"
