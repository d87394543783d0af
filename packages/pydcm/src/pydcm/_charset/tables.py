"""The character sets of PS3.3 §C.12.1.1.2 and their names in Python."""

from __future__ import annotations

default_encoding = "iso8859"
"""The encoding where none is declared: that of ISO 646, with Latin 1 in the upper half for those who forgot to declare it."""

ESC = b"\x1b"
"""The byte with which an escape sequence begins."""

# number of the ISO registration, encoding, final bytes of the escape sequence (PS3.3 Tables C.12-2 to C.12-4)
_SETS = (
    ("6", default_encoding, b"(B"),
    ("13", "shift_jis", b")I"),  # half-width katakana; Shift JIS has them, and ISO-IR 14, at the same codes
    ("100", "latin_1", b"-A"),
    ("101", "iso8859_2", b"-B"),
    ("109", "iso8859_3", b"-C"),
    ("110", "iso8859_4", b"-D"),
    ("126", "iso_ir_126", b"-F"),  # Greek
    ("127", "iso_ir_127", b"-G"),  # Arabic
    ("138", "iso_ir_138", b"-H"),  # Hebrew
    ("144", "iso_ir_144", b"-L"),  # Cyrillic
    ("148", "iso_ir_148", b"-M"),  # Turkish
    ("166", "iso_ir_166", b"-T"),  # Thai
    ("203", "iso8859_15", b"-b"),  # Latin 9
)
# The same for sets of several bytes per character, which are there as code extensions only
_WIDE_SETS = (
    ("87", "iso2022_jp", b"$B"),
    ("159", "iso2022_jp_2", b"$(D"),
    ("149", "euc_kr", b"$)C"),
    ("58", "iso_ir_58", b"$)A"),
)

python_encoding = {"": default_encoding}
"""The encoding of each character set that *Specific Character Set* can name."""
python_encoding |= {f"ISO_IR {number}": encoding for number, encoding, _ in _SETS}
python_encoding |= {f"ISO 2022 IR {number}": encoding for number, encoding, _ in _SETS + _WIDE_SETS}
python_encoding |= {
    "ISO_IR 192": "UTF8",
    "GB18030": "GB18030",
    "GBK": "GBK",
    # Spellings that were published before GBK and GB2312 got their final names
    "ISO 2022 GBK": "GBK",
    "ISO 2022 58": "GB2312",
}

STAND_ALONE_ENCODINGS = ("ISO_IR 192", "GBK", "GB18030")
"""Character sets that must not be combined with others (PS3.3 §C.12.1.1.2)."""

CODES_TO_ENCODINGS = {ESC + final: encoding for _, encoding, final in _SETS + _WIDE_SETS}
"""The encoding that each escape sequence switches to."""
ENCODINGS_TO_CODES = {encoding: code for code, encoding in CODES_TO_ENCODINGS.items()}
"""The escape sequence that switches to each encoding."""
CODES_TO_ENCODINGS[ESC + b"(J"] = "shift_jis"  # ISO-IR 14, the Latin half of JIS X 0201

handled_encodings = ("iso2022_jp", "iso2022_jp_2")
"""Encodings whose codecs read and write the escape sequences themselves."""

need_tail_escape_sequence_encodings = ("iso2022_jp", "iso2022_jp_2")
"""Encodings after which the first character set has to be called back, as they replace ASCII."""

ASCII_SUPERSETS = frozenset(python_encoding.values())
"""Encodings in which bytes below 0x80 other than the escape are ASCII."""
