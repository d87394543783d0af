"""Show the bytes of a file, and the elements of a data set one at a time."""

from __future__ import annotations

import sys
from io import BytesIO

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from typing import BinaryIO

    from ..dataset import Dataset

_WIDTH = 16


def print_character(ordchr: int) -> str:
    """Return the character of a code if it can be shown, else a dot; a backslash is shown as a dot as well.

    Parameters
    ----------
    ordchr : int
        The code.
    """
    return chr(ordchr) if 32 <= ordchr <= 125 and ordchr != 92 else "."


def filedump(
    filename: str | bytes | os.PathLike[str], start_address: int = 0, stop_address: int | None = None
) -> str:
    """Return the bytes of a file as :func:`hexdump` shows them.

    Parameters
    ----------
    filename : str, bytes or os.PathLike
        The file.
    start_address, stop_address
        As for :func:`hexdump`.
    """
    with open(filename, "rb") as file:
        return hexdump(file, start_address, stop_address)


def datadump(data: bytes, start_address: int = 0, stop_address: int | None = None) -> str:
    """Return bytes as :func:`hexdump` shows them.

    Parameters
    ----------
    data : bytes
        The bytes.
    start_address, stop_address
        As for :func:`hexdump`.
    """
    return hexdump(BytesIO(data), start_address, stop_address)


def hexdump(
    f: BinaryIO, start_address: int = 0, stop_address: int | None = None, show_address: bool = True
) -> str:
    """Return lines of sixteen bytes, each as hexadecimal numbers and as characters.

    Parameters
    ----------
    f : file-like
        The file.
    start_address : int, optional
        Where the first line begins.
    stop_address : int, optional
        No line begins behind this position; by default the file is shown to its end.
    show_address : bool, optional
        Whether a line begins with its position.

    Returns
    -------
    str
    """
    size = f.seek(0, 2)
    digits = len(f"{stop_address or size:X}")
    f.seek(start_address)
    lines = []
    address = start_address
    while (not stop_address or address <= stop_address) and (row := f.read(_WIDTH)):
        prefix = f"{address:0{digits}X}  " if show_address else ""
        lines.append(f"{prefix}{row.hex(' ').upper():<{3 * _WIDTH + 1}}{''.join(map(print_character, row))}")
        address += len(row)
    return "\n".join(lines)


def pretty_print(ds: Dataset, indent_level: int = 0, indent_chars: str = "  ") -> None:
    """Print a data set element by element.

    What ``print(ds)`` shows is made as a whole before anything is printed. Here the elements before one that
    fails have been printed by then.

    Parameters
    ----------
    ds : Dataset
        The data set.
    indent_level : int, optional
        How deep `ds` is nested.
    indent_chars : str, optional
        What a line begins with for every level.
    """
    indent = indent_chars * indent_level
    for elem in ds:
        if elem.VR != "SQ":
            print(f"{indent}{elem!r}")
            continue
        print(f"{indent}{elem.tag} {elem.name} -- {len(elem.value)} item(s)")
        for item in elem.value:
            pretty_print(item, indent_level + 1, indent_chars)
            print(f"{indent}{indent_chars}---------")


if __name__ == "__main__":
    print(filedump(sys.argv[1], *(int(address, 0) for address in sys.argv[2:4])))
