"""Modality LUT: from stored values to output units (PS3.3 §C.11.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._processing.tables import apply_table, descriptor, one_number, table_data

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset


def apply_modality_lut(arr: np.ndarray, ds: Dataset) -> np.ndarray:
    """Apply the modality look-up table of `ds`, or its rescale slope and intercept.

    Parameters
    ----------
    arr : numpy.ndarray
        Stored values of any shape.
    ds : pydcm.dataset.Dataset
        The data set with a *Modality LUT Sequence*, or *Rescale Slope* and *Rescale Intercept*.

    Returns
    -------
    numpy.ndarray
        Table entries (uint8 or uint16), float64 values, or `arr` itself when `ds` has neither.
    """
    if ds.get("ModalityLUTSequence"):
        item = ds.ModalityLUTSequence[0]
        entries, first, bits = descriptor(item)
        if not 1 <= bits <= 16:
            raise ValueError(
                f"A modality look-up table has 8 or 16 bits per entry, its descriptor says {bits}"
            )
        return apply_table(arr, table_data(ds, item, entries, "u1" if bits <= 8 else "u2"), first, entries)
    if "RescaleSlope" in ds and "RescaleIntercept" in ds:
        import numpy as np

        out = arr.astype(np.float64)
        out *= one_number(ds, "RescaleSlope")
        out += one_number(ds, "RescaleIntercept")
        return out
    return arr
