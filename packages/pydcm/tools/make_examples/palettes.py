"""The well-known colour palettes of PS3.6 Annex B as Color Palette instances (PS3.3 §A.58)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from common import DATE, TIME, code, save

from pydcm.dataset import Dataset

COLOR_PALETTE_CLASS = "1.2.840.10008.5.1.4.39.1"

COLOURS = ("Red", "Green", "Blue")

# fmt: off
# Values at the ends of straight lines; what is between them is interpolated and rounded
_LINES = {
    "HOT_IRON": (
        [(0, 0), (127, 254), (128, 255), (255, 255)],
        [(0, 0), (128, 0), (254, 252), (255, 255)],
        [(0, 0), (191, 0), (254, 252), (255, 255)],
    ),
    "PET": (
        [(0, 0), (63, 0), (64, 1), (106, 85), (107, 86), (149, 170), (150, 171), (192, 255), (255, 255)],
        [(0, 0), (31, 62), (32, 65), (62, 125), (63, 128), (95, 64), (96, 63), (127, 1), (128, 0), (254, 252), (255, 255)],
        [(0, 0), (1, 1), (128, 255), (129, 252), (192, 0), (212, 80), (213, 85), (233, 165), (234, 170), (254, 250), (255, 255)],
    ),
    "HOT_METAL_BLUE": (
        [(0, 0), (85, 0), (102, 50), (119, 90), (153, 190), (170, 255), (255, 255)],
        [(0, 0), (119, 0), (238, 224), (255, 255)],
        [
            (0, 0), (17, 33), (34, 67), (51, 100), (68, 133), (85, 167), (102, 200), (119, 150), (136, 50), (153, 0),
            (170, 0), (238, 200), (255, 255),
        ],
    ),
    "SPRING": ([(0, 255), (255, 255)], [(0, 0), (255, 255)], [(0, 255), (255, 0)]),
    "SUMMER": ([(0, 0), (255, 0)], [(0, 255), (255, 128)], [(0, 0), (127, 0), (255, 254)]),
    "FALL": ([(0, 255), (255, 255)], [(0, 255), (255, 0)], [(0, 0), (255, 0)]),
    "WINTER": ([(0, 0), (127, 0), (255, 127)], [(0, 0), (255, 255)], [(0, 255), (255, 128)]),
}

# Where each of the twenty steps begins, and its colour
_STEPS = {
    0: (0, 0, 0), 13: (96, 0, 80), 26: (48, 48, 80), 39: (48, 48, 112), 51: (80, 80, 128), 64: (96, 96, 176),
    77: (112, 112, 192), 90: (128, 128, 224), 102: (48, 96, 48), 115: (48, 144, 48), 128: (80, 192, 80),
    141: (64, 224, 64), 153: (224, 224, 80), 166: (208, 208, 96), 179: (208, 176, 64), 192: (208, 144, 0),
    204: (192, 96, 0), 217: (176, 48, 0), 230: (255, 0, 0), 243: (255, 255, 255),
}

# Content Label: last component of the UID, file name, label in the file, name in French and German
_NAMES = {
    "HOT_IRON": (1, "hotiron", "HOT_IRON", "Hot Iron", "Fer chaud", "Heißes Eisen"),
    "PET": (2, "pet", "PET", "PET", "TEP", "PET"),
    "HOT_METAL_BLUE": (3, "hotmetalblue", "HOT_METAL_BLUE", "Hot Metal Blue", "Métal chaud bleu", "Heißes Metall blau"),
    "PET_20_STEP": (4, "pet20step", "PET_20_STEP", "PET 20 Step", "TEP 20 étapes", "PET 20 Stufen"),
    "SPRING": (5, "spring", "SPRING", "Spring", "Printemps", "Frühling"),
    "SUMMER": (6, "summer", "SUMMER", "Summer", "Été", "Sommer"),
    "FALL": (7, "fall", "FALL", "Fall", "Automne", "Herbst"),
    "WINTER": (8, "winter", "WINTER", "Winter", "Hiver", "Winter"),
}
# fmt: on


def colours(label: str) -> np.ndarray:
    """Return a palette as uint8 (256, 3), in the order red, green, blue."""
    index = np.arange(256)
    if label in _LINES:
        channels = [np.rint(np.interp(index, *zip(*knots))) for knots in _LINES[label]]
        return np.stack(channels, axis=1).astype("uint8")
    starts = list(_STEPS)
    return np.array([_STEPS[start] for start in starts], "uint8")[
        np.searchsorted(starts, index, side="right") - 1
    ]


def write_all(folder: Path) -> None:
    """Write the eight palettes."""
    for label, (number, filename, stored_label, name, french, german) in _NAMES.items():
        uid = f"1.2.840.10008.1.5.{number}"
        ds = Dataset()
        ds.SpecificCharacterSet = "ISO_IR 100"
        ds.InstanceCreationDate = DATE
        ds.InstanceCreationTime = TIME
        ds.SOPClassUID = COLOR_PALETTE_CLASS
        ds.SOPInstanceUID = uid
        ds.InstanceNumber = 1
        for channel, colour in enumerate(COLOURS):
            setattr(ds, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 8])
            setattr(ds, f"{colour}PaletteColorLookupTableData", colours(label)[:, channel].tobytes())
        ds.PaletteColorLookupTableUID = uid
        ds.ICCProfile = icc_profile()
        ds.ContentLabel = stored_label
        ds.ContentDescription = name
        ds.ContentCreatorName = "PS3.6^Annex B"
        ds.AlternateContentDescriptionSequence = [
            translation("fr", "French", french),
            translation("de", "German", german),
        ]
        save(ds, folder / f"{filename}.dcm")


def translation(language: str, meaning: str, text: str) -> Dataset:
    """Return an Alternate Content Description item."""
    item = Dataset()
    item.LanguageCodeSequence = [code(language, "RFC5646", meaning)]
    item.ContentDescription = text
    return item


def icc_profile() -> bytes:
    """Return an sRGB profile of the input device class (PS3.3 §C.11.15), without the time it was made."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[12:16] = b"scnr"
    profile[24:36] = bytes.fromhex("07e80002001d000a000b000c")
    profile += b"\0" * (len(profile) % 2)
    return bytes(profile)
