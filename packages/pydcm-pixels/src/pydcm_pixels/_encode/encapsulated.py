"""Encoded frames as *Pixel Data*, with the offset table they need (PS3.5 §A.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._utils.store import drop_offsets

if TYPE_CHECKING:
    from pydcm.dataset import Dataset
    from pydcm.uid import UID

_RLE = "1.2.840.10008.1.2.5"
MAX_OFFSET = 0xFFFFFFFF
"""The greatest number in a basic offset table, and one more than an element's greatest length."""


def check_fragments(target: UID, fragments_per_frame: int, extended: bool) -> None:
    """Refuse more fragments per frame than the transfer syntax or the offset table allows.

    Raises
    ------
    ValueError
        For fewer than one, or for several with RLE (PS3.5 §G.2) or an extended offset table (PS3.3 §C.7.6.3.1.8).
    """
    if fragments_per_frame < 1:
        raise ValueError(
            f"A 'fragments_per_frame' value of '{fragments_per_frame}' is invalid, it must be 1 or more"
        )
    if fragments_per_frame > 1 and (extended or target == _RLE):
        what = "an extended offset table" if extended else f"'{target.name}'"
        raise ValueError(
            f"{fragments_per_frame} fragments per frame are not possible with {what}, only one is"
        )


def store_frames(
    ds: Dataset, frames: list[bytes], *, extended: bool = False, fragments_per_frame: int = 1
) -> None:
    """Make encoded frames the *Pixel Data* of `ds`, drop the extended offset table it had.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        Changed in place.
    frames : list[bytes]
        The frames; those of odd length are padded.
    extended : bool, optional
        Whether to write an extended offset table. It is written anyway when a basic one cannot hold the numbers.
    fragments_per_frame : int, optional
        Into how many fragments to cut each frame.
    """
    from pydcm.encaps import encapsulate, encapsulate_extended
    from pydcm.valuerep import VR

    last_offset = sum(len(frame) + len(frame) % 2 + 8 * fragments_per_frame for frame in frames[:-1])
    too_far = last_offset > MAX_OFFSET
    if fragments_per_frame == 1 and (extended or too_far):
        ds.PixelData, ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = encapsulate_extended(frames)
    else:
        drop_offsets(ds)
        ds.PixelData = encapsulate(frames, fragments_per_frame, has_bot=not too_far)
    element = ds["PixelData"]
    element.is_undefined_length = True
    element.VR = VR.OB
