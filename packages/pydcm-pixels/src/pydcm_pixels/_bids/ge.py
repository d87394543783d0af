"""What GE's private elements say beyond the standard's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._bids.equipment import put
from pydcm_pixels._vendors.ge import cycling, n_directions, tensor_file, unflipped
from pydcm_pixels._vendors.header import rounded

if TYPE_CHECKING:
    from pydcm_pixels._vendors.header import Header

__all__ = ["ge", "slab_interpolation"]

_PARAMETERS = "GEMS_PARM_01"


def ge(result: dict[str, Any], header: Header) -> None:
    """Add what only GE's scanners tell."""
    polarity = unflipped(header)
    if polarity is not None:
        result["PhaseEncodingPolarityGE"] = "Unflipped" if polarity else "Flipped"
    shim = [header.private_number(0x0043, _PARAMETERS, element) for element in (2, 3, 4)]
    if shim[0] is not None:
        result["ShimSetting"] = [rounded(value or 0) for value in shim]
    put(result, "PrescanReuseString", header.private_text(0x0043, _PARAMETERS, 0x95))
    spin_echo = "epi2" in header.private_text(0x0019, "GEMS_ACQU_01", 0x9C)
    functional = (
        header.private_number(0x0043, _PARAMETERS, 0x7C) is not None
    )  # only those have a delay of groups
    if (spin_echo and not functional) or result.get("InternalPulseSequenceName") == "EPI2":
        put(result, "NumberOfDiffusionDirectionGE", n_directions(header) or 0)
        put(
            result,
            "NumberOfDiffusionT2GE",
            round(header.private_number(0x0019, "GEMS_ACQU_01", 0xDF) or 0),
        )
        put(result, "TensorFileNumberGE", tensor_file(header))
        put(result, "DiffGradientCyclingGE", cycling(header))
    put(result, "CoilString", header.text(0x00181250))


def slab_interpolation(header: Header) -> int:
    """Return how many slices were reconstructed for each that was acquired (ZIP), 1 if none were added."""
    planned = header.private_number(0x0021, "GEMS_RELA_01", 0x4F) or 0
    made = header.integer(0x00201002)
    thick, step = header.number(0x00180050) or 0, header.number(0x00180088) or 0
    if header.maker != "GE" or not planned or not made or planned == made or step <= 0:
        return 1
    return max(round(thick / step), 1)
