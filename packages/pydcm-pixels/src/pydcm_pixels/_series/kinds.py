"""What makes images of one series volumes of different kinds: echo, component, derived or not, cardiac phase.

The rules are dcm2niix's: kinds become files of their own there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._series import fields
from pydcm_pixels._series.alike import of_common
from pydcm_pixels._series.private import find_private
from pydcm_pixels._series.vendors import ge_is_map, ge_polarity

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from pydcm.dataset import Dataset
    from pydcm_pixels._series.frame import Frame

__all__ = ["JOINED", "Kind", "contrast_of", "distinguishing", "kind_of", "telling"]

#: Names and values; the order of the names is always the same.
Kind = tuple[tuple[str, "Hashable"], ...]

#: Kinds that are points of one more axis: volumes that differ in nothing else belong together.
JOINED = frozenset(("echo_time", "echo_number", "flip_angle", "repetition_time", "trigger_time", "file"))

_ECHOES = {"echo_time", "echo_number"}
_BEFORE_ECHOES = ("component", "polarity", "derived")
#: Modalities that make slices even if the files do not say where.
_SLICES = ("CT", "PT", "NM", "OPT", "RTDOSE")
_COMPONENTS = (
    ("phase", frozenset(("P",))),
    ("real", frozenset(("R", "REAL"))),
    ("imaginary", frozenset(("I", "IMAGINARY"))),
)
_OWN = "Philips MR Imaging DD 005"
#: Values of GE's (0043,102F).
_GE_COMPONENTS = {1: "phase", 2: "real", 3: "imaginary"}
_REAL = 2


def kind_of(frame: Frame, *, like_dcm2niix: bool = False) -> Kind:
    """Return what kind of image a frame is.

    Outside of MR, multi-frame files are kinds of their own, and so are pictures of no known place that are no slices:
    radiographs, photographs, single ultrasound images. With `like_dcm2niix`, derived frames of a multi-frame file are of
    the kind of the others.
    """
    modality = _modality(frame)
    if modality != "MR":
        if frame.index is not None:
            return _file(frame)
        placeless = frame.position is None and frame.orientation is None and modality not in _SLICES
        return (("image", frame.path),) if placeless and 0x00201041 not in frame.ds else ()
    if frame.groups is None or frame.tile is not None:
        own = _maker(frame).startswith(("GE ", "PHILIPS"))  # these look at private elements, too
        return tuple(_classic(frame)) if own else _usual_kind(frame)
    together = like_dcm2niix and not _maker(frame).startswith("SIEMENS")
    return tuple(one for one in _multiframe(frame) if not together or one[0] != "derived")


@of_common
def _usual_kind(frame: Frame) -> Kind:
    return tuple(_classic(frame))


def _classic(frame: Frame) -> Iterable[tuple[str, Hashable]]:
    ds = frame.ds
    types = fields.text(ds, 0x00080008).upper().split("\\")
    yield "echo_time", fields.number(ds, 0x00180081)
    yield "echo_number", fields.integer(ds, 0x00180086)
    maker = _maker(frame)
    if maker.startswith("GE "):
        yield "component", _ge_component(ds)
        yield "polarity", ge_polarity(ds)[0]
    else:
        yield "component", component_of(types, fields.text(ds, 0x00089208))
    yield "derived", types[0] == "DERIVED"
    yield "protocol", fields.text(ds, 0x00181030)
    if maker.startswith("PHILIPS") and not _numbered(frame):
        yield "trigger_time", fields.number(ds, 0x00181060)


def _multiframe(frame: Frame) -> Iterable[tuple[str, Hashable]]:
    types = frame.find(0x00089007)
    stated = frame.find(0x00089208)
    words = fields.text(types, 0x00089007).upper().split("\\") if types is not None else [""]
    time = None
    for tag in (0x00189082, 0x00180081):
        if time is None and (echo := frame.find(tag)) is not None:
            time = fields.number(echo, tag)
    yield "echo_time", time
    yield "component", component_of(words, fields.text(stated, 0x00089208) if stated is not None else "")
    yield "derived", words[0] == "DERIVED"
    maker = _maker(frame)
    if maker.startswith("SIEMENS"):
        return
    if maker.startswith("PHILIPS"):
        for tag in (0x00209153, 0x00181060):
            if (trigger := frame.find(tag)) is not None:
                yield "trigger_time", _delay(frame, fields.number(trigger, tag) or 0.0)
                break
    # Siemens writes a file per volume of a series; with the others a file is complete
    yield from _file(frame)


def _file(frame: Frame) -> Kind:
    """Return what keeps multi-frame files apart; parts of one (PS3.3 §C.7.6.16.2.2.4) and single frames belong together."""
    if frame.groups is not None:
        if whole := fields.text(frame.ds, 0x00209161):
            return (("file", whole),)
        if frame.image.n_frames == 1:
            return ()
    return (("file", frame.path),)


def _numbered(frame: Frame) -> bool:
    """Whether Philips' (2001,xx08) counts the phases: then they are volumes of one series."""
    tag = find_private(frame.ds, 0x2001, "Philips Imaging DD 001", 0x08)
    return tag is not None and (fields.integer(frame.ds, tag) or 0) > 0


