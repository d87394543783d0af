"""One 2-D image of a series: a file, a frame of a file, or a tile of a mosaic."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pydcm_pixels._series import fields

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

__all__ = ["NOWHERE", "NO_SPACING", "UNCOMPRESSED", "Frame", "ImageFile"]

#: What stands for the distance of rows and columns (mm) where a file has none.
NO_SPACING = (1.0, 1.0)
#: What stands for the position (mm) of the frames of a film whose file has none.
NOWHERE = (0.0, 0.0, 0.0)


#: Transfer syntaxes whose samples are in the file as they are in memory, on a little-endian machine.
UNCOMPRESSED = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"})
_DIFFUSION = 0x00189117
_WITHIN_DIFFUSION = (0x00189076, 0x00189601)
#: No codec makes an image smaller by more than this, not even one of a single colour.
_MOST_COMPRESSED = 100_000


class ImageFile:
    """What all frames of a file share: its header and how its samples are stored.

    Attributes
    ----------
    path : str
        The file.
    ds : Dataset
        Its header, without pixel data; read again if it was released.
    series : tuple or None
        What it shares with the other files of its series, if headers are not held.
    answers : dict or None
        What functions have found out that look at nothing but elements which several frames or files have in common.
    rows, columns, samples, n_frames : int
        Size of the image; `samples` are the values per pixel.
    bits_allocated, bits_stored, high_bit : int
        How a sample is stored (PS3.3 §C.7.6.3).
    signed : bool
        Whether samples are two's complement.
    is_float : bool
        Whether the file has *Float* or *Double Float Pixel Data*.
    is_plain : bool
        Whether pixels are grey values, or red, green and blue side by side.
    syntax : str
        Transfer Syntax UID.
    """

    __slots__ = (
        "_ds",
        "_shared",
        "answers",
        "bits_allocated",
        "bits_stored",
        "columns",
        "high_bit",
        "is_float",
        "is_plain",
        "n_frames",
        "path",
        "rows",
        "samples",
        "series",
        "signed",
        "syntax",
    )

    def __init__(self, path: str, ds: Dataset) -> None:
        self.path = path
        self._ds: Dataset | None = ds
        self.series: tuple[str, str] | None = None
        self._shared: list[Dataset] | None = None
        integer = fields.integer
        self.rows = integer(ds, 0x00280010) or 0
        self.columns = integer(ds, 0x00280011) or 0
        self.samples = integer(ds, 0x00280002) or 1
        self.n_frames = max(integer(ds, 0x00280008) or 1, 1)
        self.answers: dict[Any, Any] | None = {} if self.n_frames > 1 else None
        self.bits_allocated = integer(ds, 0x00280100) or 16
        self.bits_stored = integer(ds, 0x00280101) or self.bits_allocated
        high = None if self.bits_stored == self.bits_allocated else integer(ds, 0x00280102)
        self.high_bit = self.bits_stored - 1 if high is None else high
        representation = integer(ds, 0x00280103)
        self.signed = representation == 1
        # only Float and Double Float Pixel Data do without Pixel Representation (PS3.3 §C.7.6.24)
        self.is_float = representation is None and self.bits_allocated in (32, 64)
        self.is_plain = self.samples == 1 or (
            fields.text(ds, 0x00280004) == "RGB" and not integer(ds, 0x00280006)
        )
        meta = getattr(ds, "file_meta", None)
        self.syntax = (fields.text(meta, 0x00020010) if meta is not None else "") or _guessed(ds)

    def like(self, path: str, ds: Dataset) -> ImageFile:
        """Return another file with the same elements but for those of its place and time."""
        if self.answers is None:
            self.answers = {}
        image = ImageFile.__new__(ImageFile)
        image.path = path
        image._ds = ds
        image.series = None
        image._shared = None
        image.answers = self.answers
        image.rows = self.rows
        image.columns = self.columns
        image.samples = self.samples
        image.n_frames = self.n_frames
        image.bits_allocated = self.bits_allocated
        image.bits_stored = self.bits_stored
        image.high_bit = self.high_bit
        image.signed = self.signed
        image.is_float = self.is_float
        image.is_plain = self.is_plain
        image.syntax = self.syntax
        return image

    @property
    def ds(self) -> Dataset:
        """Header of the file; read again if it was released."""
        return self.recall() if self._ds is None else self._ds

    def recall(self) -> Dataset:
        """Return the header, read again if it was released."""
        if self._ds is None:
            from pydcm.filereader import dcmread

            self._ds = dcmread(self.path, stop_before_pixels=True, force=True)
        return self._ds

    def release(self) -> None:
        """Let go of the header, if `series` is known."""
        if self.series is not None:
            self._ds = self._shared = None

    @property
    def dtype(self) -> str:
        """The NumPy type of a stored value."""
        if self.is_float:
            return f"f{self.bits_allocated // 8}"
        size = 1 if self.bits_allocated <= 8 else 2 if self.bits_allocated <= 16 else 4
        return f"{'i' if self.signed else 'u'}{size}"

    @property
    def frame_bytes(self) -> int:
        """Length of an uncompressed frame."""
        return -(-self.rows * self.columns * self.samples * self.bits_allocated // 8)

    def shared_holders(self) -> list[Dataset]:
        """Return the item of the *Shared Functional Groups Sequence* and the items in it."""
        if self._shared is None:
            found = fields.items(self.ds, 0x52009229)
            self._shared = _with_items(found[0]) if found else []
        return self._shared

    def least_size(self, n_frames: int = 1) -> int:
        """Return how many bytes a file with so many frames has at least."""
        factor = 1 if self.syntax in UNCOMPRESSED else _MOST_COMPRESSED
        factor *= 1 if self.is_plain else 3  # colour differences may be stored for every second pixel only
        return max(-(-self.frame_bytes * n_frames // factor), 8 * n_frames if n_frames > 1 else 0)

    def check_size(self, n_frames: int, size: int | None = None) -> None:
        """Refuse a file that is too short for what its header promises, before memory is asked for.

        Parameters
        ----------
        n_frames : int
            How many frames are wanted of it.
        size : int, optional
            Its length in bytes, if that is known.

        Raises
        ------
        ValueError
            If it cannot hold them.
        """
        if size is None:
            size = os.path.getsize(self.path)
        if size < self.least_size(n_frames):
            raise ValueError(
                f"{self.path} has {size} bytes; {n_frames} frames of {self.rows} x {self.columns} pixels are more than it "
                "can hold: it is cut off, or its header is wrong"
            )

    def __repr__(self) -> str:
        return f"<ImageFile {self.path!r} {self.n_frames} x {self.rows} x {self.columns}>"


def _with_items(groups: Dataset) -> list[Dataset]:
    """Return an item of functional groups and the first item of each of its sequences."""
    found = [groups]
    for tag in groups.keys():  # noqa: SIM118
        items = fields.items(groups, tag)
        if items and hasattr(items[0], "get_item"):
            found.append(items[0])
            if tag == _DIFFUSION:  # direction and b-matrix are in sequences of its item
                for inner in _WITHIN_DIFFUSION:
                    found.extend(fields.items(items[0], inner)[:1])
    return found


def _guessed(ds: Dataset) -> str:
    """Return the transfer syntax of a file that does not say: the uncompressed one that its elements have."""
    implicit, little = ds.original_encoding
    if not little:
        return "1.2.840.10008.1.2.2"
    return "1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1"


class Frame:
    """One 2-D image.

    Attributes
    ----------
    path : str
        The file it is in.
    index : int or None
        The frame within the file, counted from 0; ``None`` in a single-frame file. Tiles of a mosaic share it.
    tile : tuple of int or None
        ``(row, column)`` of the first pixel of a mosaic's tile within the file's frame.
    position : tuple of float or None
        Centre of the first pixel, LPS, mm.
    orientation : tuple of float or None
        Direction of the rows (three numbers) and of the columns (three), LPS.
    spacing : tuple of float
        Distance between rows and between columns, mm; ``(1, 1)`` if the file has none.
    slope, intercept : float
        From stored to real-world values.
    table : bool
        Whether a table leads there instead (*Modality LUT Sequence*, PS3.3 §C.11.1).
    groups : Dataset or None
        The frame's own item of the *Per-Frame Functional Groups Sequence*.
    order : tuple
        Sorts the frames of a series in the order of acquisition.
    """

    __slots__ = (
        "_holders",
        "columns",
        "groups",
        "image",
        "index",
        "intercept",
        "order",
        "orientation",
        "position",
        "rows",
        "slope",
        "spacing",
        "table",
        "tile",
    )

    def __init__(self, image: ImageFile, index: int | None = None, groups: Dataset | None = None) -> None:
        self.image = image
        self.index = index
        self.groups = groups
        self.tile: tuple[int, int] | None = None
        self.rows = image.rows
        self.columns = image.columns
        self.position: tuple[float, ...] | None = None
        self.orientation: tuple[float, ...] | None = None
        self.spacing: tuple[float, float] = NO_SPACING
        self.slope = 1.0
        self.intercept = 0.0
        self.table = False
        self.order: tuple[Any, ...] = ()
        self._holders: list[Dataset] | None = None

    @property
    def path(self) -> str:
        """The file."""
        return self.image.path

    @property
    def ds(self) -> Dataset:
        """Header of the file, shared by its frames."""
        return self.image.ds

    def find(self, tag: int) -> Dataset | None:
        """Return the data set that has an element: of this frame, of all frames, or the file's own; ``None`` if none."""
        if self._holders is None:
            self._holders = [] if self.groups is None else _with_items(self.groups)
        for holder in self._holders:
            if tag in holder:
                return holder
        if self.groups is not None:
            for holder in self.image.shared_holders():
                if tag in holder:
                    return holder
        ds = self.image.ds
        return ds if tag in ds else None

    def holders(self) -> list[Dataset]:
        """Return all data sets that may have an element, in the order of :meth:`find`."""
        if self.groups is None:
            return [self.image.ds]
        return [*_with_items(self.groups), *self.image.shared_holders(), self.image.ds]

    def get(self, keyword: str | int, default: Any = None) -> Any:
        """Return an element's value: of the frame, else shared by all frames, else the file's.

        Parameters
        ----------
        keyword : str or int
            Keyword or tag.
        default : object, optional
            What to return if no data set has it, or it is empty or broken.
        """
        from pydcm.datadict import tag_for_keyword

        tag = tag_for_keyword(keyword) if isinstance(keyword, str) else keyword
        if tag is None or (holder := self.find(int(tag))) is None:
            return default
        try:
            value = holder[tag].value
        except Exception:  # a broken element is one that is not there
            return default
        return default if value is None or value == "" else value

    def __repr__(self) -> str:
        where = "" if self.index is None else f" frame {self.index}"
        where += "" if self.tile is None else f" tile {self.tile}"
        return f"<Frame {self.path!r}{where} at {self.position}>"
