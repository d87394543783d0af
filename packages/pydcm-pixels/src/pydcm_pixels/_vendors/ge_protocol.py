"""GE: the protocol data block (0025,xx1B)."""

from __future__ import annotations

import re
import zlib

__all__ = ["read_protocol_block"]

_MAX_BYTES = 1 << 24
_SET = re.compile(r'^\s*(?:set\s+)?([A-Z]\w*)\s+"(.*?)"\s*$', re.MULTILINE)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


def read_protocol_block(content: bytes) -> dict[str, str]:
    """Return the values of GE's protocol data block.

    It is a length of 4 bytes and gzip; inside are lines ``NAME "value"``, in newer software as XML.

    Parameters
    ----------
    content : bytes
        Value of the element; a bare gzip stream or text without compression are taken as well.
    """
    at = content.find(b"\x1f\x8b", 0, 16)
    data = content
    if at >= 0:
        try:
            data = zlib.decompressobj(31).decompress(content[at:], _MAX_BYTES)
        except zlib.error:
            return {}
    text = data[:_MAX_BYTES].decode("latin-1")
    found = {match[1]: match[2] for match in _SET.finditer(text)}
    if not found and "<" in text:
        found = {match[1]: match[2] for match in _ATTRIBUTE.finditer(text)}
    return found
