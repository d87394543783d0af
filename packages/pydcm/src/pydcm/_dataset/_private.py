"""Private elements: the blocks that private creators reserve (PS3.5 §7.8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm.tag import BaseTag, Tag

if TYPE_CHECKING:
    from pydcm._core._dataset import DatasetCore as _Base
    from pydcm.dataelem import DataElement
    from pydcm.dataset import Dataset
else:
    _Base = object

_FIRST_BLOCK = 0x10
_LAST_BLOCK = 0xFF


class PrivateBlock:
    """The 256 element numbers that one private creator has reserved in one group of a data set.

    Element offsets (0x00 to 0xFF) are relative to the block, so code that uses a block does not depend on where in the group
    the creator happens to sit (PS3.5 §7.8.1).

    Parameters
    ----------
    key : tuple of (int, str)
        The odd group number and the private creator.
    dataset : Dataset
        The data set the block lies in.
    private_creator_element : int
        The element number of the private creator's own element, 0x10 to 0xFF.

    Attributes
    ----------
    group : int
        The group number.
    private_creator : str
        The private creator.
    dataset : Dataset
        The data set the block lies in.
    block_start : int
        The first element number of the block, a multiple of 0x100.
    """

    def __init__(self, key: tuple[int, str], dataset: Dataset, private_creator_element: int) -> None:
        self.group, self.private_creator = key
        self.dataset = dataset
        self.block_start = private_creator_element << 8

    def get_tag(self, element_offset: int) -> BaseTag:
        """Return the full tag of the element at `element_offset` in this block.

        Parameters
        ----------
        element_offset : int
            0x00 to 0xFF.

        Returns
        -------
        BaseTag
            The tag; the element need not exist.

        Raises
        ------
        ValueError
            If `element_offset` is larger than 0xFF.
        """
        if element_offset > 0xFF:
            raise ValueError("Element offset must be less than 256")
        return Tag(self.group, self.block_start + element_offset)

    def __contains__(self, element_offset: int) -> bool:
        return self.get_tag(element_offset) in self.dataset

    def __getitem__(self, element_offset: int) -> DataElement:
        return self.dataset[self.get_tag(element_offset)]

    def __delitem__(self, element_offset: int) -> None:
        del self.dataset[self.get_tag(element_offset)]

    def add_new(self, element_offset: int, VR: str, value: object) -> None:
        """Put an element into the block, in place of the one there if there is one.

        Parameters
        ----------
        element_offset : int
            0x00 to 0xFF.
        VR : str
            The value representation.
        value : object
            The value, as for :meth:`Dataset.add_new`.

        Raises
        ------
        ValueError
            If `element_offset` is larger than 0xFF.
        """
        tag = self.get_tag(element_offset)
        self.dataset.add_new(tag, VR, value)
        self.dataset[tag].private_creator = self.private_creator

    def __deepcopy__(self, memo: dict[int, Any]) -> PrivateBlock:
        # A block is a view on a data set: its copy looks at the same one.
        creator_element = self.block_start >> 8
        copied = type(self)((self.group, self.private_creator), self.dataset, creator_element)
        memo[id(self)] = copied
        return copied


class PrivateElements(_Base):
    """What a data set offers for its private elements."""

    def _creator_elements(self, group: int) -> list[DataElement]:
        """Return the elements of `group` in which private creators may stand, in order."""
        tags = self._slice_dataset((group, _FIRST_BLOCK), (group, _LAST_BLOCK + 1), None)
        return [self[tag] for tag in tags]

    def private_block(self, group: int, private_creator: str, create: bool = False) -> PrivateBlock:
        """Return the block that `private_creator` has reserved in `group`.

        Parameters
        ----------
        group : int
            An odd group number.
        private_creator : str
            The private creator.
        create : bool, optional
            Reserve the first free block if the creator has none yet. Without it (the default) that is an error.

        Returns
        -------
        PrivateBlock
            The block.

        Raises
        ------
        ValueError
            If `group` is even, `private_creator` is empty, or all 240 blocks of the group are taken.
        KeyError
            If the creator has no block in the group and `create` is false.
        """
        key = (group, private_creator)
        # Forgotten by the core when a private creator is deleted.
        if self._private_blocks is not None and key in self._private_blocks:
            return self._private_blocks[key]
        if not private_creator:
            raise ValueError("Private creator must have a value")
        if group % 2 == 0:
            raise ValueError("Tag must be private if private creator is given")

        for elem in self._creator_elements(group):
            if elem.value == private_creator:
                return self._remember_block(key, elem.tag.element)
        if not create:
            raise KeyError(f"Private creator '{private_creator}' not found")

        for element in range(_FIRST_BLOCK, _LAST_BLOCK + 1):
            tag = Tag(group, element)
            if tag not in self:
                self.add_new(tag, "LO", private_creator)
                return self._remember_block(key, element)
        raise ValueError(
            f"Group 0x{group:04X} has no free block left for the private creator '{private_creator}'"
        )

    def _remember_block(self, key: tuple[int, str], element: int) -> PrivateBlock:
        block = PrivateBlock(key, self, element)  # type: ignore[arg-type]
        if self._private_blocks is None:
            self._private_blocks = {}
        self._private_blocks[key] = block
        return block

    def private_creators(self, group: int) -> list[str]:
        """Return the private creators of `group`, in the order of their blocks.

        Parameters
        ----------
        group : int
            An odd group number.

        Returns
        -------
        list of str
            The creators; empty if the group has none.

        Raises
        ------
        ValueError
            If `group` is even.
        """
        if group % 2 == 0:
            raise ValueError("Group must be an odd number")
        return [elem.value for elem in self._creator_elements(group)]

    def get_private_item(self, group: int, element_offset: int, private_creator: str) -> DataElement:
        """Return the element at `element_offset` of the block of `private_creator` in `group`.

        Parameters
        ----------
        group : int
            An odd group number.
        element_offset : int
            0x00 to 0xFF.
        private_creator : str
            The private creator.

        Returns
        -------
        DataElement
            The element.

        Raises
        ------
        ValueError
            If `group` is even, `private_creator` is empty or `element_offset` is larger than 0xFF.
        KeyError
            If there is no such block, or no such element in it.
        """
        return self.private_block(group, private_creator)[element_offset]

    def add_new_private(
        self, private_creator: str, group: int, element_offset: int, value: Any, vr: str | None = None
    ) -> None:
        """Put a private element into the block of `private_creator`, which is reserved if it has none yet.

        Parameters
        ----------
        private_creator : str
            The private creator.
        group : int
            An odd group number.
        element_offset : int
            0x00 to 0xFF.
        value : object
            The value, as for :meth:`Dataset.add_new`.
        vr : str, optional
            The value representation. Without it the private dictionary is asked.

        Raises
        ------
        ValueError
            If `group` is even, `private_creator` is empty or `element_offset` is larger than 0xFF.
        KeyError
            If no `vr` is given and the private dictionary does not know the element.
        """
        block = self.private_block(group, private_creator, create=True)
        if vr is None:
            from pydcm.datadict import get_private_entry

            vr = get_private_entry((group, element_offset), private_creator)[0]
        block.add_new(element_offset, vr, value)

    def remove_private_tags(self) -> None:
        """Delete every private element, in the items of sequences as well."""

        def remove(dataset: Dataset, elem: DataElement) -> None:
            if elem.tag.is_private:
                del dataset[elem.tag]

        self.walk(remove)
