"""File IDs: the names of files relative to a File-set's root (PS3.10 §8.2, §8.5)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: First characters of a File ID component, by Directory Record Type. Each is used for one type only.
PREFIXES = {
    "PATIENT": "PT",
    "STUDY": "ST",
    "SERIES": "SE",
    "IMAGE": "IM",
    "RT DOSE": "RD",
    "RT STRUCTURE SET": "RS",
    "RT PLAN": "RP",
    "RT TREAT RECORD": "RX",
    "PRESENTATION": "PR",
    "WAVEFORM": "WV",
    "SR DOCUMENT": "SR",
    "KEY OBJECT DOC": "KY",
    "SPECTROSCOPY": "SP",
    "RAW DATA": "RW",
    "REGISTRATION": "RG",
    "FIDUCIAL": "FD",
    "HANGING PROTOCOL": "HG",
    "ENCAP DOC": "ED",
    "VALUE MAP": "VM",
    "STEREOMETRIC": "SX",
    "PALETTE": "PA",
    "IMPLANT": "IP",
    "IMPLANT ASSY": "IA",
    "IMPLANT GROUP": "IG",
    "PLAN": "PL",
    "MEASUREMENT": "MX",
    "SURFACE": "SF",
    "SURFACE SCAN": "SS",
    "TRACT": "TR",
    "ASSESSMENT": "AS",
    "RADIOTHERAPY": "RT",
    "PRIVATE": "P",
}

_COMPONENT_LENGTH = 8
_MAX_COMPONENTS = 8
_CONFORMANT = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
# The letter J is left out because pydicom leaves it out: both must give the same name to the same instance.
_DIGITS = "0123456789ABCDEFGHIKLMNOPQRSTUVWXYZ"

#: Most instances that numeric, and alphanumeric, components can number with six digits.
MAX_NUMERIC = 10**6
MAX_ALPHANUMERIC = len(_DIGITS) ** 6


def numbered(prefix: str, number: int, alphanumeric: bool) -> str:
    """Return `prefix` followed by `number`, filled up with zeros to eight characters."""
    digits = _DIGITS if alphanumeric else _DIGITS[:10]
    text = ""
    while number:
        number, digit = divmod(number, len(digits))
        text = digits[digit] + text
    return prefix + text.rjust(_COMPONENT_LENGTH - len(prefix), "0")


def generate_filename(prefix: str = "", start: int = 0, alphanumeric: bool = False) -> Iterator[str]:
    """Yield file names of eight characters, each one up from the one before.

    Parameters
    ----------
    prefix : str, optional
        What every name begins with; at most seven characters.
    start : int, optional
        The number of the first name.
    alphanumeric : bool, optional
        Count with the digits 0-9 and the letters A-Z without J instead of digits only.

    Yields
    ------
    str
        ``"00000000"``, ``"00000001"``, ... until the numbers no longer fit.

    Raises
    ------
    ValueError
        If `prefix` is too long.
    """
    if len(prefix) >= _COMPONENT_LENGTH:
        raise ValueError("The 'prefix' must be less than 8 characters long")
    base = len(_DIGITS) if alphanumeric else 10
    for number in range(start, base ** (_COMPONENT_LENGTH - len(prefix))):
        yield numbered(prefix, number, alphanumeric)


def is_conformant_file_id(path: Path) -> bool:
    """Return whether a path relative to the File-set's root is a File ID as the standard wants it.

    That is: at most eight components of at most eight characters from A-Z, 0-9 and the underscore (PS3.10 §8.2 and
    §8.5, PS3.3 §F.3.2.2).
    """
    parts = Path(path).parts
    return len(parts) <= _MAX_COMPONENTS and all(
        len(part) <= _COMPONENT_LENGTH and _CONFORMANT.issuperset(part) for part in parts
    )


def path_inside(root: Path, components: str | Sequence[str]) -> Path:
    """Return a Referenced File ID as a path relative to `root`.

    Raises
    ------
    PermissionError
        If it leads out of `root`: it is absolute, climbs with ``..`` or follows a symbolic link.
    """
    parts = [components] if isinstance(components, str) else [str(part) for part in components]
    path = Path(*parts)
    inside = not path.anchor and "\0" not in os.fspath(path)
    if inside:
        top = os.path.realpath(root)
        inside = os.path.commonpath([top, os.path.realpath(root / path)]) == top
    if not inside:
        raise PermissionError(f"ReferencedFileID ('{path}') must be inside the DICOMDIR root path")
    return path
