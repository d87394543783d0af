"""DICOM tags: the (group, element) number that identifies a data element (PS3.5 §7.1).

A tag is one 32-bit integer, the group in the high and the element in the low 16 bits, so it
sorts, hashes and compares as the integer it is. It is not a tuple: code that tells single from
multiple values by looking for sequences must see one value.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, TypeAlias

# Tags made once are handed out again. The bound keeps a hostile file full of made-up tags from
# growing the table for ever; the whole standard with its repeating groups needs a tenth of it.
_MAX_INTERNED = 1 << 16
_interned: dict[int, BaseTag] = {}


class BaseTag(int):
    """A (group, element) tag as an :class:`int`.

    Comparisons accept whatever :func:`Tag` accepts, so ``tag == (0x0010, 0x0010)`` and
    ``tag == "PatientName"`` do what they say.
    """

    __slots__ = ()

    def __lt__(self, other: Any) -> bool:
        return int.__lt__(self, other if isinstance(other, int) else _comparable(other))

    def __le__(self, other: Any) -> bool:
        return int.__le__(self, other if isinstance(other, int) else _comparable(other))

    def __gt__(self, other: Any) -> bool:
        return int.__gt__(self, other if isinstance(other, int) else _comparable(other))

    def __ge__(self, other: Any) -> bool:
        return int.__ge__(self, other if isinstance(other, int) else _comparable(other))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int):
            return int.__eq__(self, other)
        try:
            return int.__eq__(self, Tag(other))  # type: ignore[arg-type]
        except Exception:
            return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__

    def __copy__(self) -> BaseTag:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> BaseTag:
        return self

    def __str__(self) -> str:
        return f"({self >> 16:04X},{self & 0xFFFF:04X})"

    __repr__ = __str__

    @property
    def json_key(self) -> str:
        """The tag as the DICOM JSON model writes it, ``GGGGEEEE`` (PS3.18 §F.2.2)."""
        return f"{self:08X}"

    @property
    def group(self) -> int:
        """The group number."""
        return self >> 16

    @property
    def element(self) -> int:
        """The element number within the group."""
        return self & 0xFFFF

    elem = element

    @property
    def is_private(self) -> bool:
        """Whether the group is odd: the tag belongs to a private block (PS3.5 §7.8)."""
        return bool(self & 0x10000)

    @property
    def is_private_creator(self) -> bool:
        """Whether the tag reserves a private block: (gggg,0010-00FF) with an odd group."""
        return bool(self & 0x10000) and 0x0010 <= self & 0xFFFF < 0x0100

    @property
    def private_creator(self) -> BaseTag:
        """The tag of the private creator of this element; of no meaning for standard tags."""
        return BaseTag(self & 0xFFFF0000 | (self & 0xFFFF) >> 8)


def _comparable(other: Any) -> BaseTag:
    try:
        return Tag(other)
    except Exception:
        raise TypeError("Cannot compare Tag with non-Tag item") from None


def intern_tag(value: int) -> BaseTag:
    """Return the one shared :class:`BaseTag` of `value`.

    Parameters
    ----------
    value : int
        A tag known to be within 32 bits; nothing is checked.
    """
    tag = _interned.get(value)
    if tag is None:
        tag = BaseTag(value)
        if len(_interned) < _MAX_INTERNED:
            _interned[int(tag)] = tag
    return tag


# Not text: programs write `TagType | None` in signatures that are evaluated
TagType: TypeAlias = int | str | tuple[int, int] | BaseTag
TagListType: TypeAlias = list[int] | list[str] | list[tuple[int, int]] | list[BaseTag]


def Tag(arg: TagType, arg2: int | None = None) -> BaseTag:
    """Make a tag from any of the forms in which people write one.

    Parameters
    ----------
    arg : int or str or pair of int or pair of str
        The whole tag as a number; a hexadecimal string or an element's keyword; the group and
        element as a pair of numbers or hexadecimal strings; or the group alone when `arg2`
        gives the element.
    arg2 : int or str, optional
        The element number, of the same type as `arg`.

    Returns
    -------
    BaseTag

    Raises
    ------
    OverflowError
        If a part is too large: 16 bits for group and element, 32 bits for the whole.
    TypeError
        If the parts are not both int or both str.
    ValueError
        If the tag is negative, a sequence of another length than two, or a string that is
        neither hexadecimal nor a keyword of the data dictionary.
    """
    if isinstance(arg, BaseTag):
        return arg
    if arg2 is not None:
        return intern_tag(_from_pair((arg, arg2)))
    if isinstance(arg, (tuple, list)):
        return intern_tag(_from_pair(arg))
    value = _from_str(arg) if isinstance(arg, str) else arg
    if value > 0xFFFFFFFF:
        raise OverflowError(
            f"Unable to create an element tag from '{value}': the combined group and element "
            "values are limited to a maximum of 4-bytes"
        )
    return intern_tag(_not_negative(value))


def _not_negative(value: int) -> int:
    if value < 0:
        raise ValueError(f"Unable to create an element tag from '{value}': tags must be positive")
    return value


def _from_pair(pair: Any) -> int:
    if len(pair) != 2:
        raise ValueError("Tag must be an int or a 2-tuple")
    group, element = pair
    if isinstance(group, str) and isinstance(element, str):
        group, element = int(group, 16), int(element, 16)
    elif not (isinstance(group, int) and isinstance(element, int)):
        raise TypeError(
            f"Unable to create an element tag from '{pair}': both arguments must be the same "
            "type and str or int"
        )
    if group > 0xFFFF or element > 0xFFFF:
        raise OverflowError(
            f"Unable to create an element tag from '{(group, element)}': the group and element "
            "values are limited to a maximum of 2-bytes each"
        )
    return _not_negative(group << 16 | element)


def _from_str(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        from .datadict import tag_for_keyword

        tag = tag_for_keyword(text)
        if tag is None:
            raise ValueError(
                f"Unable to create an element tag from '{text}': unknown DICOM element keyword "
                "or an invalid int"
            ) from None
        return tag


def TupleTag(group_elem: tuple[int, int]) -> BaseTag:
    """Make a tag from a (group, element) pair known to be valid; nothing is checked."""
    return BaseTag(group_elem[0] << 16 | group_elem[1])


class tag_in_exception:
    """Context manager that names `tag` in any exception raised within it.

    The exception is raised anew, of the same type, with the tag and the traceback so far in its
    message and the original as its cause; within nested sequences the traceback is that of the innermost one. A type that cannot be made from a message alone is
    let through with the tag added as a note.

    Parameters
    ----------
    tag : BaseTag
        The tag of the element being worked on.
    """

    __slots__ = ("tag",)

    def __init__(self, tag: BaseTag) -> None:
        self.tag = tag

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if exc is None or not isinstance(exc, Exception):
            return
        from traceback import format_exception

        message = f"With tag {self.tag} got exception: {exc}"
        if not str(exc).startswith(
            "With tag "
        ):  # else it has the traceback: with another at each level it would double
            message += f"\n{''.join(format_exception(exc))}"
        try:
            named = type(exc)(message)
        except Exception:
            exc.add_note(f"With tag {self.tag}")
            return
        raise named from exc


# Sequence delimitation (PS3.5 §7.5)
ItemTag = BaseTag(0xFFFEE000)
ItemDelimiterTag = BaseTag(0xFFFEE00D)
SequenceDelimiterTag = BaseTag(0xFFFEE0DD)

TAG_PIXREP = BaseTag(0x00280103)
TAG_CHARSET = BaseTag(0x00080005)

# The first and third value of a LUT descriptor are US whatever the VR says
# (PS3.3 §C.7.6.3.1.5, §C.11.1, §C.11.2): the three palettes' and the LUT descriptor.
_LUT_DESCRIPTOR_TAGS = (0x00281101, 0x00281102, 0x00281103, 0x00283002)