def _delay(frame: Frame, delay: float) -> float:
    """Return the delay after the trigger of a frame of Philips', ms; 0 if it makes no volumes of its own.

    Where it is the time since the start of the scan, or blood was labeled (2005,xx29), images are volumes of one series.
    """
    assert frame.groups is not None
    tag = find_private(frame.groups, 0x2005, _OWN, 0x0F)
    for own in fields.items(frame.groups, tag) if tag is not None else ():
        tag = find_private(own, 0x2005, _OWN, 0x29)
        if tag is not None and fields.text(own, tag) in ("LABEL", "CONTROL"):
            return 0.0
        tag = find_private(own, 0x2005, "Philips MR Imaging DD 001", 0xA0)
        begin = fields.number(own, tag) if tag is not None else None
        if begin is not None and abs(begin * 1000 - delay) < 1e-3 * max(delay, 1):
            return 0.0
    return delay


@of_common
def _modality(frame: Frame) -> str:
    return fields.modality(frame.ds)


@of_common
def _maker(frame: Frame) -> str:
    return fields.text(frame.ds, 0x00080070).upper()


def _ge_component(ds: Dataset) -> str:
    tag = find_private(ds, 0x0043, "GEMS_PARM_01", 0x2F)
    number = fields.integer(ds, tag) if tag is not None else None
    mapped = ge_is_map(ds)
    if mapped:
        return "real"
    if mapped is not None and number == _REAL:
        return "magnitude"
    return _GE_COMPONENTS.get(number or 0) or component_of(fields.text(ds, 0x00080008).upper().split("\\"))


def component_of(types: Sequence[str], stated: str = "") -> str:
    """Return ``"magnitude"`` unless *Image Type* or *Complex Image Component* says phase, real or imaginary.

    As in dcm2niix, a lone letter counts if another word follows it: the last one may mean anything.
    """
    words = " ".join(types[2:]).replace("_", " ").split()
    if "PHASE" in words:
        return "phase"
    for name, marks in _COMPONENTS:
        if not marks.isdisjoint(words[:-1]):
            return name
    stated = stated.lower()
    return stated if stated in ("phase", "real", "imaginary") else "magnitude"


@of_common
def contrast_of(frame: Frame) -> Kind:
    """Return what else makes volumes different kinds of image, if all of it holds for whole volumes."""
    if frame.groups is not None or _modality(frame) != "MR":
        return ()
    return (
        ("flip_angle", fields.number(frame.ds, 0x00181314)),
        ("repetition_time", fields.number(frame.ds, 0x00180080)),
    )


def telling(kinds: Iterable[Kind], *, like_dcm2niix: bool = False) -> dict[Kind, set[str]]:
    """Return for each kind the names of what tells it from others.

    With `like_dcm2niix`, echoes of single-frame files count as soon as there are two of one component; the `kinds` are to
    be in the order of acquisition.
    """
    every = list(dict.fromkeys(kinds))
    names = distinguishing(every)
    found = dict.fromkeys(every, names)
    if not like_dcm2niix or not names & _ECHOES or any("file" in dict(kind) for kind in every):
        return found
    for at, kind in enumerate(every):
        same = [one for one in every[at:] if _before_echoes(one) == _before_echoes(kind)]
        if distinguishing(same) & _ECHOES:
            break
        found[kind] = names - _ECHOES
    return found


def _before_echoes(kind: Kind) -> Kind:
    """Return what dcm2niix compares before it compares echoes."""
    return tuple(one for one in kind if one[0] in _BEFORE_ECHOES)


def distinguishing(kinds: Iterable[Kind]) -> set[str]:
    """Return the names whose values differ between kinds."""
    seen: dict[str, set[Hashable]] = {}
    for kind in kinds:
        for name, value in kind:
            seen.setdefault(name, set()).add(value)
    return {name for name, values in seen.items() if len(values) > 1}
