"""The codecs that come with this package, as the encoding plugin ``imagecodecs``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pydcm_pixels._encode.verify import CODECS

if TYPE_CHECKING:
    from pydcm_pixels._encode.runner import EncodeRunner

ENCODER_DEPENDENCIES = dict.fromkeys(
    (uid for uid, codec in CODECS.items() if codec != "rle"), ("numpy", "imagecodecs>=2026.3.6")
)


def is_available(uid: str) -> bool:
    """Return whether this plugin can encode to `uid` here; imports nothing."""
    return (
        uid in ENCODER_DEPENDENCIES
        and find_spec("numpy") is not None
        and find_spec("imagecodecs") is not None
    )


def _encode_frame(src: bytes, runner: EncodeRunner) -> bytes:
    """Return the encoded frame."""
    opts = runner.options
    encoded: bytes = _module(opts["transfer_syntax_uid"]).encode(src, **opts)
    return encoded


@cache
def _module(uid: str) -> Any:
    return import_module(f"pydcm_pixels._codecs.{CODECS[uid]}")
