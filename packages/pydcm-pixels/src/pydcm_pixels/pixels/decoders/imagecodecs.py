"""The codecs that come with this package, as the decoding plugin ``imagecodecs``.

Each function of :mod:`pydcm_pixels._codecs` returns an array of what the stream holds; here that becomes a plugin
that also tells the run about sample width, layout and colour. Most streams go to the library of that name; deflated and
uncompressed frames, and plain baseline JPEG in colour, are decoded by our own code.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._decode.runner import DecodeRunner

_NEEDS = ("numpy", "imagecodecs>=2026.3.6")
_PREFIX = "1.2.840.10008.1.2."
_CODECS = {
    _PREFIX + last: codec
    for codec, tails in {
        "jpeg": ("4.50", "4.51", "4.53", "4.55", "4.57", "4.70"),
        "jpegls": ("4.80", "4.81"),
        "jpeg2000": ("4.90", "4.91", "4.92", "4.93"),
        "htj2k": ("4.201", "4.202", "4.203"),
        "jpegxl": ("4.110", "4.111", "4.112"),
        "deflated": ("8.1",),
        "uncompressed": ("1.98",),
    }.items()
    for last in tails
}
# These two need nothing but NumPy and Python's zlib.
_OWN = frozenset({_PREFIX + "8.1", _PREFIX + "1.98"})
_LAYOUT = ("planar_configuration", "photometric_interpretation", "bits_allocated")
_FUNCTIONS: dict[str, Any] = {}
DECODER_DEPENDENCIES = {uid: ("numpy",) if uid in _OWN else _NEEDS for uid in _CODECS}


def is_available(uid: str) -> bool:
    """Return whether this plugin can decode `uid` here; imports nothing."""
    return uid in _CODECS and all(find_spec(name.partition(">=")[0]) for name in DECODER_DEPENDENCIES[uid])


def _decode_array(src: bytes, runner: DecodeRunner, out: np.ndarray | None = None) -> np.ndarray:
    """Decode a frame, into `out` if it is given, and note in `runner` what the stream turned out to hold."""
    opts = runner.options
    uid = opts["transfer_syntax_uid"]
    codec = _CODECS[uid]
    decode = _FUNCTIONS.get(codec)
    if decode is None:
        decode = _FUNCTIONS[codec] = import_module(f"pydcm_pixels._codecs.{codec}").decode
    description = opts
    if uid in _OWN:  # the streams themselves say nothing, and the options what the last frame was made into
        if runner.stated is None:
            runner.stated = {name: opts[name] for name in _LAYOUT if name in opts}
        description = {**opts, **runner.stated}
    arr: np.ndarray = decode(src, out=out, **description)
    if opts["samples_per_pixel"] > 1:
        opts["planar_configuration"] = 0
    if codec in ("jpeg2000", "htj2k"):
        if opts["photometric_interpretation"] in (PI.YBR_ICT, PI.YBR_RCT):
            opts["photometric_interpretation"] = PI.RGB
    elif codec == "jpegxl" and opts["samples_per_pixel"] == 3:
        if opts["photometric_interpretation"] == PI.XYB or uid.endswith(".111"):
            opts["photometric_interpretation"] = PI.RGB
    elif codec in ("deflated", "uncompressed"):
        if opts["photometric_interpretation"] == PI.YBR_FULL_422:
            opts["photometric_interpretation"] = PI.YBR_FULL
        if opts["bits_allocated"] == 1:
            return arr
    opts["bits_allocated"] = 8 * arr.dtype.itemsize
    return arr


def _decode_frame(src: bytes, runner: DecodeRunner) -> bytes | bytearray:
    """Return the decoded frame as bytes, the way pydicom's plugins do."""
    opts = runner.options
    if opts["bits_allocated"] == 1 and opts["transfer_syntax_uid"] in _OWN:
        if opts["transfer_syntax_uid"].endswith(".98"):
            return bytes(src)
        from pydcm_pixels._codecs.deflated import inflate

        return inflate(src, opts)
    return _decode_array(src, runner).tobytes()


_decode_frame.decode_array = _decode_array  # type: ignore[attr-defined]
