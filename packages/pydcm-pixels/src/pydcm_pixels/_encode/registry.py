"""Which encoder, with which plugins in which order, for which transfer syntax."""

from __future__ import annotations

from pydcm.uid import UID
from pydcm_pixels._coding.foreign import ENCODERS as GROUP
from pydcm_pixels._coding.foreign import foreign_plugins
from pydcm_pixels._encode.encoder import Encoder

_PLUGINS = "pydcm_pixels.pixels.encoders."
_PATHS = {
    "imagecodecs": (_PLUGINS + "imagecodecs", "_encode_frame"),
    "gdcm": (_PLUGINS + "gdcm", "encode_pixel_data"),
    "pylibjpeg": (_PLUGINS + "pylibjpeg", "_encode_frame"),
    "pyjpegls": (_PLUGINS + "pyjpegls", "_encode_frame"),
    "pydicom": (_PLUGINS + "native", "_encode_frame"),
}
_JPEG = "1.2.840.10008.1.2.4."
# UID: plugins in the order in which they are tried. pyjpegls writes JPEG-LS with the precision of *Bits Stored*, imagecodecs
# with 8 or 16 bits.
_TABLE: dict[str, tuple[str, ...]] = {
    "1.2.840.10008.1.2.5": ("pydicom", "gdcm", "pylibjpeg"),
    _JPEG + "50": ("imagecodecs",),
    _JPEG + "51": ("imagecodecs",),
    _JPEG + "57": ("imagecodecs",),
    _JPEG + "70": ("imagecodecs",),
    _JPEG + "80": ("pyjpegls", "imagecodecs"),
    _JPEG + "81": ("pyjpegls", "imagecodecs"),
    _JPEG + "90": ("imagecodecs", "pylibjpeg"),
    _JPEG + "91": ("imagecodecs", "pylibjpeg"),
    _JPEG + "201": ("imagecodecs",),
    _JPEG + "202": ("imagecodecs",),
    _JPEG + "203": ("imagecodecs",),
    _JPEG + "110": ("imagecodecs",),
    _JPEG + "112": ("imagecodecs",),
    "1.2.840.10008.1.2.8.1": ("imagecodecs",),
    "1.2.840.10008.1.2.1.98": ("imagecodecs",),
}


def _make(uid: str, plugins: tuple[str, ...]) -> Encoder:
    encoder = Encoder(UID(uid))
    encoder._declare([(name, _PATHS[name]) for name in plugins])
    encoder.__doc__ = (
        f"The encoder for *{encoder.UID.name}* (``{uid}``), with the plugins {', '.join(plugins)}."
    )
    return encoder


ENCODERS: dict[UID, tuple[Encoder, str]] = {
    UID(uid): (_make(uid, names), "1.0") for uid, names in _TABLE.items()
}


def get_encoder(uid: str) -> Encoder:
    """Return the encoder for a transfer syntax.

    Parameters
    ----------
    uid : str
        The *Transfer Syntax UID*.

    Raises
    ------
    NotImplementedError
        If there is none.
    """
    uid = UID(uid)
    if uid in ENCODERS:
        return ENCODERS[uid][0]
    found = foreign_plugins(GROUP, uid)
    if not found:
        raise NotImplementedError(f"No pixel data encoders have been implemented for '{uid.name}'")
    encoder = Encoder(uid)
    encoder._available.update(found)
    return encoder
