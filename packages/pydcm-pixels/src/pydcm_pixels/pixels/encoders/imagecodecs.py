"""The codecs that come with this package, as the encoding plugin ``imagecodecs``.

What a lossless transfer syntax promises is verified: JPEG XL and HTJ2K frames are decoded again and compared unless
``verify=False``, every other lossless frame with ``verify=True``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydcm_pixels._encode.runner import EncodeRunner

_PREFIX = "1.2.840.10008.1.2."
_CODECS = {
    _PREFIX + last: codec
    for codec, tails in {
        "jpeg": ("4.50", "4.51", "4.57", "4.70"),
        "jpegls": ("4.80", "4.81"),
        "jpeg2000": ("4.90", "4.91"),
        "htj2k": ("4.201", "4.202", "4.203"),
        "jpegxl": ("4.110", "4.112"),
        "deflated": ("8.1",),
        "uncompressed": ("1.98",),
    }.items()
    for last in tails
}
_LOSSLESS = frozenset(
    _PREFIX + last for last in ("4.57", "4.70", "4.80", "4.90", "4.201", "4.202", "4.110", "8.1", "1.98")
)
_ALWAYS_VERIFIED = frozenset({"htj2k", "jpegxl"})
ENCODER_DEPENDENCIES = dict.fromkeys(_CODECS, ("numpy", "imagecodecs>=2026.3.6"))


def is_available(uid: str) -> bool:
    """Return whether this plugin can encode to `uid` here; imports nothing."""
    return uid in _CODECS and find_spec("numpy") is not None and find_spec("imagecodecs") is not None


def _encode_frame(src: bytes, runner: EncodeRunner) -> bytes:
    """Return the encoded frame, decoded and compared first where that is asked for."""
    opts = runner.options
    uid = opts["transfer_syntax_uid"]
    codec = _CODECS[uid]
    module: Any = import_module(f"pydcm_pixels._codecs.{codec}")
    encoded: bytes = module.encode(src, **opts)
    if uid in _LOSSLESS and opts.get("verify", codec in _ALWAYS_VERIFIED):
        _compare(src, module.decode(encoded, **opts), opts, codec)
    return encoded


def _compare(src: bytes, decoded: Any, opts: dict[str, Any], codec: str) -> None:
    """Raise RuntimeError unless `decoded` holds the samples of `src`, as far as *Bits Stored* goes."""
    import numpy as np

    from pydcm_pixels._codecs.samples import as_frame

    if codec in ("deflated", "uncompressed"):
        same = opts["bits_allocated"] == 1 or decoded.tobytes() == src[: decoded.nbytes]
    else:
        planar = codec == "jpegls" and opts.get("planar_configuration") == 1
        wanted = as_frame(src, opts, planar=planar)
        mask = np.array((1 << opts["bits_stored"]) - 1, dtype=wanted.dtype)
        got = decoded.reshape(wanted.shape)
        if got.dtype.itemsize != wanted.dtype.itemsize:
            got = got.astype(wanted.dtype)
        same = np.array_equal(got.view(wanted.dtype) & mask, wanted & mask)
    if not same:
        raise RuntimeError(
            f"the {codec} encoder did not give back the samples it was given, nothing has been written"
        )
