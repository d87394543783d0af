"""Fields of NIfTI's header that repeat what the sidecar says, for programs that read no sidecars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._bids.encoding import phase_polarity
from pydcm_pixels._bids.equipment import is_3d
from pydcm_pixels._bids.mosaic_timing import order_of_mosaic
from pydcm_pixels._bids.orientation import phase_axis
from pydcm_pixels._bids.tiles import is_numbered_backwards
from pydcm_pixels._series.frame import NOWHERE
from pydcm_pixels._vendors.header import Header, modality

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack

__all__ = ["description", "nifti_fields"]

_AUXILIARY = 23
_DESCRIPTION = 79
#: Frequency, phase and slice direction as bits of *dim_info*, by the axis of phase encoding.
_DIRECTIONS = {"R": 2 | 1 << 2 | 3 << 4, "C": 1 | 2 << 2 | 3 << 4}


def nifti_fields(stack: Stack, sidecar: dict[str, Any], comment: str) -> dict[str, Any]:
    """Return the fields of the header that dcm2niix fills beside geometry and scaling.

    Parameters
    ----------
    stack : Stack
        What is written.
    sidecar : dict
        Its sidecar.
    comment : str
        For *aux_file*; if it is empty, the images' own comments are taken unless the sidecar has none.
    """
    header = Header(stack.first)
    found: dict[str, Any] = {"descrip": description(header, sidecar)}
    text = comment or sidecar.get("ImageComments", "")
    if text:
        found["aux_file"] = text.encode()[:_AUXILIARY]
    axis = phase_axis(header)
    if axis in _DIRECTIONS:
        found["dim_info"] = _DIRECTIONS[axis]
    if stack.first.orientation is None or stack.first.position is NOWHERE:
        found["qform_code"] = found["sform_code"] = 0  # a picture of no place
    timed = stack.first.tile is not None and not is_3d(header) and not is_numbered_backwards(stack)
    if header.maker == "Siemens" and timed:
        for volume in stack.frames[:2]:  # the times of the first volume are wrong now and then
            code = order_of_mosaic(Header(volume[0]))
            if code:
                found["slice_code"] = code
                break
    return found


def description(header: Header, sidecar: dict[str, Any]) -> bytes:
    """Return echo time, ms, time of acquisition, HHMMSS, polarity of phase encoding and bands as dcm2niix writes them."""
    parts = []
    if modality(header) == "MR":
        parts.append(f"TE={sidecar.get('EchoTime', sidecar.get('EchoTime1', 0)) * 1000:.2g}")
    parts.append(f"Time={_clock(header, sidecar):.3f}")
    positive = phase_polarity(header)
    if positive is not None:
        parts.append(f"phase={positive:d}")
    bands = sidecar.get("MultibandAccelerationFactor", 1)
    if bands > 1:
        parts.append(f"mb={bands}")
    return ";".join(parts).encode()[:_DESCRIPTION]


def _clock(header: Header, sidecar: dict[str, Any]) -> float:
    """Return the time of acquisition as a number HHMMSS, 0 if it is not known; a day does not need to be told."""
    clock = sidecar.get("AcquisitionTime", "").split(":")
    if len(clock) == 3:
        return sum(float(part) * 100**at for at, part in enumerate(reversed(clock)))
    try:
        return max(float(header.text(0x00080032).replace(":", "")), 0.0)
    except ValueError:
        return 0.0
