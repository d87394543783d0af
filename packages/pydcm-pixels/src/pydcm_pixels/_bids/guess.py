"""A guess at the BIDS data type and entities of a series."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydcm_pixels._bids.header import Header

__all__ = ["bids_guess"]

_SPIN_ECHO_T2 = 0.045  # echo time (s) from which a spin echo is T2-weighted
_DIRECTIONS = {"j-": "AP", "j": "PA", "i-": "LR", "i": "RL"}


def bids_guess(header: Header, sidecar: dict[str, Any]) -> list[str]:
    """Return data type and entities, empty if there is no guess."""
    modality = sidecar.get("Modality", "")
    if modality == "PT":
        return ["pet", "_pet"]
    if modality == "CT":
        return ["ct", "_ct"]
    if modality != "MR":
        return []
    found = _kind(header, sidecar)
    if found is None:
        return []
    kind, suffix, directed = found
    entities = f"_acq-{label}" if (label := _label(header, sidecar)) else ""
    if directed and sidecar.get("PhaseEncodingDirection") in _DIRECTIONS:
        entities += f"_dir-{_DIRECTIONS[sidecar['PhaseEncodingDirection']]}"
    if kind != "fmap" and sidecar.get("EchoNumber"):
        entities += f"_echo-{sidecar['EchoNumber']}"
    if kind != "fmap" and "PHASE" in sidecar.get("ImageType", ()):
        entities += "_part-phase"
    return [kind, f"{entities}_run-{sidecar.get('SeriesNumber', 0)}_{suffix}"]


def _label(header: Header, sidecar: dict[str, Any]) -> str:
    name = str(sidecar.get("SequenceName", ""))
    if header.maker == "GE":
        name = str(sidecar.get("InternalPulseSequenceName", name))
    elif header.maker == "Siemens":
        # letters and dimensions: *epfid2d1_64 is epfid2
        match = re.match(r"\*?([A-Za-z]+\d*)", name)
        name = match[1] if match else ""
    elif header.maker == "Philips":
        name = "".join(str(sidecar.get(key, "")) for key in ("SequenceVariant", "ScanningSequence")) + name
    label = "".join(mark for mark in name if mark.isalnum())
    factor = sidecar.get("ParallelReductionFactorInPlane", 0)
    return f"{label}p{factor:g}" if factor > 1 and header.maker in ("Siemens", "GE") else label


def _kind(header: Header, sidecar: dict[str, Any]) -> tuple[str, str, bool] | None:
    scanning = sidecar.get("ScanningSequence", "")
    sequence = f"{sidecar.get('SequenceName', '')} {sidecar.get('PulseSequenceDetails', '')}".lower()
    description = sidecar.get("SeriesDescription", "").lower()
    types = sidecar.get("ImageType", ())
    if header.maker == "UIH" or not header.maker:
        return None
    if "FIELDMAPHZ" in types:
        return "fmap", "fieldmap", False
    if header.maker == "Philips" and "SS" in sidecar.get("SequenceVariant", "") and "RM" in scanning:
        return "fmap", "magnitude", False
    if "DIFFUSION" in types or "diff" in sequence or "epse" in sequence:
        return "dwi", "sbref" if "sbref" in description else "dwi", True
    if "asl" in sequence or ("PERFUSION" in types and header.maker == "Philips"):
        return "perf", "asl", False
    if "field_mapping" in sequence:
        return "fmap", "phasediff" if "PHASE" in types else "magnitude", False
    if "ep2d_se" in sequence:
        return "fmap", "epi", True
    if "EP" in scanning and ("SE" not in scanning or "epfid" in sequence or header.maker == "GE"):
        return "func", "sbref" if "sbref" in description else "bold", True
    if "flair" in description or ("IR" in scanning and "SE" in scanning):
        return "anat", "FLAIR", False
    if "tfl" in sequence or "MP" in sidecar.get("SequenceVariant", ""):
        return "anat", "T1w", False
    if "SE" in scanning or "tse" in sequence or "spc" in sequence:
        return "anat", "T2w" if sidecar.get("EchoTime", 0) >= _SPIN_ECHO_T2 else "PDw", False
    return "anat", "T2starw" if sidecar.get("EchoTime", 0) > 0.02 else "T1w", False
