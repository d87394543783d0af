"""Values in the main header of JPEG 2000 streams that no stream can have and some decoders trip over."""

from __future__ import annotations

from struct import Struct

from pydcm_pixels._codestream.jpeg2000 import _codestream_offset

_SIZ = Struct(">8IH")
_COD = Struct(">BBHBBBBBB")
_MAX_TILES = 65535


def impossible_header(src: bytes) -> str | None:
    """Return what is wrong with the size or the coding style of a stream, ``None`` if nothing is.

    Parameters
    ----------
    src : bytes
        A stream with a size segment (SIZ, ISO/IEC 15444-1 §A.5.1).
    """
    at = _codestream_offset(src)
    if at + 40 + 2 > len(src):
        return "its size segment (SIZ) is cut short"
    right, bottom, left, top, wide, high, tile_left, tile_top, components = _SIZ.unpack_from(src, at + 8)
    if not (left < right and top < bottom and components):
        return "its image area is empty"
    if not (wide and high and tile_left <= left < tile_left + wide and tile_top <= top < tile_top + high):
        return f"its tiles of {wide} x {high} do not begin at the image"
    tiles = -((tile_left - right) // wide) * -((tile_top - bottom) // high)
    if tiles > _MAX_TILES:
        return f"it has {tiles} tiles, {_MAX_TILES} at most are possible"
    if int.from_bytes(src[at + 4 : at + 6], "big") != 38 + 3 * components:
        return f"its size segment (SIZ) has another length than {components} components need"
    return _impossible_style(src, at + 4 + 38 + 3 * components)


def _impossible_style(src: bytes, at: int) -> str | None:
    """Return what is wrong with the default coding style (COD, ISO/IEC 15444-1 §A.6.1) somewhere from `at` on."""
    styles = 0
    while at + 4 <= len(src) and src[at] == 0xFF and src[at + 1] not in (0x90, 0x93, 0xD9):
        length = src[at + 2] << 8 | src[at + 3]
        if length < 2:
            return f"its marker segment FF {src[at + 1]:02X} has a length of {length}"
        if src[at + 1] == 0x52:
            problem = _impossible_cod(src[at + 4 : at + 2 + length])
            if problem is not None:
                return problem
            styles += 1
        at += 2 + length
    return None if styles == 1 else "its main header has no coding style (COD), or more than one"


def _impossible_cod(body: bytes) -> str | None:
    if len(body) < 10:
        return "its coding style segment (COD) is cut short"
    flags, progression, layers, mct, levels, wide, high, _, wavelet = _COD.unpack_from(body)
    if progression > 4 or not layers or mct > 1 or wavelet > 1:
        return "its coding style segment (COD) has a progression, number of layers or transformation that cannot be"
    if levels > 32 or wide > 8 or high > 8 or wide + high > 8:
        return f"its coding style segment (COD) has {levels} levels and code-blocks of {wide} and {high}"
    precincts = body[10 : 11 + levels] if flags & 1 else b"\xff"
    if flags & 1 and len(precincts) != levels + 1:
        return "its coding style segment (COD) has too few precinct sizes"
    if any(size & 15 == 0 or size >> 4 == 0 for size in precincts[1:]):
        return "its precincts are smaller than possible"
    return None
