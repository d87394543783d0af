"""Going through the elements of a data set and of the data sets inside it."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, cast

from pydcm.tag import Tag, tag_in_exception

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydcm._core._dataset import DatasetCore as _Base
    from pydcm.dataelem import DataElement, RawDataElement
    from pydcm.dataset import Dataset
    from pydcm.tag import BaseTag, TagType
else:
    _Base = object


class Traversal(_Base):
    """Slices, groups, and walks through nested data sets."""

    def _slice_dataset(self, start: TagType | None, stop: TagType | None, step: int | None) -> list[BaseTag]:
        """Return the tags `start` <= tag < `stop` in order, every `step`-th of them."""
        # Both ends are converted before anything else, so that a bad one is refused by an empty data set as well.
        low = None if start is None else Tag(start)
        high = None if stop is None else Tag(stop)
        tags = sorted(self.keys())
        if low is not None or high is not None:
            from bisect import bisect_left

            first = 0 if low is None else bisect_left(tags, low)
            tags = tags[first:] if high is None else tags[first : bisect_left(tags, high)]
        return tags if step in (None, 1) else tags[::step]

    def _dataset_slice(self, slce: slice) -> Dataset:
        """Return a data set of the elements in `slce`, unread ones left unread, encoded as this one is."""
        from pydcm.dataset import Dataset

        tags = self._slice_dataset(slce.start, slce.stop, slce.step)
        part = Dataset({tag: self.get_item(tag) for tag in tags})
        part._inherit_encoding(cast("Dataset", self))
        return part

    def group_dataset(self, group: int) -> Dataset:
        """Return a data set of the elements of one group.

        Parameters
        ----------
        group : int
            The group number.

        Returns
        -------
        Dataset
            The group's elements; they are shared with this data set, not copied.
        """
        return self[(group, 0x0000) : (group + 1, 0x0000)]

    def elements(self) -> Iterator[DataElement | RawDataElement]:
        """Yield the elements of this level in order of tag, unread ones as they are.

        Yields
        ------
        DataElement or RawDataElement
            What :meth:`get_item` gives for each tag.
        """
        for tag in sorted(self.keys()):
            yield self.get_item(tag)

    def iterall(self) -> Iterator[DataElement]:
        """Yield the elements of all levels, each sequence before the elements of its items.

        Yields
        ------
        DataElement
            The elements in order of tag within each level.
        """
        # A stack instead of nested generators: one step costs the same at any depth.
        stack: list[Iterator[DataElement]] = [iter(self)]
        while stack:
            for elem in stack[-1]:
                yield elem
                if elem.VR == "SQ":
                    stack.append(chain.from_iterable(elem.value))
                    break
            else:
                stack.pop()

    def walk(self, callback: Callable[[Dataset, DataElement], None], recursive: bool = True) -> None:
        """Call `callback` for each element in order of tag, each sequence before the elements of its items.

        Parameters
        ----------
        callback : callable
            Called as ``callback(dataset, element)`` with the data set the element is in. It may change or delete the element.
        recursive : bool, optional
            Enter sequences (the default).

        Raises
        ------
        Exception
            Whatever `callback` or the conversion of a value raises, with the tags that lead to the element in its message.
        """
        for tag in sorted(self.keys()):
            try:
                elem = self[tag]
                callback(self, elem)  # type: ignore[arg-type]
                # The callback may have deleted the element.
                if recursive and elem.VR == "SQ" and tag in self:
                    for item in elem.value:
                        item.walk(callback)
            except Exception:
                with tag_in_exception(tag):
                    raise

    def decode(self) -> None:
        """Decode the text of all elements that still hold bytes with the Specific Character Set (PS3.5 §6.1.1)."""
        from pydcm.charset import decode_element

        character_set = self._character_set

        def decode_one(dataset: Dataset, elem: DataElement) -> None:
            if elem.VR == "SQ":
                for item in elem.value:
                    item._parent_encoding = character_set
                    item.decode()
            else:
                decode_element(elem, character_set)

        self.walk(decode_one, recursive=False)
