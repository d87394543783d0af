"""Fuzz target: palettes, plain and segmented, and look-up tables of values."""

from __future__ import annotations

import random
import struct

import numpy as np

from pydcm import Dataset
from pydcm.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut
from pydcm_testing.fuzzing import REFUSALS, overwrite

HEADER = struct.Struct("<BHhHBB")
COLOURS = ("Red", "Green", "Blue", "Alpha")
VALUES = {kind: np.arange(-4, 300).astype(kind) for kind in ("u1", "i1", "u2", "i2", "i4")}


def check(data: bytes) -> bool:
    """Take the first bytes of `data` as descriptor, the rest as tables; tell whether they can be used."""
    if len(data) < HEADER.size:
        return False
    used = False
    what, entries, first, bits, kind, share = HEADER.unpack_from(data)
    body = data[HEADER.size :]
    arr = VALUES[list(VALUES)[kind % len(VALUES)]]
    ds = Dataset()
    ds.set_original_encoding(True, not what & 8)
    if what & 1:
        name = "Segmented" if what & 2 else ""
        for number, colour in enumerate(COLOURS[: 3 + (what >> 2 & 1)]):
            table = body if share < 128 else body[number * len(body) // 3 : (number + 1) * len(body) // 3]
            setattr(ds, f"{colour}PaletteColorLookupTableDescriptor", [entries, first, bits])
            setattr(ds, f"{name}{colour}PaletteColorLookupTableData", table)
        calls = (lambda: apply_color_lut(arr, ds),)
    else:
        item = Dataset()
        item.LUTDescriptor = [entries, first, bits]
        item.add_new("LUTData", "OW", body)
        if what & 4:
            item.add_new("LUTData", "US", list(body[:2000]))
        ds.ModalityLUTSequence = ds.VOILUTSequence = [item]
        ds.PixelRepresentation, ds.BitsStored, ds.BitsAllocated = what >> 4 & 1, 12, 16
        calls = (lambda: apply_modality_lut(arr, ds), lambda: apply_voi_lut(arr, ds))
    for call in calls:
        try:
            made = call()
        except (*REFUSALS, TypeError, AttributeError) as exc:
            assert str(exc)
        except IndexError as exc:  # a table with fewer entries than its descriptor says
            assert "out of bounds for a look-up table" in str(exc)
        else:
            assert made.shape[: arr.ndim] == arr.shape
            assert made.nbytes <= 64 * arr.size
            used = True
    return used


def samples() -> list[bytes]:
    """Return tables that can be applied."""
    plain = struct.pack("<4H", 1, 2, 3, 4)
    words = struct.pack("<14H", 0, 2, 1, 2, 1, 4, 10, 0, 1, 99, 2, 2, 0, 0)
    small = bytes([0, 2, 1, 2, 1, 4, 10, 0, 1, 99, 2, 2, 0, 0, 0, 0])
    out = [HEADER.pack(what, 4, 0, 16, kind, 0) + plain for what in (0, 1, 4, 5) for kind in range(5)]
    out += [HEADER.pack(3, 13, 0, 16, kind, 0) + words for kind in range(5)]
    return [*out, HEADER.pack(3, 13, -2, 8, 3, 0) + small, HEADER.pack(1, 12, 0, 8, 0, 200) + bytes(36)]


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Change the descriptor, or a word of a table."""
    if len(data) < HEADER.size + 2:
        return samples()[0]
    if chance.random() < 0.4:
        fields = list(HEADER.unpack_from(data))
        at = chance.randrange(len(fields))
        value = chance.choice((0, 1, 2, 3, 7, 8, 12, 16, 17, 255, 256, 32767, 65535))
        fields[at] = value % 256 if at in (0, 4, 5) else value - 65536 if at == 2 and value > 32767 else value
        return HEADER.pack(*fields) + data[HEADER.size :]
    if chance.random() < 0.5:
        at = HEADER.size + chance.randrange((len(data) - HEADER.size) // 2) * 2
        word = struct.pack(
            "<H", chance.choice((0, 1, 2, 3, 4, 6, 8, 255, 60000, 65535, chance.randrange(65536)))
        )
        return data[:at] + word + data[at + 2 :]
    return data[: HEADER.size] + overwrite(data[HEADER.size :], chance)
