"""One image's header as plain values, whichever of the makers' places they are in."""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydcm_pixels._series import fields
from pydcm_pixels._series.frame import Frame, ImageFile, _with_items
from pydcm_pixels._series.private import find_private
from pydcm_pixels._vendors.csa import read_csa
from pydcm_pixels._vendors.ge import read_protocol_block
from pydcm_pixels._vendors.protocol import Protocol, read_protocol

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

__all__ = ["Header", "header_of", "rounded"]

_SINGLE = struct.Struct("f")
_MAKERS = (
    ("SIEMENS", "Siemens"),
    ("GE", "GE"),
    ("PHILIPS", "Philips"),
    ("UIH", "UIH"),
    ("TOSHIBA", "Canon"),
    ("CANON", "Canon"),
    ("HYPERFINE", "Hyperfine"),
    ("MEDISO", "Mediso"),
    ("BRUKER", "Bruker"),
    ("HITACHI", "Hitachi"),
)


# the images of a series repeat the same block
@lru_cache(maxsize=4)
def _protocol_of(content: bytes) -> Protocol:
    return read_protocol(content)


@lru_cache(maxsize=4)
def _block_of(content: bytes) -> dict[str, str]:
    return read_protocol_block(content)


def rounded(value: float, digits: int = 6, *, single: bool = True) -> float | int:
    """Return a number with six significant digits, as dcm2niix prints it (after its rounding to single precision)."""
    if single:
        try:
            (value,) = _SINGLE.unpack(_SINGLE.pack(value))
        except OverflowError:
            pass
    text = f"{value:.{digits}g}"
    return float(text) if any(mark in text for mark in ".en") else int(text)


class Header:
    """Elements of one frame: its own, those shared between frames, and the file's.

    Attributes
    ----------
    frame : Frame
        The image.
    maker : str
        Short name of the manufacturer, ``""`` if it is not known.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.ds = frame.ds
        name = fields.text(frame.ds, 0x00080070).strip()
        upper = name.upper()
        self.manufacturer = name
        self.maker = next((short for mark, short in _MAKERS if upper.startswith(mark)), "")
        self._csa: dict[str, list[str]] | None = None
        self._protocol: Protocol | None = None
        self._block: dict[str, str] | None = None
        self._holders: list[Dataset] | None = None

    def text(self, tag: int) -> str:
        """Return an element's text, values joined by backslashes; ``""`` if it is not there."""
        holder = self.frame.find(tag)
        return fields.text(holder, tag).strip() if holder is not None else ""

    def name(self, tag: int) -> str:
        """Return a person's name."""
        holder = self.frame.find(tag)
        try:
            return str(holder[tag].value or "").strip() if holder is not None else ""
        except Exception:  # a broken element is one that is not there
            return ""

    def texts(self, tag: int) -> list[str]:
        """Return an element's values as text."""
        found = self.text(tag)
        return [part.strip() for part in found.split("\\")] if found else []

    def number(self, tag: int) -> float | None:
        """Return an element's first number."""
        holder = self.frame.find(tag)
        return fields.number(holder, tag) if holder is not None else None

    def integer(self, tag: int) -> int:
        """Return an element's first integer, 0 if it is not there."""
        holder = self.frame.find(tag)
        return (fields.integer(holder, tag) or 0) if holder is not None else 0

    def numbers(self, tag: int) -> list[float]:
        """Return an element's numbers."""
        holder = self.frame.find(tag)
        return list(fields.floats(holder, tag) or ()) if holder is not None else []

    def holders(self) -> list[Dataset]:
        """Return the data sets that may hold private elements: the frame's, the shared ones, the file's."""
        if self._holders is None:
            frame = self.frame
            found = [] if frame.groups is None else _with_items(frame.groups)
            if frame.groups is not None:
                found.extend(frame.image.shared_holders())
            self._holders = [*found, frame.ds]
        return self._holders

    def private(self, group: int, creator: str, element: int) -> Any:
        """Return the value of a private element, ``None`` if it is not there."""
        for holder in self.holders():
            tag = find_private(holder, group, creator, element)
            if tag is not None:
                try:
                    return holder[tag].value
                except Exception:  # a broken element is one that is not there
                    return None
        return None

    def private_numbers(self, group: int, creator: str, element: int) -> list[float]:
        """Return the numbers of a private element, also where it is of an unknown type."""
        value: Any = self.private(group, creator, element)
        if isinstance(value, bytes):
            value = value.decode("latin-1").strip("\0 ").split("\\")
        many: Any = (
            [value] if isinstance(value, str | int | float) or not hasattr(value, "__iter__") else value
        )
        result = []
        for one in many:
            try:
                result.append(float(one))
            except (TypeError, ValueError):
                break
        return result

    def private_number(self, group: int, creator: str, element: int) -> float | None:
        """Return the first number of a private element."""
        found = self.private_numbers(group, creator, element)
        return found[0] if found else None

    def private_text(self, group: int, creator: str, element: int) -> str:
        """Return the text of a private element, ``""`` if it is not there."""
        value = self.private(group, creator, element)
        if value is None:
            return ""
        if isinstance(value, bytes):
            return value.decode("latin-1").strip("\0 ")
        if not isinstance(value, str) and hasattr(value, "__iter__"):
            return "\\".join(map(str, value))
        return str(value).strip()

    @property
    def csa(self) -> dict[str, list[str]]:
        """Values of Siemens' CSA image header."""
        if self._csa is None:
            content = self.private(0x0029, "SIEMENS CSA HEADER", 0x10)
            self._csa = read_csa(content) if isinstance(content, bytes) else {}
        return self._csa

    @property
    def protocol(self) -> Protocol:
        """Siemens' protocol."""
        if self._protocol is None:
            content = self.private(0x0029, "SIEMENS CSA HEADER", 0x20)
            if not isinstance(content, bytes):
                content = self.private(0x0021, "SIEMENS MR SDS 01", 0x19)
            self._protocol = _protocol_of(content) if isinstance(content, bytes) else Protocol()
        return self._protocol

    @property
    def block(self) -> dict[str, str]:
        """GE's protocol data block."""
        if self._block is None:
            content = self.private(0x0025, "GEMS_SERS_01", 0x1B)
            self._block = _block_of(content) if isinstance(content, bytes) else {}
        return self._block


def header_of(ds: Dataset, path: str = "") -> Header:
    """Return the header of a data set's first frame."""
    image = ImageFile(path, ds)
    groups = fields.items(ds, 0x52009230)
    return Header(Frame(image, 0 if groups else None, groups[0] if groups else None))
