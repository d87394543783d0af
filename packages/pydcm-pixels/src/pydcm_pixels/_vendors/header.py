"""One image's header as plain values, whichever of the makers' places they are in."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydcm_pixels._core._fields import HeaderCore, rounded
from pydcm_pixels._series import fields
from pydcm_pixels._series.frame import Frame, ImageFile
from pydcm_pixels._series.private import find_private
from pydcm_pixels._vendors.ge_protocol import read_protocol_block
from pydcm_pixels._vendors.protocol import Protocol, read_protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydcm.dataset import Dataset

__all__ = ["Header", "header_of", "is_planar", "modality", "once", "rounded"]

T = TypeVar("T")

_MAKERS = (
    ("SIEMENS", "Siemens"),
    ("GE", "GE"),
    ("PHILIPS", "Philips"),
    ("UIH", "UIH"),
    ("TOSHIBA", "Toshiba"),
    ("CANON", "Canon"),
    ("HYPERFINE", "Hyperfine"),
    ("MEDISO", "Mediso"),
    ("BRUKER", "Bruker"),
    ("HITACHI", "Hitachi"),
    ("MR SOLUTIONS", "MRSolutions"),
    ("LEICA", "Leica"),
    ("CPS", "Siemens"),
)


#: Private creators by which the maker is known if *Manufacturer* was removed.
_CREATORS = (
    (0x0019, "SIEMENS MR", "Siemens"),
    (0x0021, "SIEMENS MR", "Siemens"),
    (0x0029, "SIEMENS CSA", "Siemens"),
    (0x0019, "GEMS_ACQU", "GE"),
    (0x0043, "GEMS_PARM", "GE"),
    (0x2001, "Philips Imaging", "Philips"),
    (0x2005, "Philips MR", "Philips"),
    (0x0065, "Image Private Header", "UIH"),
)
#: Where they are reserved, with the elements that name them.
_RESERVED = [
    (group << 16 | block, creator, maker)
    for group, creator, maker in _CREATORS
    for block in range(0x10, 0x14)
]

#: Private sequences of single-frame files.
_WITH_ITEMS = {
    "Philips": ((0x2005, "Philips MR Imaging DD 005", 0x0F), (0x2001, "Philips Imaging DD 001", 0x5F)),
    "Siemens": ((0x0021, "SIEMENS MR SDS 01", 0xFE), (0x0021, "SIEMENS MR SDI 02", 0xFE)),
}
_REAL_WORLD = 0x00409096


class _Recent(Generic[T]):
    """What was read from the last few blocks: the images of a series repeat the same one.

    Comparing costs less than the hash value that a dictionary needs.
    """

    def __init__(self, read: Callable[[bytes], T]) -> None:
        self._read = read
        self._known: list[tuple[bytes, T]] = []

    def __call__(self, content: bytes) -> T:
        for known, found in self._known:
            if known == content:
                return found
        found = self._read(content)
        self._known = [
            (content, found),
            *self._known[:3],
        ]  # replaced at once: threads see one list or the other
        return found


def once(function: Callable[[Header], T]) -> Callable[[Header], T]:
    """Return a function of a header that is worked out once for each."""

    @wraps(function)
    def kept(header: Header) -> T:
        try:
            found: T = header.kept[function]
        except KeyError:
            found = header.kept[function] = function(header)
        return found

    return kept


_protocol_of = _Recent(read_protocol)
_block_of = _Recent(read_protocol_block)


class Header(HeaderCore):
    """Elements of one frame: its own, those shared between frames, and the file's.

    Attributes
    ----------
    frame : Frame
        The image.
    maker : str
        Short name of the manufacturer, ``""`` if it is not known; by the private elements if it is not stated.
    manufacturer : str
        The same, or what is stated.
    kept : dict
        What functions decorated with :func:`once` returned for it.
    """

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        name = self.own_text(0x00080070)
        upper = name.upper()
        self.maker = next((short for mark, short in _MAKERS if upper.startswith(mark)), "")
        self.manufacturer = self.maker or name
        if not self.maker and modality(self) == "MR":
            self.maker = self._maker_by_creators()
            self.manufacturer = name or self.maker
        if frame.groups is None and self.maker in _WITH_ITEMS:
            self.add_items(self._own_items())
        self._protocol: Protocol | None = None
        self._block: dict[str, str] | None = None
        self.kept: dict[Callable[[Header], Any], Any] = {}

    def _maker_by_creators(self) -> str:
        """Return the maker of whom private elements are there, ``""`` if there are none."""
        ds = self.ds
        for tag, creator, maker in _RESERVED:
            if tag in ds and self.own_text(tag).startswith(creator):
                return maker
        return ""

    def _own_items(self) -> Iterator[Dataset]:
        """Yield items of a single-frame file that the maker fills with what multi-frame files have for each frame."""
        for group, creator, element in _WITH_ITEMS[self.maker]:
            tag = find_private(self.ds, group, creator, element)
            if tag is not None:
                yield from fields.items(self.ds, tag)[:1]
        yield from fields.items(self.ds, _REAL_WORLD)[:1]

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


def modality(header: Header) -> str:
    """Return *Modality*, also of MR images without it: see :func:`pydcm_pixels._series.fields.modality`."""
    return fields.modality_of(header.text(0x00080060), lambda: header.text(0x00080016))


def is_planar(header: Header) -> bool:
    """Whether all lines of an image follow one excitation: echo-planar imaging."""
    return "EP" in header.text(0x00180020) or header.text(0x00189018).upper().startswith("Y")
