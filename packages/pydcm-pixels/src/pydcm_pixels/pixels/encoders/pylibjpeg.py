"""The encoding plugin ``pylibjpeg`` with -openjpeg and -rle; they hold the GIL and are not safe in threads."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.jpeg2000 import quality_layers
from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI
from pydcm_pixels._utils.versions import has_distribution

if TYPE_CHECKING:
    from pydcm_pixels._encode.runner import EncodeRunner

_RLE = "1.2.840.10008.1.2.5"
_LOSSLESS = "1.2.840.10008.1.2.4.90"
_OPENJPEG = ("numpy", "pylibjpeg>=2.0", "pylibjpeg-openjpeg>=2.2")
ENCODER_DEPENDENCIES = {
    _LOSSLESS: _OPENJPEG,
    "1.2.840.10008.1.2.4.91": _OPENJPEG,
    _RLE: ("numpy", "pylibjpeg>=2.0", "pylibjpeg-rle>=2.0"),
}
# pylibjpeg-openjpeg's encoder crashes the process when two threads are in it.
_ONE_AT_A_TIME = Lock()


def is_available(uid: str) -> bool:
    """Return whether this plugin can encode to `uid` here; imports nothing."""
    if uid not in ENCODER_DEPENDENCIES or not has_distribution("pylibjpeg", (2, 0)):
        return False
    if uid == _RLE:
        return has_distribution("pylibjpeg-rle", (2, 0))
    return has_distribution("pylibjpeg-openjpeg", (2, 2))


@cache
def _encoders() -> dict[str, Any]:
    from pylibjpeg.utils import get_pixel_data_encoders

    return dict(get_pixel_data_encoders())


def _encode_frame(src: bytes, runner: EncodeRunner) -> bytes | bytearray:
    encoder = _encoders()[runner.transfer_syntax]
    opts = dict(runner.options)
    if runner.transfer_syntax != _RLE:
        if runner.photometric_interpretation == PI.RGB:
            opts["use_mct"] = False
        ratios, noise = quality_layers(opts)
        opts.pop("compression_ratios", None)
        opts.pop("signal_noise_ratios", None)
        if runner.transfer_syntax != _LOSSLESS:
            opts.update(compression_ratios=ratios, signal_noise_ratios=noise)
    with _ONE_AT_A_TIME:
        frame: bytes | bytearray = encoder(src, **opts)
    return frame
