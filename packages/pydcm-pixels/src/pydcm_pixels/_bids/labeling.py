"""Arterial spin labeling: how and when blood was labeled, by the names of BIDS where it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydcm_pixels._bids.equipment import put
from pydcm_pixels._vendors.header import rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._vendors.header import Header
    from pydcm_pixels._vendors.protocol import Protocol

__all__ = ["labeling", "prepared", "siemens_labeling"]

_US, _MS = 1e-6, 1e-3
_FREE = "sWipMemBlock.adFree[{}]"
_LONG = "sWipMemBlock.alFree[{}]"
_INVERSION = "alTI[{}]"
_BLOCK = 0.92 * 20 / 1000  # s, of RF, in sequences of the LOFT laboratory


class Technique(NamedTuple):
    """Where a labeling sequence of Siemens' keeps its settings.

    Attributes
    ----------
    mark : str
        Part of the sequence's name.
    kind : str
        ``"PCASL"``, ``"PASL"`` or ``""``.
    settings : tuple of (str, str, float)
        Name in the sidecar, name in the protocol, factor to seconds or what the unit is.
    variety : str
        *PASLType*.
    delays : tuple of (str, int, int)
        Name of a list of delays, and where in the protocol it starts and ends.
    unnamed : range
        Settings without a name.
    prepared : bool
        Whether the repetition time is that of the preparation.
    planes : bool
        Whether the protocol has the place of the labeling plane.
    """

    mark: str
    kind: str
    settings: tuple[tuple[str, str, float], ...]
    variety: str = ""
    delays: tuple[str, int, int] = ("", 0, 0)
    unnamed: range = range(0)
    prepared: bool = False
    planes: bool = False


_PULSED = (("BolusDuration", _INVERSION.format(0), _US), ("InversionTime", _INVERSION.format(2), _US))
_TECHNIQUES = (
    Technique(
        "ep2d_asl",
        "",
        (
            ("LabelingDuration", "sAsl.ulLabelingDuration", _US),
            ("PostLabelingDelay", "sAsl.sPostLabelingDelay[0]", _US),
        ),
    ),
    Technique(
        "ep2d_pcasl",
        "PCASL",
        (
            ("LabelingDistance", _FREE.format(1), 1),
            ("PostLabelingDelay", _FREE.format(2), _US),
            ("NumRFBlocks", _FREE.format(3), 1),
            ("LabelingDuration", _FREE.format(3), _BLOCK),
            ("RFGap", _FREE.format(4), _US),
            ("MeanGzx10", _FREE.format(10), 1),
            ("PhiAdjust", _FREE.format(11), 1),
        ),
        prepared=True,
    ),
    Technique(
        "tgse_pcasl",
        "PCASL",
        (
            ("LabelingDuration", _FREE.format(2), _US),
            ("RFGap", _FREE.format(4), _US),
            ("MeanGzx10", _FREE.format(10), 1),
            ("T1", _FREE.format(12), _US),
            ("NumRFBlocks", _FREE.format(3), 1),
        ),
        prepared=True,
    ),
    Technique("ep2d_pasl", "PASL", _PULSED, variety="PICORE"),
    Technique("tgse_pasl", "PASL", _PULSED, variety="FAIR QII"),
    Technique(
        "ep2d_fairest",
        "PASL",
        (("PostInversionDelay", _FREE.format(2), _MS), ("PostLabelingDelay", _FREE.format(4), _MS)),
        variety="FAIR",
    ),
    Technique(
        "to_ep2d_VEPCASL",
        "PCASL",
        (
            ("InversionTime", _INVERSION.format(2), _US),
            ("BolusDuration", _INVERSION.format(0), _US),
            ("LabelingPulseFlipAngle", _LONG.format(4), 1),
            ("LabelingPulseDuration", _LONG.format(5), _US),
            ("TagRFSeparation", _LONG.format(6), _US),
            ("LabelingPulseAverageGradient", _FREE.format(0), 1),
            ("LabelingPulseMaximumGradient", _FREE.format(1), 1),
            ("TagDuration", _LONG.format(9), _MS),
            ("MaximumT1Opt", _LONG.format(10), _MS),
        ),
        delays=("PostLabelingDelay", 11, 31),
        unnamed=range(3, 11),
        prepared=True,
        planes=True,
    ),
    Technique(
        "jw_tgse_VEPCASL",
        "PCASL",
        (
            ("TagRFFlipAngle", _LONG.format(6), 1),
            ("TagRFDuration", _LONG.format(7), _US),
            ("TagRFSeparation", _LONG.format(8), _US),
            ("MaximumT1Opt", _LONG.format(9), _MS),
            *((f"Tag{at}", _LONG.format(10 + at), _MS) for at in range(4)),
        ),
        delays=("InitialPostLabelDelay", 30, 38),
        planes=True,
    ),
)
_PLANE = (
    ("DThickness", "dThickness"),
    ("UlShape", "ulShape"),
    ("SPositionDTra", "sPosition.dTra"),
    ("SNormalDTra", "sNormal.dTra"),
)
_KINDS = (("PSEUDOCONTINUOUS", "PCASL"), ("CONTINUOUS", "CASL"), ("PULSED", "PASL"))


def _techniques(protocol: Protocol) -> list[Technique]:
    sequence = protocol.text("tSequenceFileName")
    return [technique for technique in _TECHNIQUES if technique.mark in sequence]


def siemens_labeling(result: dict[str, Any], header: Header, stack: Stack | None) -> None:
    """Add how and when blood was labeled as Siemens' protocol has it."""
    for technique in _techniques(header.protocol):
        _siemens(result, header, header.protocol, technique, stack)


