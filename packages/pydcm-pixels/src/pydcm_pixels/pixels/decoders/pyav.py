"""The decoding plugin ``pyav`` for video."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.video import VIDEO_SYNTAXES
from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI

if TYPE_CHECKING:
    from pydcm_pixels._decode.runner import DecodeRunner

DECODER_DEPENDENCIES = dict.fromkeys(VIDEO_SYNTAXES, ("numpy", "av>=12 (pip install pydcm-pixels[video])"))


def is_available(uid: str) -> bool:
    """Return whether this plugin can decode `uid` here; imports nothing."""
    return uid in VIDEO_SYNTAXES and find_spec("av") is not None and find_spec("numpy") is not None


def _decode_array(src: Any, runner: DecodeRunner, out: Any = None) -> Any:
    """Note that the frame is RGB; the run has got it decoded already, in the order of the stream."""
    opts = runner.options
    allocated = 8 * src.dtype.itemsize
    opts.update(planar_configuration=0, bits_allocated=allocated, photometric_interpretation=PI.RGB)
    return src


def _decode_frame(src: Any, runner: DecodeRunner) -> bytes:
    data: bytes = _decode_array(src, runner).tobytes()
    return data


_decode_frame.decode_array = _decode_array  # type: ignore[attr-defined]
