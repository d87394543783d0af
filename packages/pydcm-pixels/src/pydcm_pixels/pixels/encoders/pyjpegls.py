"""The encoding plugin ``pyjpegls`` (CharLS); it holds the GIL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.jpegls import allowed_error
from pydcm_pixels._utils.versions import has_distribution

if TYPE_CHECKING:
    from pydcm_pixels._encode.runner import EncodeRunner

ENCODER_DEPENDENCIES = {
    "1.2.840.10008.1.2.4.80": ("numpy", "pyjpegls>=1.3"),
    "1.2.840.10008.1.2.4.81": ("numpy", "pyjpegls>=1.3"),
}


def is_available(uid: str) -> bool:
    """Return whether this plugin can encode to `uid` here; imports nothing."""
    return uid in ENCODER_DEPENDENCIES and has_distribution("pyjpegls", (1, 3))


def _encode_frame(src: bytes, runner: EncodeRunner) -> bytearray:
    import jpeg_ls

    shape: dict[str, Any] = {
        name: getattr(runner, name) for name in ("rows", "columns", "samples_per_pixel", "bits_stored")
    }
    if runner.samples_per_pixel > 1:
        shape["planar_configuration"] = runner.planar_configuration
    frame: bytearray = jpeg_ls.encode_pixel_data(src, lossy_error=allowed_error(runner.options), **shape)
    return frame
