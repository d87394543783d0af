"""Real World Value Mapping: from stored values to quantities (PS3.3 §C.7.6.16.2.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from pydcm.dataset import Dataset


def _maps(ds: Dataset, frame: int) -> Any:
    """Return the maps of a frame: its own, those of all frames, or those of an image without functional groups."""
    from pydcm_pixels._processing.groups import group_item

    item = group_item(ds, "RealWorldValueMappingSequence", frame, whole=True)
    return item if item is not None else ds.get("RealWorldValueMappingSequence")


def _names(item: Dataset) -> list[str]:
    """Return by what a map can be chosen: its label and the code of its units."""
    units = item.get("MeasurementUnitsCodeSequence")
    names = [item.get("LUTLabel"), units[0].get("CodeValue") if units else None]
    return [str(name) for name in names if name]


def _mapping(ds: Dataset, frame: int, name: str | None) -> Dataset:
    maps = _maps(ds, frame)
    if not maps:
        raise ValueError(
            f"Frame {frame + 1} has no (0040,9096) 'Real World Value Mapping Sequence'; use rescale=True instead"
        )
    if name is None:
        first: Dataset = maps[0]
        return first
    for item in maps:
        if name in _names(item):
            chosen: Dataset = item
            return chosen
    known = "; ".join(", ".join(map(repr, _names(item))) or "one without a name" for item in maps)
    raise ValueError(f"Frame {frame + 1} has no real world value map {name!r}; there are: {known}")


def _limit(item: Dataset, which: str) -> float | None:
    """Return the ``"First"`` or ``"Last"`` value that a map is for."""
    value = item.get(f"RealWorldValue{which}ValueMapped")
    return item.get(f"DoubleFloatRealWorldValue{which}ValueMapped") if value is None else value


def apply_real_world(
    arr: np.ndarray, ds: Dataset, frames: Sequence[int], name: str | None = None
) -> np.ndarray:
    """Return each frame mapped by one of its real world value maps.

    Parameters
    ----------
    arr : numpy.ndarray
        Stored values, frames first.
    ds : pydcm.dataset.Dataset
        The data set.
    frames : Sequence[int]
        The index of each frame in `arr`.
    name : str, optional
        The *LUT Label* or the code of the units of the map; by default the first one.

    Returns
    -------
    numpy.ndarray
        float32; NaN for values outside the map's range.

    Raises
    ------
    ValueError
        If a frame has no such map, or it says neither table nor slope and intercept.
    """
    import numpy as np

    out = np.empty(arr.shape, dtype="f4")
    for at, frame in enumerate(frames):
        item = _mapping(ds, frame, name)
        values = arr[at]
        first, last = _limit(item, "First"), _limit(item, "Last")
        if (table := item.get("RealWorldValueLUTData")) is not None:
            table = np.atleast_1d(np.asarray(table, dtype="f8"))
            index = np.clip(values.astype("i8") - int(first or 0), 0, len(table) - 1)
            mapped = table[index]
        else:
            slope, intercept = item.get("RealWorldValueSlope"), item.get("RealWorldValueIntercept")
            if slope is None or intercept is None:
                raise ValueError(
                    f"The real world value map of frame {frame + 1} has neither (0040,9212) 'Real World Value LUT Data' "
                    "nor both (0040,9225) 'Real World Value Slope' and (0040,9224) 'Real World Value Intercept'"
                )
            mapped = values * float(slope) + float(intercept)
        if first is not None and last is not None:
            mapped = np.where((values >= first) & (values <= last), mapped, np.nan)
        out[at] = mapped
    return out
