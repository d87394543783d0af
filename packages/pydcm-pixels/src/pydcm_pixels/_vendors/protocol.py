"""Siemens' protocol in ASCII, between ``### ASCCONV BEGIN`` and ``### ASCCONV END``."""

from __future__ import annotations

import re

__all__ = ["Protocol", "read_protocol"]

_MAX_LINES = 100_000
_BEGIN = b"### ASCCONV BEGIN"
_END = b"### ASCCONV END"
_LINE = re.compile(rb"^\s*([A-Za-z_][\w.\[\]]*)\s*=\s*(.*?)\s*$", re.MULTILINE)


class Protocol(dict[str, str]):
    """Names of the protocol and their values as text, without quotes."""

    def number(self, *names: str) -> float | None:
        """Return the value of the first of the names that is there as a number."""
        for name in names:
            text = self.get(name)
            if text is None:
                continue
            try:
                return float(int(text, 16)) if text[:2].lower() == "0x" else float(text)
            except ValueError:
                continue
        return None

    def integer(self, *names: str) -> int:
        """Return the value of the first of the names that is there as an integer, 0 if none is."""
        found = self.number(*names)
        return int(found) if found is not None and abs(found) < 1e15 else 0

    def text(self, *names: str) -> str:
        """Return the text of the first of the names that is there, ``""`` if none is."""
        for name in names:
            if name in self:
                return self[name]
        return ""


def read_protocol(content: bytes) -> Protocol:
    """Return the protocol in a private element; empty if there is none.

    Parameters
    ----------
    content : bytes
        *MrPhoenixProtocol* or the whole CSA series header.
    """
    found = Protocol()
    start = content.find(_BEGIN)
    if start < 0:
        return found
    end = content.find(_END, start)
    body = content[start : end if end >= 0 else len(content)]
    for number, match in enumerate(_LINE.finditer(body)):
        if number > _MAX_LINES:
            break
        value = match[2].partition(b"#")[0].strip() if not match[2].startswith(b'"') else match[2].strip(b'"')
        found.setdefault(match[1].decode("latin-1"), value.decode("utf-8", "replace"))
    return found
