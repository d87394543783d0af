"""Where elements are in the file they were read from, and numbers without a Python object for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    import numpy as np

    from pydcm._core._dataset import DatasetCore as _Base
    from pydcm.dataset import Dataset
    from pydcm.tag import BaseTag, TagType
else:
    _Base = object

_UNDEFINED = 0xFFFFFFFF


class ElementLocation(NamedTuple):
    """Where an element is in its file. Offsets are in bytes from the start of the file.

    In a deflated file (PS3.5 §A.5) they are from the start of the inflated data set.
    """

    tag: BaseTag
    """The element's tag."""
    VR: str | None
    """The VR that is stored or that the reader inferred; ``None`` where it is implicit and not looked up yet."""
    offset: int
    """Where the element starts: its tag."""
    value_offset: int
    """Where its value starts."""
    length: int | None
    """How many bytes the value has; ``None`` if the length is undefined and a delimiter ends it."""


class Location(_Base):
    """Looking at elements without reading them."""

    def element_location(self, key: TagType) -> ElementLocation | None:
        """Return where an element is in the file, without reading its value, be it deferred or not.

        Parameters
        ----------
        key : int, str, (int, int) or BaseTag
            The element's tag or keyword.

        Returns
        -------
        ElementLocation or None
            Its place; ``None`` if the element was set and not read.

        Raises
        ------
        KeyError
            If the data set has no such element.

        Examples
        --------
        >>> from pydcm import dcmread, examples
        >>> ds = dcmread(examples.get_path("ct"), defer_size=1024)
        >>> place = ds.element_location("PixelData")
        >>> with open(ds.filename, "rb") as file:
        ...     _ = file.seek(place.value_offset)
        ...     frame = file.read(place.length)
        """
        if key not in self:
            raise KeyError(key)
        row = self._row_location(key)
        if row is None:
            return None
        tag, vr, value_offset, length, header = row[:5]
        return ElementLocation(
            tag, vr, value_offset - header, value_offset, None if length == _UNDEFINED else length
        )

    def to_numpy(self, key: TagType) -> np.ndarray:
        """Return the numbers of an element as an array, read straight from the file's bytes where nothing changed them.

        Parameters
        ----------
        key : int, str, (int, int) or BaseTag
            The element's tag or keyword.

        Returns
        -------
        numpy.ndarray
            Shape ``(VM,)``; float64 for **DS**, int64 for **IS**, otherwise the VR's own type in native byte order.

        Raises
        ------
        KeyError
            If the data set has no such element.
        TypeError
            If its VR does not hold numbers.
        ImportError
            If NumPy is not installed.
        """
        from pydcm._io.arrays import dataset_to_numpy

        return dataset_to_numpy(cast("Dataset", self), key)
