"""A guess at the BIDS data type and entities of a series.

Makers name their sequences in their own ways, so each has a list of rules: the first that fits decides. What the names
of protocol and series say comes last.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pydcm_pixels._bids.guess_rules import RULES, Picture

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._vendors.header import Header

__all__ = ["bids_guess"]

_ORDER = ("task", "acq", "ce", "rec", "dir", "run", "echo", "flip", "inv", "part")
#: Words of names that mean maps that scanners compute from diffusion-weighted images, and their suffixes.
_MAPS = (
    (("colfa", "col_fa", "col-fa"), "colFA"),
    (("expadc", "exp_adc", "exp-adc"), "expADC"),
    (("tracew", "trace"), "trace"),
    (("tensor",), "TENSOR"),
    (("s0map", "s0_map", "s0-map"), "S0map"),
    (("fa",), "FA"),
    (("adc",), "ADC"),
)
_CONTRASTS = {
    "T1": ("anat", "T1w"),
    "T2": ("anat", "T2w"),
    "PROTON_DENSITY": ("anat", "PDw"),
    "T2_STAR": ("anat", "T2starw"),
    "FLUID_ATTENUATED": ("anat", "FLAIR"),
    "STIR": ("anat", "T2w"),
    "DIFFUSION": ("dwi", "dwi"),
    "TOF": ("anat", "angio"),
}
_EDGE = r"(?:^|[_\-\s/\\.,]){}(?=$|[_\-\s/\\.,])"


class _Entities(NamedTuple):
    kind: str
    entities: dict[str, str]
    suffix: str

    def joined(self) -> str:
        words = [f"_{name}-{self.entities[name]}" for name in self.entities]
        return "".join(words) + (f"_{self.suffix}" if self.suffix else "")


def bids_guess(header: Header, sidecar: dict[str, Any], stack: Stack | None) -> list[str]:
    """Return data type and entities, empty if there is no guess."""
    modality = sidecar.get("Modality", "")
    fixed = {"PT": ["pet", "_pet"], "CT": ["ct", "_ct"], "SEG": ["anat", "_seg"]}.get(modality)
    if fixed or modality != "MR":
        return fixed or []
    picture = Picture(header, sidecar, stack)
    found = _of_maker(picture)
    found = _named(found, picture)
    if not found.kind:
        contrast = _CONTRASTS.get(picture.contrast) or _CONTRASTS.get(header.own_text(0x00089209))
        if contrast is None or (contrast[0] == "dwi" and not picture.weighted):
            return []
        found = found._replace(kind=contrast[0], suffix=contrast[1])
    return [found.kind, found.joined()]


def _of_maker(picture: Picture) -> _Entities:
    rules = RULES.get(picture.maker)
    if rules is None:
        return _Entities("", {}, "")
    guess = rules(picture)
    entities: dict[str, str] = {}
    entities["acq"] = guess.label + picture.acceleration()
    if guess.rec:
        entities["rec"] = guess.rec
    if guess.direction:
        entities["dir"] = picture.direction()
    if guess.run:
        entities["run"] = str(picture.series)
    echo = picture.echo
    if guess.echo and echo and (echo > 1 or guess.several or picture.several):
        entities["echo"] = str(echo)
    if guess.inversion:
        entities["inv"] = str(guess.inversion)
    if guess.part:
        entities.update(picture.part())
    derived = guess.derived and picture.derived
    kept = guess.kind == "discard" and picture.maker == "Siemens"
    kind = "derived" if derived and not kept else guess.kind
    return _Entities(kind, entities, guess.suffix)


def _named(found: _Entities, picture: Picture) -> _Entities:
    """Refine a guess by the names of protocol and series."""
    if found.kind == "discard":
        return found
    names = f"{picture.protocol} {picture.description}".lower()
    for words, suffix in _MAPS:
        if any(re.search(_EDGE.format(word), names) for word in words):
            kind = "derived" if suffix == "TENSOR" else "dwi"
            found = _Entities(kind, {}, suffix)
            break
    entities = dict(found.entities)
    if "acq" not in entities:
        labels = re.findall(_EDGE.format(r"acq-([a-z0-9]+)"), names, re.IGNORECASE)
        if labels:
            entities["acq"] = max(labels, key=len)
    if "dir" not in entities:
        match = re.search(_EDGE.format("(ap|pa|lr|rl)"), names)
        if match is not None:
            entities["dir"] = match[1].upper()
    ordered = {name: entities[name] for name in sorted(entities, key=_ORDER.index)}
    return found._replace(entities=ordered if len(ordered) > len(found.entities) else found.entities)
