"""Changes to DICOM files that keep most of the grammar of elements (PS3.5 §7) intact."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from pydcm_testing.fuzzing import overwrite

if TYPE_CHECKING:
    import random

__all__ = ["mutate"]

LONG = (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
SHORT = (b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN")
SHORT += (b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US")
ODD = (b"XX", b"\0\0", b"  ", b"US OR", b"??")
SYNTAXES = (b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1", b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.1.99")
SYNTAXES += (b"1.2.840.10008.1.2.5", b"1.2.840.10008.1.2.4.50", b"1.2.840.10008.1.2.8.1", b"1.2.3", b"")
SETS = (
    b"ISO_IR 100",
    b"ISO_IR 192",
    b"\\ISO 2022 IR 87",
    b"ISO 2022 IR 13\\ISO 2022 IR 87",
    b"GB18030",
    b"utf8",
)
SETS += (b"ISO 2022 IR 6\\ISO 2022 IR 149", b"ISO_IR 13", b"ISO_IR 999", b"\\ISO 2022 IR 58", b"")
#: (group, element) of what other elements are read by, and of what is no element at all.
TAGS = (
    (0x0008, 0x0005), (0x0008, 0x0000), (0x0002, 0x0000), (0x0002, 0x0010), (0x0008, 0x0060), (0x0010, 0x0010),
    (0x0028, 0x0002), (0x0028, 0x0008), (0x0028, 0x0010), (0x0028, 0x0011), (0x0028, 0x0100), (0x0028, 0x0103),
    (0x0028, 0x0106), (0x0028, 0x1101), (0x0028, 0x1201), (0x0028, 0x3002), (0x0028, 0x3006), (0x5400, 0x0100),
    (0x5400, 0x1010), (0x003A, 0x021A), (0x6000, 0x3000), (0x6000, 0x0010), (0x0040, 0xA730), (0x0008, 0x1140),
    (0x0009, 0x0010), (0x0009, 0x1001), (0x0009, 0x00FF), (0x0009, 0xFF01), (0x7FE0, 0x0010), (0x7FE0, 0x0008),
    (0x7FE0, 0x0001), (0x7FE0, 0x0002), (0xFFFC, 0xFFFC), (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD),
    (0xFFFF, 0xFFFF), (0x0000, 0x0002), (0x0004, 0x1220), (0x3006, 0x0050), (0x0020, 0x0032), (0x0001, 0x0001),
)  # fmt: skip
VALUES = (
    b"", b" ", b"\0", b"\\", b"\\\\", b"1\\2\\3", b"1.5", b"-0", b"1e400", b"nan", b"inf", b"+1 ", b"0x10", b"1_000",
    b"99999999999999999999", b"19991231", b"1999.12.31", b"20260229", b"235960.123456", b"20260102030405.6+1400", b"A^B",
    b"A^B^C^D^E^F=I=P=X", b"^^^^^^", b"\x1b$B;3ED\x1b(B", b"\x1b$)C\xb1\xe8", b"\xff\xfe\xfd", b"\xe3\x81\x82", b"\x1b",
    b"1.2.840.10008.1.2.1", b"1..2", b"ABC\\DEF", b"\0\0\0\0\0\0\xf0\x7f", b"\xff" * 8, b"\x80" * 4, b"\x01\x00",
)  # fmt: skip
LENGTHS = (0, 1, 2, 3, 7, 8, 0xFE, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


def _number(value: int, nbytes: int, little: bool) -> bytes:
    return (value & (1 << 8 * nbytes) - 1).to_bytes(nbytes, "little" if little else "big")


class _Grammar:
    """How elements are encoded: with or without VR, in which byte order."""

    def __init__(self, implicit: bool, little: bool) -> None:
        self.implicit = implicit
        self.little = little

    def tag(self, group: int, element: int) -> bytes:
        return _number(group, 2, self.little) + _number(element, 2, self.little)

    def element(self, tag: bytes, vr: bytes, value: bytes, length: int | None = None) -> bytes:
        length = len(value) if length is None else length
        if self.implicit:
            return tag + _number(length, 4, self.little) + value
        if vr in SHORT:
            return tag + vr + _number(length, 2, self.little) + value
        return tag + vr[:2] + b"\0\0" + _number(length, 4, self.little) + value

    def split(self, data: bytes, start: int) -> list[bytes]:
        """Return the elements at the top level; those of undefined length are cut after their header."""
        found = []
        while start + 8 <= len(data):
            header = 8
            if self.implicit:
                length = int.from_bytes(data[start + 4 : start + 8], "little" if self.little else "big")
            elif data[start + 4 : start + 6] in LONG:
                header = 12
                length = int.from_bytes(data[start + 8 : start + 12], "little" if self.little else "big")
            else:
                length = int.from_bytes(data[start + 6 : start + 8], "little" if self.little else "big")
            end = start + header + (0 if length == 0xFFFFFFFF else length)
            found.append(data[start:end])
            start = end
        if start < len(data):
            found.append(data[start:])
        return found

    def sequence(self, tag: bytes, items: list[bytes], chance: random.Random) -> bytes:
        """Return a sequence in any of the ways to write one, with what ends it now and then left out."""
        body = b""
        for item in items:
            if chance.random() < 0.5:
                body += self.tag(0xFFFE, 0xE000) + _number(len(item), 4, self.little) + item
            else:
                body += self.tag(0xFFFE, 0xE000) + b"\xff\xff\xff\xff" + item
                if chance.random() < 0.9:
                    body += self.tag(0xFFFE, 0xE00D) + b"\0\0\0\0"
        vr = b"UN" if chance.random() < 0.1 else b"SQ"
        if chance.random() < 0.5:
            return self.element(tag, vr, body)
        if chance.random() < 0.9:
            body += self.tag(0xFFFE, 0xE0DD) + b"\0\0\0\0"
        return self.element(tag, vr, body, 0xFFFFFFFF)


def _any_element(grammar: _Grammar, chance: random.Random) -> bytes:
    group, element = chance.choice(TAGS)
    tag = grammar.tag(group, element)
    kind = chance.random()
    if kind < 0.1:
        return grammar.sequence(
            tag, [_any_element(grammar, chance) for _ in range(chance.randrange(3))], chance
        )
    if kind < 0.2:  # encapsulated: an offset table and fragments
        parts = [
            chance.randbytes(chance.choice((0, 4, 8))),
            *(chance.randbytes(chance.choice((0, 2, 64))) for _ in "ab"),
        ]
        body = b"".join(
            grammar.tag(0xFFFE, 0xE000) + _number(len(part), 4, grammar.little) + part for part in parts
        )
        return grammar.element(tag, b"OB", body + grammar.tag(0xFFFE, 0xE0DD) + bytes(4), 0xFFFFFFFF)
    value = chance.choice(VALUES) if kind < 0.8 else chance.choice(SETS)
    if chance.random() < 0.2:
        value = b"\\".join([value] * chance.choice((2, 3, 6)))
    return grammar.element(tag, chance.choice((*LONG, *SHORT, *ODD)), value)


def _change(parts: list[bytes], grammar: _Grammar, chance: random.Random) -> None:
    """Change one thing in a list of elements."""
    at = chance.randrange(len(parts))
    one = parts[at]
    what = chance.randrange(9)
    if what == 0:
        parts.insert(at, _any_element(grammar, chance))
    elif what == 1:
        parts.insert(chance.randrange(len(parts)), one)
    elif what == 2:
        del parts[at]
    elif what == 3 and not grammar.implicit:
        parts[at] = one[:4] + chance.choice((*LONG, *SHORT, *ODD))[:2] + one[6:]
    elif what == 4:
        length = chance.choice((*LENGTHS, len(one) - 9, len(one) - 7, len(one) - 12))
        place, width = (4, 4) if grammar.implicit else (8, 4) if one[4:6] in LONG else (6, 2)
        parts[at] = one[:place] + _number(length, width, grammar.little) + one[place + width :]
    elif what == 5:
        vr = one[4:6] if one[4:6] in (*LONG, *SHORT) else b"LO"
        parts[at] = grammar.element(one[:4], vr, chance.choice((*VALUES, *SETS)))
    elif what == 6:
        last = chance.randint(at, min(at + 6, len(parts)))
        item = b"".join(parts[at:last])
        for _ in range(chance.choice((1, 1, 1, 2, 5, 40, 300))):
            item = grammar.sequence(grammar.tag(0x0040, 0xA730), [item], chance)
            if len(item) > 20000:
                break
        parts[at:last] = [item]
    elif what == 7:
        parts[at] = grammar.tag(*chance.choice(TAGS)) + one[4:]
    else:
        parts[at] = overwrite(one, chance)


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Return a DICOM file with elements put in, taken out, moved, nested, or given another VR, length or value."""
    head = 132 if data[128:132] == b"DICM" else 0
    meta = _Grammar(implicit=False, little=True)
    parts = meta.split(data, head) if head else []
    n_meta = next((i for i, part in enumerate(parts) if part[:2] != b"\x02\x00"), len(parts))
    syntax = next((part[8:].rstrip(b" \0") for part in parts[:n_meta] if part[:4] == b"\x02\0\x10\0"), b"")
    front, rest = parts[:n_meta], data[head + sum(map(len, parts[:n_meta])) :]
    deflated = syntax == SYNTAXES[3]
    if deflated:
        try:
            rest = zlib.decompressobj(-15).decompress(rest, 1 << 16)
        except zlib.error:
            deflated = False
    explicit = rest[4:5].isupper() and rest[5:6].isupper()
    body = _Grammar(implicit=not explicit, little=syntax != SYNTAXES[2])
    elements = body.split(rest, 0) or [b""]
    for _ in range(chance.choice((1, 1, 2, 4))):
        _change(elements, body, chance)
        elements = elements or [b""]
    if front and chance.random() < 0.1:
        _change(front, meta, chance)
    if front and chance.random() < 0.05:
        chosen = chance.choice(SYNTAXES)
        front = [
            meta.element(part[:4], b"UI", chosen + b"\0" * (len(chosen) % 2))
            if part[:4] == b"\x02\0\x10\0"
            else part
            for part in front
        ]
        deflated = chosen == SYNTAXES[3]
    rest = b"".join(elements)
    if deflated:
        engine = zlib.compressobj(wbits=-15)
        rest = engine.compress(rest) + engine.flush()
    return data[:head] + b"".join(front) + rest
