"""Decoding a frame that was just encoded, to see that it is what it was."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydcm_pixels._encode.loss import is_lossy

if TYPE_CHECKING:
    from pydcm_pixels._encode.runner import EncodeRunner

_PREFIX = "1.2.840.10008.1.2."
CODECS = {
    _PREFIX + last: codec
    for codec, tails in {
        "jpeg": ("4.50", "4.51", "4.57", "4.70"),
        "jpegls": ("4.80", "4.81"),
        "jpeg2000": ("4.90", "4.91"),
        "htj2k": ("4.201", "4.202", "4.203"),
        "jpegxl": ("4.110", "4.112"),
        "deflated": ("8.1",),
        "uncompressed": ("1.98",),
        "rle": ("5",),
    }.items()
    for last in tails
}
"""The module of :mod:`pydcm_pixels._codecs` for each transfer syntax."""
_ALWAYS_VERIFIED = frozenset({"htj2k", "jpegxl"})


def verify(src: bytes, encoded: bytes, runner: EncodeRunner) -> None:
    """Decode `encoded` and compare it with `src`, if that is possible and asked for.

    JPEG XL and HTJ2K are verified unless the option `verify` is false, other lossless frames only if it is true.

    Raises
    ------
    RuntimeError
        If the samples differ, as far as *Bits Stored* goes.
    """
    opts = runner.options
    uid = opts["transfer_syntax_uid"]
    codec = CODECS.get(uid)
    if codec is None or not opts.get("verify", codec in _ALWAYS_VERIFIED) or is_lossy(uid, opts):
        return
    if not _same(src, import_module(f"pydcm_pixels._codecs.{codec}").decode(encoded, **opts), opts, codec):
        raise RuntimeError(
            f"the {codec} encoder did not give back the samples it was given, nothing has been written"
        )


def _same(src: bytes, decoded: Any, opts: dict[str, Any], codec: str) -> bool:
    import numpy as np

    from pydcm_pixels._codecs.samples import as_frame

    if opts["bits_allocated"] == 1:
        return bool(np.packbits(decoded.reshape(-1), bitorder="little").tobytes() == src)
    if codec in ("deflated", "uncompressed", "rle"):
        return bool(decoded.tobytes() == src[: decoded.nbytes])
    wanted = as_frame(src, opts, planar=codec == "jpegls" and opts.get("planar_configuration") == 1)
    got = decoded.reshape(wanted.shape)
    if got.dtype.itemsize != wanted.dtype.itemsize:
        got = got.astype(wanted.dtype)
    mask = np.array((1 << opts["bits_stored"]) - 1, dtype=wanted.dtype)
    return bool(np.array_equal(got.view(wanted.dtype) & mask, wanted & mask))
