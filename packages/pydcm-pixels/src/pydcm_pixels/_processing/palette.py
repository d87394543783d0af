"""Palette colour, plain and segmented, and the standard's own palettes (PS3.3 §C.7.6.3.1.5, §C.7.9; PS3.6 Annex B)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._processing.tables import little_endian_words
from pydcm_pixels._utils.shapes import is_little_endian

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset

_ROOT = "1.2.840.10008.1.5."
_FILES = {
    _ROOT + str(number): f"{name}.dcm"
    for number, name in enumerate(
        ("hotiron", "pet", "hotmetalblue", "pet20step", "spring", "summer", "fall", "winter"), start=1
    )
}
_NAMES = {
    "HOT_IRON": "1",
    "PET": "2",
    "HOT_METAL_BLUE": "3",
    "PET_20_STEP": "4",
    "SPRING": "5",
    "SUMMER": "6",
    "FALL": "7",
    "WINTER": "8",
}
_COLOURS = ("Red", "Green", "Blue", "Alpha")
_NO_PALETTE = "No suitable Palette Color Lookup Table Module found"
_MAX_ENTRIES = 1 << 16


def _well_known(palette: str) -> Dataset:
    from pydcm import dcmread
    from pydcm.data import get_palette_files

    name = _FILES.get(_ROOT + _NAMES[palette] if palette in _NAMES else palette)
    if name is None:
        raise ValueError(f"Unknown palette '{palette}', it is none of {', '.join(_NAMES)} nor the UID of one")
    return dcmread(get_palette_files(name)[0])


def apply_color_lut(arr: np.ndarray, ds: Dataset | None = None, palette: str | None = None) -> np.ndarray:
    """Map stored values to colours.

    Parameters
    ----------
    arr : numpy.ndarray
        Stored values, any shape.
    ds : pydcm.dataset.Dataset, optional
        A data set with a Palette Color Lookup Table module, plain or segmented.
    palette : str, optional
        Instead of `ds`: the name (``"HOT_IRON"``, ``"PET"``, ``"HOT_METAL_BLUE"``, ``"PET_20_STEP"``, ``"SPRING"``,
        ``"SUMMER"``, ``"FALL"``, ``"WINTER"``) or the UID of one of the standard's palettes.

    Returns
    -------
    numpy.ndarray
        uint8 or uint16 with one axis more than `arr`, of length 3, or 4 with an alpha palette.

    Raises
    ------
    ValueError
        Without a palette, with one that is broken, or for the Supplemental Palette.
    AttributeError
        For a segmented palette of a data set that does not say its byte order.
    """
    import numpy as np

    if palette:
        ds = _well_known(palette)
    elif not ds:
        raise ValueError("Either 'ds' or 'palette' is required")
    assert ds is not None
    if getattr(ds, "PixelPresentation", None) in ("MIXED", "COLOR"):
        raise ValueError(
            "Use of this function with the Supplemental Palette Color Lookup Table Module is not currently supported"
        )
    if "RedPaletteColorLookupTableDescriptor" not in ds:
        raise ValueError(_NO_PALETTE)
    entries, first, bits = (int(value) for value in ds.RedPaletteColorLookupTableDescriptor)
    entries = entries or _MAX_ENTRIES
    np.dtype(f"uint{bits}")  # TypeError for a depth that no entry can have
    if "RedPaletteColorLookupTableData" in ds:
        tables = _plain(ds, entries)
    elif "SegmentedRedPaletteColorLookupTableData" in ds:
        tables = _segmented(ds, bits)
    else:
        raise ValueError(_NO_PALETTE)
    if len({len(table) for table in tables}) != 1:
        raise ValueError("LUT data must be the same length")
    if not len(tables[0]):
        raise ValueError("The palette has no entries")
    tables = [np.ascontiguousarray(table[:entries]) for table in tables]
    if len(tables) == 3 and arr.dtype.kind in "iu" and arr.dtype.itemsize <= 4:
        from pydcm_pixels._core._lut import lookup_rgb

        values = np.ascontiguousarray(arr if arr.dtype.isnative else arr.astype(arr.dtype.newbyteorder("=")))
        out = np.empty((*arr.shape, 3), dtype=tables[0].dtype)
        red, green, blue = tables
        lookup_rgb(values.reshape(-1), red, green, blue, first, out.reshape(-1))
        return out
    at = np.clip(arr.astype("i8") - first, 0, len(tables[0]) - 1)
    return np.stack([table[at] for table in tables], axis=-1)


def _per_colour(ds: Dataset, prefix: str) -> list[bytes]:
    found = {colour: getattr(ds, f"{prefix}{colour}PaletteColorLookupTableData", None) for colour in _COLOURS}
    missing = [colour for colour in _COLOURS[:3] if not found[colour]]
    if 0 < len(missing) < 3:
        raise ValueError(
            f"There is no '{prefix}{missing[0]}PaletteColorLookupTableData' besides the other tables"
        )
    tables = [data for data in found.values() if data]
    return [little_endian_words(ds, data) for data in tables]


def _plain(ds: Dataset, entries: int) -> list[np.ndarray]:
    import numpy as np

    data = _per_colour(ds, "")
    if not data:
        raise ValueError(_NO_PALETTE)
    # Some 8-bit palettes say 16 bits and the reverse: the length tells. A padding byte may follow an odd one.
    depth = len(data[0]) / entries * 8
    if entries % 2 and len(data[0]) == entries + 1:
        depth = 8.0
    if depth not in (8, 16):
        raise ValueError(
            f"The bit depth of the LUT data '{depth:.1f}' is invalid (only 8 or 16 bits per entry allowed)"
        )
    width = int(depth) // 8
    return [np.frombuffer(one, dtype=f"<u{width}", count=min(entries, len(one) // width)) for one in data]


def _segmented(ds: Dataset, bits: int) -> list[np.ndarray]:
    import numpy as np

    if bits not in (8, 16):
        raise ValueError(
            f"The bit depth of the LUT data '{bits:.1f}' is invalid (only 8 or 16 bits per entry allowed)"
        )
    width = bits // 8
    is_little_endian(ds)  # AttributeError where nothing tells the byte order
    tables = []
    for data in _per_colour(ds, "Segmented"):
        n = len(data) // width
        values = np.frombuffer(data, dtype=f"<u{width}", count=n).tolist()
        expanded = expand_segmented_lut(tuple(values), f"<{n}{'B' if width == 1 else 'H'}")
        tables.append(np.asarray(expanded, dtype=f"u{width}"))
    return tables


def expand_segmented_lut(
    data: tuple[int, ...], fmt: str, nr_segments: int | None = None, last_value: int | None = None
) -> list[int]:
    """Return the entries of a segmented palette (PS3.3 §C.7.9.2).

    Parameters
    ----------
    data : tuple[int, ...]
        The segments as 8 or 16-bit words.
    fmt : str
        The struct format they were unpacked with: byte order, count, ``B`` or ``H``.
    nr_segments : int, optional
        Stop after so many segments.
    last_value : int, optional
        The entry before the first one.

    Raises
    ------
    ValueError
        For a segment that cannot be, or a palette of more than 65536 entries.
    """
    lut: list[int] = []
    _expand(data, 0, fmt, nr_segments, last_value, lut, nested=False)
    return lut


def _too_long() -> ValueError:
    return ValueError(
        f"Error expanding a segmented palette color lookup table: it has more than {_MAX_ENTRIES} entries"
    )


def _expand(
    data: tuple[int, ...],
    at: int,
    fmt: str,
    n_segments: int | None,
    last: int | None,
    lut: list[int],
    nested: bool,
) -> None:
    start = len(lut)
    done = 0
    while at + 1 < len(data):
        kind, length = data[at], data[at + 1]
        at += 2
        if len(lut) + (length if kind < 2 else 0) > _MAX_ENTRIES:
            raise _too_long()
        if kind < 3 and at + (length, 1, 2 if "H" in fmt else 4)[kind] > len(data):
            raise ValueError(
                f"Error expanding a segmented palette color lookup table: a segment of type {kind} is cut short"
            )
        if kind == 0:
            lut.extend(data[at : at + length])
            at += length
        elif kind == 1:
            before = lut[-1] if len(lut) > start else last
            if not before and len(lut) == start:
                raise ValueError(
                    "Error expanding a segmented palette color lookup table: the first segment cannot be a linear "
                    "segment"
                )
            _extend_linear(lut, int(before or 0), data[at], length)
            at += 1
        elif kind == 2:
            if len(lut) == start and not nested:
                raise ValueError(
                    "Error expanding a segmented palette color lookup table: the first segment cannot be an indirect "
                    "segment"
                )
            if nested:
                raise ValueError(
                    "Error expanding a segmented palette color lookup table: an indirect segment may not point to "
                    "another one"
                )
            target, words = _indirect_target(data, at, fmt)
            at += words
            if target + 1 >= len(data):
                raise ValueError(
                    f"Error expanding a segmented palette color lookup table: an indirect segment points to {target}, "
                    f"there are {len(data)} values"
                )
            _expand(data, target, fmt, length, lut[-1], lut, nested=True)
        else:
            raise ValueError(
                f"Error expanding a segmented palette lookup table: unknown segment type '{kind}'"
            )
        done += 1
        if done == n_segments:
            return


def _extend_linear(lut: list[int], before: int, target: int, length: int) -> None:
    import numpy as np

    if before == target or not length:
        lut.extend([target] * length)
        return
    step = (target - before) / length
    lut.extend(np.around(np.linspace(before + step, target, length)).astype(int).tolist())


def _indirect_target(data: tuple[int, ...], at: int, fmt: str) -> tuple[int, int]:
    """Return the offset an indirect segment points to, and the words it takes: the low half comes first."""
    if "B" not in fmt:
        return data[at + 1] << 16 | data[at], 2
    b = data[at : at + 4]
    order: Any = (3, 2, 1, 0) if "<" in fmt else (2, 3, 0, 1)
    high, next_, next__, low = (b[i] for i in order)
    return high << 24 | next_ << 16 | next__ << 8 | low, 4
