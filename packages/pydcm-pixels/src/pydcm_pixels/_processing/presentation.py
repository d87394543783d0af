"""Presentation LUT: to P-values (PS3.3 §C.11.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._processing.tables import descriptor, little_endian_words

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset


def _table(ds: Dataset) -> tuple[np.ndarray, int, int]:
    """Return the table of a *Presentation LUT Sequence*, its number of entries and their bits."""
    import numpy as np

    item = ds.PresentationLUTSequence[0]
    entries, _, bits = descriptor(item)
    width = 8 if bits <= 8 else 16
    element = item["LUTData"]
    if element.VR == "US":
        table = np.atleast_1d(np.asarray(element.value, dtype="u2"))
    else:
        data = little_endian_words(ds, element.value)[: entries * width // 8]
        table = np.frombuffer(data, dtype=f"<u{width // 8}")
    if bits < width:
        table = table & np.array((1 << bits) - 1, dtype=table.dtype)
    return table, entries, bits


def to_p_values(fractions: np.ndarray, ds: Dataset) -> np.ndarray:
    """Return values from 0 to 1 after the *Presentation LUT Sequence* of `ds`, from 0 to 1 again."""
    import numpy as np

    table, entries, bits = _table(ds)
    at = np.clip(np.nan_to_num(fractions) * (entries - 1) + 0.5, 0, len(table) - 1).astype("i8")
    result: np.ndarray = table[at] / (2.0**bits - 1)
    return result


def apply_presentation_lut(arr: np.ndarray, ds: Dataset) -> np.ndarray:
    """Apply the presentation look-up table or shape of `ds`.

    Parameters
    ----------
    arr : numpy.ndarray
        Values after the modality and the VOI LUT, any shape.
    ds : pydcm.dataset.Dataset
        The data set with *Presentation LUT Sequence* or *Presentation LUT Shape*.

    Returns
    -------
    numpy.ndarray
        P-values; `arr` itself without a presentation LUT or with the shape IDENTITY.

    Raises
    ------
    NotImplementedError
        For a shape other than IDENTITY and INVERSE.
    """

    if "PresentationLUTSequence" in ds:
        table, entries, _ = _table(ds)
        # The whole range of the input values is spread over the whole table.
        values = arr.astype("float32")
        values -= values.min()
        if values.max() > 0:
            values /= values.max() / (entries - 1)
        result: np.ndarray = table[values.astype("uint16")]
        return result
    if "PresentationLUTShape" in ds:
        shape = ds.PresentationLUTShape.strip().upper()
        if shape not in ("IDENTITY", "INVERSE"):
            raise NotImplementedError(
                f"A (2050,0020) 'Presentation LUT Shape' value of '{ds.PresentationLUTShape}' is not supported"
            )
        if shape == "INVERSE":
            return arr.max() - arr
    return arr
