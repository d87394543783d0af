"""What is logged while a file is read: where the preamble and each element are.

Values are not logged, as they may be patient data.
"""

from __future__ import annotations

import sys

from pydcm import config
from pydcm.tag import BaseTag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pydcm._core._read import Scanned

_DEBUG = 10
_UNDEFINED_LENGTH = 0xFFFFFFFF


def is_wanted() -> bool:
    """Return whether anybody gets what is logged; nobody does as long as ``logging`` was not imported."""
    return "logging" in sys.modules and config.logger.isEnabledFor(_DEBUG)


def log_preamble(position: int, found: bool) -> None:
    """Log the search for the prefix ``DICM``.

    Parameters
    ----------
    position : int
        Where in the file the preamble begins.
    found : bool
        Whether the prefix follows it.
    """
    config.logger.debug("Reading File Meta Information preamble...")
    config.logger.debug("Reading File Meta Information prefix...")
    if found:
        config.logger.debug("%08x: 'DICM' prefix found", position + 128)


def log_elements(scanned: Scanned, header_at: Callable[[int, int], bytes]) -> None:
    """Log the elements that were found, those of nested items included.

    Parameters
    ----------
    scanned : Scanned
        The elements.
    header_at : callable
        Returns bytes of what was scanned: from an offset, and how many.
    """
    for number in range(scanned.first, scanned.last):
        tag, vr, length, offset, file_offset, header, _ = scanned.row(number)
        encoded = header_at(offset - header, header).hex(" ")
        name = f"{vr >> 8:c}{vr & 0xFF:c} " if vr and not scanned.implicit else ""
        size = "Undefined Length" if length == _UNDEFINED_LENGTH else f"Length: {length}"
        config.logger.debug("%08x: %-35s    %s %s%s", file_offset - header, encoded, BaseTag(tag), name, size)
