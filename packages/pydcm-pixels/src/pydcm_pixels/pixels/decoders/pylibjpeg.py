"""The decoding plugin ``pylibjpeg`` with its own plugins -libjpeg (GPL), -openjpeg and -rle; they hold the GIL."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI
from pydcm_pixels._utils.versions import has_distribution

if TYPE_CHECKING:
    from pydcm_pixels._decode.runner import DecodeRunner

_JPEG = "1.2.840.10008.1.2.4."
_RLE = "1.2.840.10008.1.2.5"
# The distribution behind each syntax, the version that is asked for and the one that is good enough.
_LIBJPEG = ("pylibjpeg-libjpeg", "2.1", (2, 0, 2))
_OPENJPEG = ("pylibjpeg-openjpeg", "2.0", (2, 0))
_HOMES = {
    **{_JPEG + last: _LIBJPEG for last in ("50", "51", "57", "70", "80", "81")},
    **{_JPEG + last: _OPENJPEG for last in ("90", "91", "201", "202", "203")},
    _RLE: ("pylibjpeg-rle", "2.0", (2, 0)),
}
DECODER_DEPENDENCIES = {
    uid: ("pylibjpeg>=2.0", f"{name}>={asked}") for uid, (name, asked, _) in _HOMES.items()
}


def is_available(uid: str) -> bool:
    """Return whether this plugin can decode `uid` here; imports nothing."""
    home = _HOMES.get(uid)
    return home is not None and has_distribution("pylibjpeg", (2, 0)) and has_distribution(home[0], home[2])


@cache
def _decoders() -> dict[str, dict[str, Any]]:
    from pylibjpeg.utils import get_pixel_data_decoders

    found: Any = get_pixel_data_decoders(version=2)
    return dict(found)


def _decode_frame(src: bytes, runner: DecodeRunner) -> bytearray:
    """Return the decoded frame, planes one after the other for RLE."""
    uid = runner.transfer_syntax
    _, function = min(_decoders()[uid].items())
    frame: bytearray = function(src, version=2, **runner.options)
    home = _HOMES[uid]
    if uid == _RLE:
        runner.set_option("planar_configuration", 1)
        return frame
    if runner.samples_per_pixel > 1:
        runner.set_option("planar_configuration", 0)  # whatever the data set says
    if home is _OPENJPEG:
        if runner.photometric_interpretation in (PI.YBR_ICT, PI.YBR_RCT):
            runner.set_option("photometric_interpretation", PI.RGB)
        precision = runner.get_option("j2k_precision", runner.bits_stored)
    elif runner.get_option("jls_precision") is not None:
        precision = runner.get_option("jls_precision")
    else:
        return frame
    runner.set_option("bits_allocated", 8 if precision <= 8 else 16 if precision <= 16 else 32)
    return frame
