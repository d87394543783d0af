"""The decoding plugin ``pyjpegls`` (CharLS); it holds the GIL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._utils.versions import has_distribution

if TYPE_CHECKING:
    from pydcm_pixels._decode.runner import DecodeRunner

DECODER_DEPENDENCIES = {
    "1.2.840.10008.1.2.4.80": ("numpy", "pyjpegls>=1.2"),
    "1.2.840.10008.1.2.4.81": ("numpy", "pyjpegls>=1.2"),
}


def is_available(uid: str) -> bool:
    """Return whether this plugin can decode `uid` here; imports nothing."""
    return uid in DECODER_DEPENDENCIES and has_distribution("pyjpegls", (1, 2))


def _decode_frame(src: bytes, runner: DecodeRunner) -> bytearray:
    """Return the decoded frame, plane by plane if the stream is not interleaved."""
    import jpeg_ls

    buffer, info = jpeg_ls.decode_pixel_data(src)
    if info["components"] > 1:
        runner.set_option("planar_configuration", int(info["interleave_mode"] == 0))
    runner.set_option("bits_allocated", 8 if info["bits_per_sample"] <= 8 else 16)
    frame: bytearray = buffer
    return frame