def prepared(result: dict[str, Any], protocol: Protocol) -> None:
    """Add the repetition time where it is that of the preparation."""
    if any(technique.prepared for technique in _techniques(protocol)):
        put(result, "RepetitionTimePreparation", result.get("RepetitionTime", 0) * 1000)  # ms, as dcm2niix


def labeling(result: dict[str, Any], header: Header) -> None:
    """Add how and when blood was labeled as the standard's and GE's elements have it; nothing if it was not."""
    _standard(result, header)
    if header.maker == "GE":
        _ge(result, header)


def _siemens(
    result: dict[str, Any], header: Header, protocol: Protocol, technique: Technique, stack: Stack | None
) -> None:
    put(result, "PASLType", technique.variety)
    for name, key, factor in technique.settings:
        value = protocol.number(key, key.replace("Wip", "WiP"))
        if value is not None and (value > 0 or "alFree" not in key):
            result[name] = rounded(value * factor)
    delays = _delays(protocol, *technique.delays[1:])
    if delays:
        result[technique.delays[0]] = [rounded(delay * _MS) for delay in delays]
    for at in technique.unnamed:
        value = protocol.number(_FREE.format(at), _FREE.format(at).replace("Wip", "WiP"))
        if value is not None:
            result[f"sWipMemBlockAdFree{at}"] = rounded(value)
    if technique.planes:
        for name, key in _PLANE:
            result[f"TagPlane{name}"] = rounded(protocol.number(f"sRSatArray.asElm[1].{key}") or 0)
    if not technique.kind:
        return
    result["ArterialSpinLabelingType"] = technique.kind
    if protocol.integer("sKSpace.uc2DInterpolation") <= 0:
        down, across = header.frame.spacing
        size = (across, down, header.number(0x00180050) or 0)
        result["AcquisitionVoxelSize"] = [rounded(value) for value in size]
    volumes = len(stack.frames) if stack is not None else 1
    contrasts = max(protocol.integer("lContrasts"), 1) * max(len(delays), 1)
    if volumes % (2 * contrasts) and not (volumes - 1) % (2 * contrasts):
        result["M0Type"] = "Included"


def _delays(protocol: Protocol, start: int, end: int) -> Sequence[float]:
    found: list[float] = []
    for at in range(start, end):
        delay = protocol.number(_LONG.format(at)) or 0
        if delay <= 0:
            break
        found.append(delay)
    return found


def _kind(text: str) -> str:
    return next((kind for mark, kind in _KINDS if mark in text), "")


def _standard(result: dict[str, Any], header: Header) -> None:
    put(result, "PostLabelingDelay", (header.number(0x00189258) or 0) * _MS)
    put(result, "ArterialSpinLabelingType", _kind(header.text(0x00189250)))


def _ge(result: dict[str, Any], header: Header) -> None:
    kinds = {result.get("ArterialSpinLabelingType"), _kind(header.private_text(0x0043, "GEMS_PARM_01", 0xA3))}
    technique = header.private_text(0x0043, "GEMS_PARM_01", 0xA4)
    if "3D pulsed continuous" in technique:
        kinds.add("PCASL")
    elif "3D continuous" in technique:
        kinds.add("CASL")
    if result.get("ArterialSpinLabelingType") != "PASL":  # pulses are told of by the standard's element alone
        kind = next((kind for kind in ("PCASL", "CASL") if kind in kinds), "")
        put(result, "ArterialSpinLabelingType", kind)
    duration = header.private_number(0x0043, "GEMS_PARM_01", 0xA5) or 0
    if duration > 0:
        put(result, "LabelingDuration", duration * _MS)
        put(result, "PostLabelingDelay", result.get("InversionTime"))
        put(result, "NumberOfPointsPerArm", header.private_number(0x0027, "GEMS_IMAG_01", 0x60))
        put(result, "NumberOfArms", header.private_number(0x0027, "GEMS_IMAG_01", 0x61))
    excitations = header.private_number(0x0027, "GEMS_IMAG_01", 0x62) or 0
    if excitations > 1:
        put(result, "NumberOfExcitations", excitations)
