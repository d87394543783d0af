"""Decoded samples as native bytes, and the Image Pixel elements that go with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset


def native_bytes(ds: Dataset, arr: np.ndarray) -> bytes:
    """Return samples as uncompressed pixel data has them, single bits packed."""
    from pydcm_pixels._utils.bits import pack_bits

    return pack_bits(arr) if ds.BitsAllocated == 1 else arr.tobytes()


def describe(ds: Dataset, properties: dict[str, Any], photometric: str) -> None:
    """Set the Image Pixel elements that decoding or encoding has changed."""
    from pydcm_pixels._utils.store import set_high_bit

    ds.PhotometricInterpretation = photometric
    set_high_bit(ds)
    if properties["samples_per_pixel"] > 1:
        ds.PlanarConfiguration = 0
    if "NumberOfFrames" in ds or properties["number_of_frames"] > 1:
        ds.NumberOfFrames = properties["number_of_frames"]
