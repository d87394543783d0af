"""What each maker's names of sequences mean to BIDS."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from pydcm_pixels._bids.acceleration import echo_train
from pydcm_pixels._bids.image_type import is_field_map, last_of, words_of
from pydcm_pixels._bids.picture import Guess, Picture
from pydcm_pixels._diffusion.weighting import weighting
from pydcm_pixels._vendors.ge import is_diffusion

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RULES", "Guess", "Picture"]

_LOCALIZER = 256


def _letters(text: str, *, to_digit: bool = False) -> str:
    """Return the letters and digits of a name, up to the first digit if wanted."""
    plain = re.sub(r"[^A-Za-z0-9]", "", text)
    match = re.match(r"[A-Za-z]*\d", plain) if to_digit else None
    return match[0] if match else plain


def _siemens(picture: Picture) -> Guess:
    header = picture.header
    protocol = header.protocol
    name = picture.sequence if len(picture.sequence) > 1 else picture.pulse
    details = protocol.text("tSequenceFileName")
    details = details if len(details) > 1 else name
    if _is_scout(picture):
        guess = Guess("discard", "localizer")
    elif picture.derived and "_DIFFUSION_" in picture.types:
        guess = Guess("discard", "derivedDWI", echo=False, derived=False)
    elif not _is_placed(picture):
        guess = Guess("discard", "nonspatial")
    else:
        guess = _siemens_kind(picture, details, name)
    if "_SWI" in picture.types:
        guess = guess._replace(kind="anat", suffix="T2starw", part=True, derived=False)
    if "PHASE" in picture.components and guess.kind != "fmap":
        guess = guess._replace(part=True)
    if guess.suffix not in ("UNIT1", "T1map"):
        guess = guess._replace(inversion=_inversion(picture))
    return guess._replace(label=guess.label + _letters(name, to_digit=True))


def _is_placed(picture: Picture) -> bool:
    return any(picture.header.frame.orientation or picture.header.numbers(0x00200037))


def _is_scout(picture: Picture) -> bool:
    scout = any("AAHScout" in text for text in (picture.description, picture.protocol))
    return (scout or "fl2d1" in picture.sequence) and "b1map" not in picture.description


def _siemens_kind(picture: Picture, details: str, name: str) -> Guess:
    def has(*marks: str) -> bool:
        return any(mark in details for mark in marks)

    reference = "sbref" if "_SBRef" in picture.description else ""
    if has("b1map"):
        return Guess("fmap", "TB1TFL", label="famp" if "FLIP ANGLE MAP" in picture.types else "anat")
    if has("tfl", "mp2rage", "wip925"):
        return _prepared(picture)
    if weighting(picture.header) is not None or has(
        "_diff", "resolve", "PtkSmsVB13ADwDualSpinEchoEpi", "ep2d_stejskal_386"
    ):
        return Guess("dwi", reference or "dwi", direction=True)
    if has("fairest", "_asl", "_pasl", "pcasl", "PCASL"):
        return Guess("perf", "m0scan" if "_m0" in picture.description else "asl")
    if "spcR" in picture.pulse:
        return Guess("anat", "T2w")
    if has("tse_vfl", "\\space"):
        inverted = "spcir" in details or "spcir" in picture.sequence or "spcir" in picture.pulse
        return Guess("anat", "FLAIR" if inverted else "T2w")
    if has("tse"):
        suffix = "FLAIR" if "tir" in picture.sequence else ""
        if "tse2d" in picture.sequence or "tse2d" in picture.pulse:
            suffix = picture.weighting()
        return Guess("anat", suffix, echo=False)
    if has("ep2d_ase"):
        return Guess("", "oef_ase")
    if has("ep2d_se"):
        return Guess("fmap", "epi", direction=True)
    if has("gre_field_mapping"):
        suffix = f"magnitude{picture.echo}" if "MAGNITUDE" in picture.components else ""
        suffix = suffix or ("phasediff" if "PHASE" in picture.components else "")
        return Guess("fmap", suffix, run=False, echo=False)
    if has("\\trufi") or any(mark in name for mark in ("fl3d1_ns", "fl2d1", "tfl2d1")):
        return Guess("discard", "localizer")
    if "fl3d1r" in name:
        return Guess("anat", "angio")
    if has("fl3d_vibe"):
        suffix = picture.weighting(spin_echo=False)
        return Guess("anat" if suffix else "", suffix, part=bool(suffix))
    if has("ep_seg_fid"):
        for mark in ("mIP", "SWI_Images"):
            if mark in picture.description:
                return Guess("discard", mark, part=True)
        return Guess("anat", "T2starw", part=True)
    if has("gre"):
        several = picture.echo > 1 or picture.header.protocol.integer("lContrasts") > 1
        return Guess("anat", "MEGRE" if several else "T2starw", several=several, part=True)
    if has("AALScout", "haste"):
        return Guess("discard", "localizer")
    if has("_bold", "_pace", "ep2d_fid") or "FMRI" in picture.types:
        return Guess("func", reference or "bold", direction=True)
    if "*epse2d" in picture.sequence:
        return Guess("fmap", "epi", direction=True)
    if details and picture.contrast == "PERFUSION":
        return Guess("perf", "m0scan" if "_m0" in picture.description else "asl")
    return Guess("", "")


def _inversion(picture: Picture) -> int:
    """Return which of two inversion times an image has, 0 if there are not two."""
    protocol = picture.header.protocol
    first, second = ((protocol.number(f"alTI[{at}]") or 0) / 1000 for at in range(2))
    if first <= 0 or second <= 0 or protocol.integer("lInvContrasts") == 1:
        return 0
    return 2 if abs((picture.header.number(0x00180082) or 0) - second) < 1e-3 * second else 1


def _prepared(picture: Picture) -> Guess:
    """Magnetization-prepared gradient echoes: one image or several inversion times."""
    if "_UNI" in picture.types:
        rec = "denoise" if "DENOISED IMAGE" in picture.header.text(0x00204000) else ""
        return Guess("anat", "UNIT1", rec=rec, derived=False)
    if "T1 MAP" in picture.types:
        return Guess("anat", "T1map", derived=False)
    return Guess("anat", "MP2RAGE" if _inversion(picture) else "T1w", derived=False)


def _philips(picture: Picture) -> Guess:
    pulse = picture.pulse
    label = "".join(_letters(text) for text in (picture.variant, picture.scanning, pulse))
    delay = picture.sidecar.get("TriggerDelayTime", 0)
    label += f"t{math.floor(delay + 0.5)}" if delay > 1 else ""
    return _philips_kind(picture, pulse)._replace(label=label)


def _philips_kind(picture: Picture, pulse: str) -> Guess:
    variant, scanning, header = picture.variant, picture.scanning, picture.header
    skewed, spin = "SK" in variant, "SE" in scanning
    diffusion = "DIFFUSION" in picture.contrast or "_DIFFUSION_" in picture.types
    labeled = header.private_text(0x2005, "Philips MR Imaging DD 005", 0x29)[:1] in ("L", "C")
    run = (header.private_number(0x2005, "Philips MR Imaging DD 001", 0x63) or 0) >= 1
    run = run or bool(header.integer(0x00200100))
    if picture.slices < 4:
        return Guess("discard", "localizer")
    if "MP" in variant:
        return Guess("anat", "T1w")
    if diffusion and skewed and spin:
        return Guess("dwi", "dwi")
    if "PERFUSION" in picture.types or labeled:
        return Guess("perf", "asl")
    if "SEEPI" in pulse and skewed and spin:
        return Guess("fmap", "epi", run=False)
    if skewed and spin:
        return Guess("anat", picture.weighting())
    if skewed and "IR" in scanning:
        return Guess("anat", "FLAIR")
    if (run or "FEEPI" in pulse) and skewed and "GR" in scanning:
        return Guess("func", "bold")
    if "SS" in variant and "GR" in scanning:
        return Guess("anat", "T2starw", part=True)
    mapped = is_field_map(last_of(header)) or "B0" in words_of(picture.types) + words_of(picture.pulse)
    if "SS" in variant and "RM" in scanning and mapped:
        return Guess("fmap", "fieldmap" if "REAL" in picture.components else "magnitude", echo=False)
    if "SP" in variant and "GR" in scanning:
        return Guess("fmap", _philips_map(picture), echo=False)
    return Guess("", "")


def _philips_map(picture: Picture) -> str:
    names = (("PHASE", "phase"), ("IMAGINARY", "imaginary"), ("REAL", "real"))
    if echo_train(picture.header) > 1:
        part = next((label for name, label in names if name in picture.components), "magnitude")
        return f"{part}{picture.echo}"
    echo = picture.echo or int(picture.header.frame.groups is not None)
    return "phasediff" if "PHASE" in picture.components else f"magnitude{echo}"


def _ge(picture: Picture) -> Guess:
    internal = picture.header.private_text(0x0019, "GEMS_ACQU_01", 0x9E)
    name = internal or picture.header.private_text(0x0019, "GEMS_ACQU_01", 0x9C) or picture.pulse
    guess = _ge_kind(picture, name)
    if "EP\\SE" in picture.scanning or "EP\\RM" in picture.scanning:
        guess = guess._replace(direction=True)
    return guess._replace(label=_letters(name))


def _ge_kind(picture: Picture, name: str) -> Guess:
    header, scanning = picture.header, picture.scanning
    step = picture.sidecar.get("ProcedureStepDescription", "")
    research = "EP\\RM" in scanning
    planar_gradient = "EP\\GR" in scanning or ("Gradient Echo" in step and research)
    planar_spin = "EP\\SE" in scanning or ("Spin Echo" in step and research)
    gradient = planar_gradient or "GRE" in name or "Gradient Echo" in step
    weighted = is_diffusion(header)
    localizer = header.private_number(0x0019, "GEMS_ACQU_01", 0x17) == _LOCALIZER
    if picture.slices < 4 or localizer or "3 Plane Loc" in picture.description:
        return Guess("discard", "localizer", echo="3 Plane Loc" not in picture.description)
    if is_field_map(header):
        return Guess("fmap", "fieldmap", run=False, echo=False)
    if "B0map" in name or "3db0map" in header.private_text(0x0019, "GEMS_ACQU_01", 0x9C):
        return Guess("fmap", "magnitude", run=False, echo=False)
    if picture.several and gradient and not planar_gradient:
        return Guess("anat", "T2starw", part=True)
    if name == "EFGRE3D" or ("3dradial" in name and "GR\\IR" in scanning):
        return Guess("anat", "T1w")
    if "FSE" in name:
        return Guess("anat", "FLAIR" if "IR" in scanning else picture.weighting(), echo=False)
    if name == "2DFAST" and "STAR" in picture.description:
        return Guess("anat", "T2starw", part=True)
    if "asl" in name or picture.contrast == "PERFUSION":
        return Guess("perf", "asl")
    if (planar_spin and not weighted) or ("fieldmap" in picture.description and "EPI" in name):
        return Guess("fmap", "epi", direction=True)
    if "LoopingStar" in name:
        return Guess("func", "bold")
    if planar_gradient:
        return Guess("func", "bold", direction=True)
    if "EPI" in name and weighted:
        return Guess("dwi", "dwi", direction=True)
    if "tof" in name:
        return Guess("anat", "angio")
    return Guess("", "")


RULES: dict[str, Callable[[Picture], Guess]] = {"Siemens": _siemens, "Philips": _philips, "GE": _ge}
