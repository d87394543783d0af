"""Real World Value Mapping: from stored values to quantities (PS3.3 §C.7.6.16.2.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from pydcm.dataset import Dataset


def _mapping(ds: Dataset, frame: int) -> Any:
    from pydcm_pixels.decoding import group_item

    item = group_item(ds, "RealWorldValueMappingSequence", frame)
    if item is None:
        top = ds.get("RealWorldValueMappingSequence")
        item = top[0] if top else None
    if item is None:
        raise ValueError(
            f"Frame {frame + 1} has no (0040,9096) 'Real World Value Mapping Sequence'; use rescale=True instead"
        )
    return item


def apply_real_world(arr: np.ndarray, ds: Dataset, frames: Sequence[int]) -> np.ndarray:
    """Return each frame mapped by its first real world value map.

    Parameters
    ----------
    arr : numpy.ndarray
        Stored values, frames first.
    ds : pydcm.dataset.Dataset
        The data set.
    frames : Sequence[int]
        The index of each frame in `arr`.

    Returns
    -------
    numpy.ndarray
        float32; NaN for values outside the map's range.
    """
    import numpy as np

    out = np.empty(arr.shape, dtype="f4")
    for at, frame in enumerate(frames):
        item = _mapping(ds, frame)
        values = arr[at]
        first = item.get(
            "RealWorldValueFirstValueMapped", item.get("DoubleFloatRealWorldValueFirstValueMapped")
        )
        last = item.get("RealWorldValueLastValueMapped", item.get("DoubleFloatRealWorldValueLastValueMapped"))
        if (table := item.get("RealWorldValueLUTData")) is not None:
            table = np.atleast_1d(np.asarray(table, dtype="f8"))
            index = np.clip(values.astype("i8") - int(first or 0), 0, len(table) - 1)
            mapped = table[index]
        else:
            mapped = values * float(item.RealWorldValueSlope) + float(item.RealWorldValueIntercept)
        if first is not None and last is not None:
            mapped = np.where((values >= first) & (values <= last), mapped, np.nan)
        out[at] = mapped
    return out
