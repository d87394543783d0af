"""What is logged while a file is read: where the preamble and each element are.

Values are not logged, as they may be patient data.
"""

from __future__ import annotations

import sys

from pydcm import config
from pydcm.tag import BaseTag, ItemTag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pydcm._core._read import Scanned

_DEBUG = 10
_UNDEFINED_LENGTH = 0xFFFFFFFF
_SQ = 0x5351  # as rows have it: "S" in the high byte, "Q" in the low one


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


def log_elements(
    scanned: Scanned, bytes_at: Callable[[int, int], bytes], defer_size: float | None = None
) -> None:
    """Log the elements that were found, those of nested items included, and what is odd about their headers.

    Parameters
    ----------
    scanned : Scanned
        The elements.
    bytes_at : callable
        Returns bytes of what was scanned: from an offset, and how many.
    defer_size : int or float, optional
        Longer values are not read.
    """
    _Log(scanned, bytes_at, defer_size).run()


class _Log:
    def __init__(
        self, scanned: Scanned, bytes_at: Callable[[int, int], bytes], defer_size: float | None
    ) -> None:
        self.scanned, self.bytes_at, self.defer_size = scanned, bytes_at, defer_size
        self.debug, self.warning = config.logger.debug, config.logger.warning

    def run(self) -> None:
        """Go through the rows; `open` has the sequences and items around the present one."""
        open_rows: list[int] = []
        for number in range(self.scanned.first, self.scanned.last):
            while open_rows and self.scanned.row(open_rows[-1])[-1] <= number:
                self.close(open_rows.pop())
            tag, vr, _, _, file_offset, _, _ = self.scanned.row(number)
            parent = self.scanned.row(open_rows[-1]) if open_rows else None
            if parent is not None and parent[0] != ItemTag and tag != ItemTag:
                self.warning(
                    "Expected sequence item with tag %s at file position 0x%X", ItemTag, file_offset - 4
                )
            if tag == ItemTag:
                self.item(number)
            else:
                self.element(number)
            if vr == _SQ or tag == ItemTag:
                open_rows.append(number)
        while open_rows:
            self.close(open_rows.pop())

    def item(self, number: int) -> None:
        _, _, _, offset, file_offset, header, _ = self.scanned.row(number)
        encoded = self.bytes_at(offset - header, header).hex(" ")
        self.debug("%08X: %s  Found Item tag (start of item)", file_offset - 4, encoded)

    def element(self, number: int) -> None:
        from pydcm.valuerep import VR

        tag, vr, length, offset, file_offset, header, _ = self.scanned.row(number)
        encoded = self.bytes_at(offset - header, header)
        name = ""
        if vr and not self.scanned.implicit:
            name = f"{vr >> 8:c}{vr & 0xFF:c}"
            if name not in VR.__members__:
                self.warning(
                    "Unknown VR '%s' assuming explicit VR encoding with %d-byte length", name, header - 6
                )
        elif not self.scanned.implicit:
            self.warning("Unknown VR '0x%s' assuming implicit VR encoding", encoded[4:6].hex())
        undefined = length == _UNDEFINED_LENGTH
        size = "Undefined length (FFFFFFFF)" if undefined else f"Length: {length}"
        self.debug(
            "%08x: %-35s    %s %s %s",
            file_offset - header,
            encoded.hex(" "),
            BaseTag(tag),
            name or "--",
            size,
        )
        if undefined and vr == _SQ:
            self.debug("%08X: Reading/parsing undefined length sequence", file_offset)
        elif undefined:
            self.debug("Reading undefined length data element")
        elif self.defer_size is not None and length > self.defer_size:
            self.debug("Defer size exceeded. Skipping forward to next data element.")

    def close(self, number: int) -> None:
        """Log the end of a sequence or an item."""
        tag, _, length, offset, file_offset, _, _ = self.scanned.row(number)
        end = self.end(number)
        if tag == ItemTag:
            self.debug("%08X: Finished sequence item", file_offset - offset + end)
        elif length == _UNDEFINED_LENGTH:
            found = int.from_bytes(
                self.bytes_at(end - 4, 4), "little" if self.scanned.table.little_endian else "big"
            )
            if found:
                self.warning(
                    "Expected 0x00000000 after delimiter, found 0x%x, at position 0x%X",
                    found,
                    file_offset - offset + end - 4,
                )

    def end(self, number: int) -> int:
        """Return the offset behind an element or item, its delimiter included."""
        _, _, length, offset, _, _, following = self.scanned.row(number)
        if length != _UNDEFINED_LENGTH:
            return offset + length
        if following == number + 1:
            return offset + len(self.scanned.value_at(number) or b"") + 8
        child = number + 1
        while (after := self.scanned.row(child)[-1]) < following:
            child = after
        return self.end(child) + 8
