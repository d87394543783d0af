"""What the rules of a guess look at."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from pydcm_pixels._bids.acceleration import in_plane, mode, multiband
from pydcm_pixels._bids.encoding import phase_polarity
from pydcm_pixels._bids.image_type import components, echo_number, is_derived, series_number
from pydcm_pixels._bids.orientation import phase_axis
from pydcm_pixels._bids.slice_timing import single
from pydcm_pixels._diffusion.weighting import weighting

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._vendors.header import Header

__all__ = ["Guess", "Picture"]

_SPIN_ECHO_T2 = 45  # ms


class Guess(NamedTuple):
    """Data type, suffix, and which entities there are."""

    kind: str
    suffix: str
    label: str = ""
    direction: bool = False
    run: bool = True
    echo: bool = True
    several: bool = False
    part: bool = False
    derived: bool = True
    rec: str = ""
    inversion: int = 0


class Picture:
    """What rules look at."""

    def __init__(self, header: Header, sidecar: dict[str, Any], stack: Stack | None) -> None:
        self.header = header
        self.maker = header.maker
        self.sidecar = sidecar
        self.protocol = header.text(0x00181030)
        self.description = header.text(0x0008103E)
        self.scanning = sidecar.get("ScanningSequence", "")
        self.variant = sidecar.get("SequenceVariant", "")
        self.types = "_".join(["", *header.own_text(0x00080008).split("\\"), ""])
        self.sequence = header.text(0x00180024)
        self.pulse = header.text(0x00189005)
        self.contrast = header.text(0x00089209)
        self.series = series_number(header)
        self.echo = int(sidecar.get("EchoNumber") or echo_number(header))
        self.several = stack is not None and ("echo_number" in stack.kind or "echo_time" in stack.kind)
        self.components = components(header)
        self.derived = is_derived(header)
        self.echo_time = header.number(0x00180081) or header.number(0x00189082) or 0.0
        multiframe = header.frame.groups is not None
        self.slices = (len(stack.frames[0]) if multiframe else stack.n_frames) if stack is not None else 1
        self.volumes = len(stack.frames) if stack is not None else 1
        self.weighted = header.number(0x00189087) is not None
        if self.maker == "Philips":
            self.weighted = weighting(header) is not None
        if self.maker == "GE":
            self.weighted = self.weighted or bool(header.private_numbers(0x0043, "GEMS_PARM_01", 0x39))

    def direction(self) -> str:
        """Return the direction of phase encoding as a label; if it is not known, the usual one."""
        positive = phase_polarity(self.header)
        if phase_axis(self.header) == "C":
            return "PA" if positive is False or (positive is None and self.maker == "GE") else "AP"
        usual, other = ("RL", "LR") if self.maker != "GE" else ("LR", "RL")
        return other if positive is False or (positive is None and self.maker == "GE") else usual

    def acceleration(self) -> str:
        """Return the factors of acceleration for a label."""
        if self.maker == "Siemens":
            stated = self.header.number(0x00189069) or 0
            factor, bands = (
                max(mode(self.header, "p", alone=True), stated if stated > 1 else 0),
                multiband(self.header),
            )
        else:
            told = "ParallelReductionFactorInPlane" in self.sidecar
            factor, bands = single(in_plane(self.header)) if told else 0.0, multiband(self.header)
        if self.maker == "Philips":
            factor = max(factor, self.sidecar.get("CompressedSensingFactor", 0))
            factor *= 10 if factor > 1 else 1
        text = f"p{math.floor(factor + 0.5)}" if factor > 1 else ""
        return f"{text}m{bands}" if bands > 1 else text

    def part(self) -> dict[str, str]:
        """Return the entity for the part of a complex image."""
        names = [("PHASE", "phase"), ("MAGNITUDE", "mag")]
        if self.maker == "GE":
            names = [("IMAGINARY", "imag"), ("REAL", "real"), *names]
        return next(({"part": label} for name, label in names if name in self.components), {})

    def weighting(self, *, spin_echo: bool = True) -> str:
        """Return the weighting that is stated, or that echo time, repetition time and flip angle mean; ``""`` without these."""
        stated = {
            "T1": "T1w",
            "T2": "T2w",
            "PROTON_DENSITY": "PDw",
            "T2_STAR": "T2starw",
            "FLUID_ATTENUATED": "FLAIR",
        }
        if self.contrast in stated:
            return stated[self.contrast]
        if spin_echo:
            return "T2w" if self.echo_time >= _SPIN_ECHO_T2 else "PDw"
        field = self.header.number(0x00180087) or 0
        period = (self.header.number(0x00180080) or 0) / 1000
        angle = self.header.number(0x00181314) or 0
        if min(field, period, angle, self.echo_time) <= 0:
            return ""
        if self.echo_time / 1000 >= 0.5 * 0.05 / field:  # half of T2*
            return "T2starw"
        ernst = math.degrees(math.acos(math.exp(-period / (0.8 * field**0.38))))
        return "T1w" if angle >= 1.3 * ernst else "PDw"
