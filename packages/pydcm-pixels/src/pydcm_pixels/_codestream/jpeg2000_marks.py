"""Values in the main header of JPEG 2000 streams that no stream can have and some decoders trip over."""

from __future__ import annotations

from functools import lru_cache
from struct import Struct

from pydcm_pixels._codestream.jpeg2000 import _codestream_offset

_SIZ = Struct(">8IH")
_COD_MARKER, _COC_MARKER, _QCD_MARKER, _QCC_MARKER = 0x52, 0x53, 0x5C, 0x5D
# SOC, SIZ, PLT, PPT, SOP, EPH, SOD, EOC: not in the rest of a main header.
_NOT_HERE = frozenset({0x4F, 0x51, 0x58, 0x61, 0x91, 0x92, 0x93, 0xD9})
_MAX_TILES = 65535


def impossible_header(src: bytes) -> str | None:
    """Return what is wrong with the size or the coding style of a stream, ``None`` if nothing is.

    Parameters
    ----------
    src : bytes
        A stream with a size segment (SIZ, ISO/IEC 15444-1 §A.5.1).
    """
    at = _codestream_offset(src)
    end = src.find(b"\xff\x90\x00\x0a", at)
    return (
        _impossible(bytes(src[at : end + 2]))
        if end >= 0
        else "its main header does not end with a tile-part (SOT)"
    )


@lru_cache(maxsize=64)  # the frames of an image, and the tiles of a slide, mostly have the same header
def _impossible(src: bytes) -> str | None:
    if len(src) < 42:
        return "its size segment (SIZ) is cut short"
    right, bottom, left, top, wide, high, tile_left, tile_top, components = _SIZ.unpack_from(src, 8)
    if not (left < right and top < bottom and components):
        return "its image area is empty"
    if not (wide and high and tile_left <= left < tile_left + wide and tile_top <= top < tile_top + high):
        return f"its tiles of {wide} x {high} do not begin at the image"
    tiles = -((tile_left - right) // wide) * -((tile_top - bottom) // high)
    if tiles > _MAX_TILES:
        return f"it has {tiles} tiles, {_MAX_TILES} at most are possible"
    if int.from_bytes(src[4:6], "big") != 38 + 3 * components:
        return f"its size segment (SIZ) has another length than {components} components need"
    return _impossible_style(src, 42 + 3 * components, components)


def _impossible_style(src: bytes, at: int, components: int) -> str | None:
    """Return what is wrong with coding style and quantisation (ISO/IEC 15444-1 §A.6.1-A.6.5), from `at` on."""
    segments: dict[int, list[bytes]] = {}
    while src[at : at + 2] != b"\xff\x90":
        if at + 4 > len(src) or src[at] != 0xFF:
            return "its main header has something else than marker segments"
        marker, length = src[at + 1], src[at + 2] << 8 | src[at + 3]
        if length < 2 or marker in _NOT_HERE:
            return f"its main header has a marker FF {marker:02X} of length {length}"
        segments.setdefault(marker, []).append(src[at + 4 : at + 2 + length])
        at += 2 + length
    if len(segments.get(_COD_MARKER, ())) != 1 or len(segments.get(_QCD_MARKER, ())) != 1:
        return "its main header has no coding style (COD) or quantisation (QCD), or more than one"
    style = segments[_COD_MARKER][0]
    if len(style) < 10:
        return "its coding style segment (COD) is cut short"
    if style[1] > 4 or not style[2] | style[3] or style[4] > 1:
        return "its coding style segment (COD) has a progression, layers or a transformation that cannot be"
    width = 1 if components < 257 else 2
    levels = {-1: style[5]}
    problem = _impossible_blocks(style[0] & 1, style[5:])
    for body in segments.get(_COC_MARKER, ()):
        if len(body) < width + 6:
            return "a coding style segment (COC) is cut short"
        levels[int.from_bytes(body[:width], "big")] = body[width + 1]
        problem = problem or _impossible_blocks(body[width] & 1, body[width + 1 :])
    problem = problem or _impossible_steps(segments[_QCD_MARKER][0], max(levels.values()))
    for body in segments.get(_QCC_MARKER, ()):
        component = int.from_bytes(body[:width], "big")
        problem = problem or _impossible_steps(body[width:], levels.get(component, levels[-1]))
    return problem


def _impossible_blocks(has_precincts: int, body: bytes) -> str | None:
    """Return what is wrong with the levels, code-blocks and precincts of a coding style."""
    levels, wide, high, _, wavelet = body[:5]
    if levels > 32 or wide > 8 or high > 8 or wide + high > 8 or wavelet > 1:
        return f"its coding style has {levels} levels, code-blocks of {wide} and {high} and wavelet {wavelet}"
    if not has_precincts:
        return None
    sizes = body[5 : 6 + levels]
    if len(sizes) != levels + 1 or any(size & 15 == 0 or size >> 4 == 0 for size in sizes[1:]):
        return "its coding style has too few precinct sizes, or too small ones"
    return None


def _impossible_steps(body: bytes, levels: int) -> str | None:
    """Return what is wrong with a quantisation segment: it needs a step for each of the wavelet's bands."""
    kind = body[0] & 31 if body else 3
    needed = {0: 3 * levels + 1, 1: 2, 2: 2 * (3 * levels + 1)}.get(kind)
    if needed is None or len(body) - 1 < needed:
        return f"its quantisation of kind {kind} has {len(body) - 1} bytes for {levels} levels"
    return None
