"""Headers of JPEG 2000 and HTJ2K streams (ISO/IEC 15444-1 Annex A and I)."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydcm_pixels._core import _streams

_JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  "


def _codestream_offset(src: bytes) -> int:
    """Return where the contiguous codestream starts: 0, or after the boxes of a JP2 file."""
    if not src.startswith(_JP2_SIGNATURE):
        return 0
    at = 12
    while at + 8 <= len(src):
        length = int.from_bytes(src[at : at + 4], "big")
        if src[at + 4 : at + 8] == b"jp2c":
            return at + (16 if length == 1 else 8)
        if length == 1:
            length = int.from_bytes(src[at + 8 : at + 16], "big")
        if length < 8:
            break
        at += length
    return len(src)


def get_j2k_parameters(codestream: bytes) -> dict[str, Any]:
    """Return ``precision``, ``is_signed`` and ``jp2`` (wrapped in a JP2 file) of a stream; empty if it is none."""
    try:
        at = _codestream_offset(codestream)
        if codestream[at : at + 4] != b"\xff\x4f\xff\x51":
            return {}
        depth = codestream[at + 42]
    except (IndexError, TypeError):
        return {}
    return {
        "jp2": codestream.startswith(_JP2_SIGNATURE),
        "precision": (depth & 0x7F) + 1,
        "is_signed": bool(depth & 0x80),
    }


class CodestreamHeader(NamedTuple):
    """What SIZ and COD say (ISO/IEC 15444-1 §A.5.1, §A.6.1)."""

    width: int
    height: int
    components: int
    precision: int
    is_signed: bool
    is_htj2k: bool
    mct: bool
    reversible: bool
    resolutions: int


def codestream_header(src: bytes) -> CodestreamHeader | None:
    """Return what the main header says, or ``None`` if this is no JPEG 2000 stream."""
    values = _streams.codestream_header(src, _codestream_offset(src))
    return None if values is None else CodestreamHeader(*values)


def components_alike(src: bytes) -> bool:
    """Return whether all components have the same precision, sign and full size (SIZ, ISO/IEC 15444-1 §A.5.1)."""
    at = _codestream_offset(src)
    count = src[at + 40] << 8 | src[at + 41]
    kinds = src[at + 42 : at + 42 + 3 * count]
    return len(kinds) == 3 * count and kinds == (kinds[:1] + b"\x01\x01") * count


def end_of_tiles(src: bytes) -> int:
    """Return where the last tile-part ends by what it says (SOT, ISO/IEC 15444-1 §A.4.2), perhaps behind the end of `src`."""
    at = src.find(b"\xff\x90\x00\x0a", _codestream_offset(src))
    if at < 0:
        return len(src)
    while at + 12 <= len(src) and src[at : at + 2] == b"\xff\x90":
        length = int.from_bytes(src[at + 6 : at + 10], "big")
        if length < 12:
            return len(src)
        at += length
    return at
