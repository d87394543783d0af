"""The decoding plugin ``pillow``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI
from pydcm_pixels._utils.versions import has_distribution

if TYPE_CHECKING:
    from pydcm_pixels._decode.runner import DecodeRunner

_PREFIX = "1.2.840.10008.1.2.4."
_EXTENDED = _PREFIX + "51"
_JPEG = frozenset({_PREFIX + "50", _EXTENDED})
DECODER_DEPENDENCIES = {
    _PREFIX + "50": ("pillow>=10.0",),
    _EXTENDED: ("pillow>=10.0",),
    _PREFIX + "90": ("numpy", "pillow>=10.0"),
    _PREFIX + "91": ("numpy", "pillow>=10.0"),
}


def is_available(uid: str) -> bool:
    """Return whether this plugin can decode `uid` here; imports Pillow if it is installed."""
    if uid not in DECODER_DEPENDENCIES or not has_distribution("pillow", (10, 0)):
        return False
    from PIL import features

    return bool(features.check_codec("jpg" if uid in _JPEG else "jpg_2000"))


def _decode_frame(src: bytes, runner: DecodeRunner) -> bytes:
    """Return the decoded frame; JPEG in the colour space of the stream unless an Adobe marker makes Pillow choose."""
    from io import BytesIO

    from PIL import Image

    uid = runner.transfer_syntax
    if uid == _EXTENDED and runner.bits_stored != 8:
        raise NotImplementedError("Pillow does not support 'JPEG Extended' for samples with 12-bit precision")
    if runner.samples_per_pixel > 1:
        runner.set_option("planar_configuration", 0)  # whatever the data set says
    with Image.open(BytesIO(src), formats=("JPEG", "JPEG2000")) as image:
        if uid in _JPEG:
            if runner.samples_per_pixel != 1 and "adobe_transform" not in image.info:
                image.draft("YCbCr", image.size)
            return image.tobytes()
        precision = runner.get_option("j2k_precision", runner.bits_stored)
        if not 0 < precision <= 16:
            raise ValueError("only (0028,0101) 'Bits Stored' values of up to 16 are supported")
        if precision > 8 and runner.samples_per_pixel > 1:
            raise ValueError(f"Pillow cannot decode {precision}-bit multi-sample data correctly")
        data = bytearray(image.tobytes())
    runner.set_option("bits_allocated", 8 if precision <= 8 else 16)
    return _unscaled(data, runner, precision)


def _unscaled(data: bytearray, runner: DecodeRunner, precision: int) -> bytes:
    """Undo Pillow's shift of JPEG 2000 samples to the top of 8 or 16 bits and its offset of signed ones."""
    import numpy as np

    dtype = runner.pixel_dtype
    arr = np.frombuffer(data, dtype=f"u{dtype.itemsize}")
    signed = runner.pixel_representation
    if runner.get_option("apply_j2k_sign_correction", False):
        signed = runner.get_option("j2k_is_signed", signed)
    if signed and runner.pixel_representation == 1:
        arr = arr.view(dtype)
        arr -= np.int32(1 << runner.bits_allocated - 1).astype(dtype)
    if unused := runner.bits_allocated - precision:
        np.right_shift(arr, unused, out=arr)
    if runner.photometric_interpretation in (PI.YBR_ICT, PI.YBR_RCT):
        runner.set_option("photometric_interpretation", PI.RGB)
    return arr.tobytes()
