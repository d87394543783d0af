"""Which decoder, with which plugins in which order, for which transfer syntax.

The order is what `benchmarks/bench_codecs.py` measures: imagecodecs first wherever it has a codec, our own code for RLE.
Libraries under the GPL or holding the GIL are found when they are installed.
"""

from __future__ import annotations

from pydcm.uid import UID
from pydcm_pixels._codecs.video import VIDEO_SYNTAXES
from pydcm_pixels._decode.decoder import Decoder

_PLUGINS = "pydcm_pixels.pixels.decoders."
_PATHS = {
    name: (name, (_PLUGINS + name, "_decode_frame"))
    for name in ("imagecodecs", "gdcm", "pylibjpeg", "pillow", "pyjpegls", "pyav")
}
_PATHS["pydicom"] = ("pydicom", (_PLUGINS + "rle", "_decode_frame"))

_JPEG = "1.2.840.10008.1.2.4."
# UID: plugins in the order in which they are tried.
_TABLE: dict[str, tuple[str, ...]] = {
    "1.2.840.10008.1.2": (),
    "1.2.840.10008.1.2.1": (),
    "1.2.840.10008.1.2.1.99": (),
    "1.2.840.10008.1.2.2": (),
    "1.2.840.10008.1.2.1.98": ("imagecodecs",),
    "1.2.840.10008.1.2.8.1": ("imagecodecs",),
    "1.2.840.10008.1.2.5": ("pydicom", "pylibjpeg"),
    _JPEG + "50": ("imagecodecs", "gdcm", "pylibjpeg", "pillow"),
    _JPEG + "51": ("imagecodecs", "gdcm", "pylibjpeg", "pillow"),
    _JPEG + "53": ("imagecodecs",),
    _JPEG + "55": ("imagecodecs",),
    _JPEG + "57": ("imagecodecs", "gdcm", "pylibjpeg"),
    _JPEG + "70": ("imagecodecs", "gdcm", "pylibjpeg"),
    _JPEG + "80": ("imagecodecs", "gdcm", "pylibjpeg", "pyjpegls"),
    _JPEG + "81": ("imagecodecs", "gdcm", "pylibjpeg", "pyjpegls"),
    _JPEG + "90": ("imagecodecs", "gdcm", "pylibjpeg", "pillow"),
    _JPEG + "91": ("imagecodecs", "gdcm", "pylibjpeg", "pillow"),
    _JPEG + "92": ("imagecodecs",),
    _JPEG + "93": ("imagecodecs",),
    _JPEG + "201": ("imagecodecs", "pylibjpeg"),
    _JPEG + "202": ("imagecodecs", "pylibjpeg"),
    _JPEG + "203": ("imagecodecs", "pylibjpeg"),
    _JPEG + "110": ("imagecodecs",),
    _JPEG + "111": ("imagecodecs",),
    _JPEG + "112": ("imagecodecs",),
    **dict.fromkeys(sorted(VIDEO_SYNTAXES), ("pyav",)),
}


# A stream that one codec refuses is damaged or hostile. These libraries abort the process or leave their buffers on some
# such streams, so they get it only when somebody asks for them, or when there is nothing else.
_BY_NAME = frozenset({"gdcm", "pylibjpeg", "pyjpegls"})


def _make(uid: str, plugins: tuple[str, ...]) -> Decoder:
    decoder = Decoder(UID(uid))
    decoder._declare([_PATHS[name] for name in plugins], _BY_NAME)
    names = f", with the plugins {', '.join(plugins)}" if plugins else ""
    decoder.__doc__ = f"The decoder for *{decoder.UID.name}* (``{uid}``){names}."
    return decoder


DECODERS: dict[UID, tuple[Decoder, str]] = {
    UID(uid): (_make(uid, names), "1.0") for uid, names in _TABLE.items()
}


def get_decoder(uid: str) -> Decoder:
    """Return the decoder for a transfer syntax.

    Parameters
    ----------
    uid : str
        The *Transfer Syntax UID*.

    Raises
    ------
    NotImplementedError
        If nothing that is installed can decode that syntax; for JPIP and DICOM-RTV, where the pixel data is elsewhere, the message
        says what to do.
    """
    uid = UID(uid)
    entry = DECODERS.get(uid)
    if entry is not None:
        return entry[0]
    decoder = _foreign_decoder(uid)
    if decoder is not None:
        return decoder
    message = f"No pixel data decoders have been implemented for '{uid.name}'"
    if "JPIP" in uid.name:
        message += (
            ": the file holds a (0028,7FE0) 'Pixel Data Provider URL' instead of pixel data. Retrieve the image from "
            "there with a JPIP client, or ask the sender for it in another transfer syntax"
        )
    elif "SMPTE" in uid.name:
        message += (
            ": the samples are in an RTP stream of their own (DICOM-RTV, PS3.22), the data set only describes them. "
            "Receive the stream with software for SMPTE ST 2110, or store it in another transfer syntax such as "
            "'MPEG-4 AVC/H.264 High Profile / Level 4.1'"
        )
    raise NotImplementedError(message)


def _foreign_decoder(uid: UID) -> Decoder | None:
    """Return a decoder for a syntax that only another distribution's entry points know."""
    from pydcm_pixels._coding.foreign import DECODERS as GROUP
    from pydcm_pixels._coding.foreign import foreign_plugins

    found = foreign_plugins(GROUP, uid)
    if not found:
        return None
    decoder = Decoder(uid)
    decoder._available.update(found)
    return decoder
