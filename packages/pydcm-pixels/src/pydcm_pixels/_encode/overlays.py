"""Overlays in unused bits of the samples (retired), which no encoder keeps: they get *Overlay Data* of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.tag import BaseTag

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset


def embedded_overlays(ds: Dataset) -> dict[int, np.ndarray]:
    """Return the overlays that are part of the samples of `ds`, by their group (PS3.5 §8.1.2).

    Those whose description makes no sense are left out.
    """
    found = {}
    for group in range(0x6000, 0x6100, 2):
        allocated = ds.get(BaseTag(group << 16 | 0x0100))
        if allocated is None or BaseTag(group << 16 | 0x3000) in ds:
            continue
        if not isinstance(allocated.value, int) or allocated.value < 2:
            continue
        try:
            found[group] = ds.overlay_array(group)
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
    return found


def store_overlays(ds: Dataset, overlays: dict[int, np.ndarray]) -> None:
    """Give `ds` the overlays as elements of their own (PS3.3 §C.9.2).

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        Changed in place.
    overlays : dict[int, numpy.ndarray]
        By group, arrays of 0 and 1, ``(rows, columns)`` or ``(frames, rows, columns)``.
    """
    from pydcm_pixels._utils.bits import pack_bits

    for group, arr in overlays.items():
        base = group << 16
        rows, columns = arr.shape[-2:]
        ds.add_new(base | 0x0010, "US", rows)
        ds.add_new(base | 0x0011, "US", columns)
        if arr.ndim == 3:
            ds.add_new(base | 0x0015, "IS", arr.shape[0])
            ds.add_new(base | 0x0051, "US", 1)
        ds.add_new(base | 0x0100, "US", 1)
        ds.add_new(base | 0x0102, "US", 0)
        ds.add_new(base | 0x3000, "OW", pack_bits(arr))
