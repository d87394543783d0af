"""The data dictionary: what the standard says about each tag (PS3.6, PS3.7 annex E).

``DicomDictionary``, ``RepeatersDictionary``, ``keyword_dict`` and ``private_dictionaries`` are
ordinary dictionaries, made when first used. What is put into them, best with the ``add_*``
functions, holds for everything read, written or looked up afterwards in the same process.
"""

from __future__ import annotations

from . import _dictionaries
from .tag import BaseTag, Tag

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from ._dictionaries import Entry, PrivateEntry
    from .tag import TagType

DicomDictionary: dict[int, Entry]
RepeatersDictionary: dict[str, Entry]
keyword_dict: dict[str, int]
private_dictionaries: dict[str, dict[str, PrivateEntry]]
masks: dict[str, tuple[int, int]]
REPEATER_KEYWORDS: list[str]

_LAZY = {
    "DicomDictionary": _dictionaries.elements,
    "RepeatersDictionary": _dictionaries.repeaters,
    "keyword_dict": _dictionaries.keywords,
    "private_dictionaries": _dictionaries.private,
    "masks": _dictionaries.masks,
    "REPEATER_KEYWORDS": lambda: [entry[4] for entry in _dictionaries.repeaters().values()],
}


def __getattr__(name: str) -> Any:
    try:
        make = _LAZY[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    value = globals()[name] = make()
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})


def mask_match(tag: int) -> str | None:
    """Return the masked tag of the repeating group that `tag` belongs to.

    Returns
    -------
    str or None
        For example ``"60xx3000"`` for (6002,3000); None if no repeating group has the tag.
    """
    return _dictionaries.match_repeater(tag)


def add_dict_entry(
    tag: int, VR: str, keyword: str, description: str, VM: str = "1", is_retired: str = ""
) -> None:
    """Add a standard element to the data dictionary of this process, or replace it there.

    Parameters
    ----------
    tag : int
        The element's tag; its group must be even.
    VR, VM : str
        Value representation and multiplicity.
    keyword : str
        The name by which ``ds.<keyword>`` finds the element.
    description : str
        The name that is printed.
    is_retired : str, optional
        ``"Retired"`` for a retired element.

    Raises
    ------
    ValueError
        If the tag is private.
    """
    add_dict_entries({tag: (VR, VM, description, is_retired, keyword)})


def add_dict_entries(new_entries_dict: dict[int, Entry]) -> None:
    """Add several elements to the data dictionary of this process.

    Parameters
    ----------
    new_entries_dict : dict
        ``{tag: (VR, VM, description, is_retired, keyword)}``, as for :func:`add_dict_entry`.

    Raises
    ------
    ValueError
        If a tag is private; nothing is added then.
    """
    if any(BaseTag(tag).is_private for tag in new_entries_dict):
        raise ValueError(
            'Private tags cannot be added using "add_dict_entries" - use "add_private_dict_entries" instead'
        )
    _dictionaries.elements().update(new_entries_dict)
    _dictionaries.keywords().update({entry[4]: tag for tag, entry in new_entries_dict.items()})


def add_private_dict_entry(private_creator: str, tag: int, VR: str, description: str, VM: str = "1") -> None:
    """Add a private element to the private dictionary of this process, or replace it there.

    Parameters
    ----------
    private_creator : str
        The creator that owns the element.
    tag : int
        The tag; its group must be odd. The block number, the high byte of the element, is
        ignored, since a creator's block may lie anywhere (PS3.5 §7.8.1).
    VR, VM : str
        Value representation and multiplicity.
    description : str
        The name that is printed.

    Raises
    ------
    ValueError
        If the tag is not private.
    """
    add_private_dict_entries(private_creator, {tag: (VR, VM, description, "")})


def add_private_dict_entries(private_creator: str, new_entries_dict: dict[int, PrivateEntry]) -> None:
    """Add several private elements of one creator to the private dictionary of this process.

    Parameters
    ----------
    private_creator : str
        The creator that owns the elements.
    new_entries_dict : dict
        ``{tag: (VR, VM, description, is_retired)}``, as for :func:`add_private_dict_entry`.

    Raises
    ------
    ValueError
        If a tag is not private; nothing is added then.
    """
    if not all(BaseTag(tag).is_private for tag in new_entries_dict):
        raise ValueError(
            "Non-private tags cannot be added using 'add_private_dict_entries()' - use "
            "'add_dict_entries()' instead"
        )
    _dictionaries.add_private(
        private_creator,
        {f"{tag >> 16:04X}xx{tag & 0xFF:02X}": entry for tag, entry in new_entries_dict.items()},
    )


def _entry(tag: int) -> Entry | None:
    entry = _dictionaries.elements().get(tag)
    if entry is None and not tag & 0x10000:
        masked = _dictionaries.match_repeater(tag)
        if masked is not None:
            entry = _dictionaries.repeaters().get(masked)
    return entry


def get_entry(tag: TagType) -> Entry:
    """Return what the data dictionary says about `tag`, repeating groups included.

    Parameters
    ----------
    tag : int or str or pair
        The tag in any form that :func:`~pydcm.tag.Tag` takes.

    Returns
    -------
    tuple of str
        VR, VM, name, ``"Retired"`` or an empty string, keyword.

    Raises
    ------
    KeyError
        If the tag is private or not in the dictionary.
    """
    # An exact int as the key spares the dictionary BaseTag's own comparison.
    number = int(tag if isinstance(tag, BaseTag) else Tag(tag))
    entry = _entry(number)
    if entry is None:
        raise KeyError(f"Tag {BaseTag(number)} not found in DICOM dictionary")
    return entry


def dictionary_is_retired(tag: TagType) -> bool:
    """Return whether the standard has retired the element.

    Raises
    ------
    KeyError
        If the tag is not in the data dictionary.
    """
    return "retired" in get_entry(tag)[3].lower()


def dictionary_VR(tag: TagType) -> str:
    """Return the element's value representation, such as ``"PN"`` or ``"US or SS"``.

    Raises
    ------
    KeyError
        If the tag is not in the data dictionary.
    """
    return get_entry(tag)[0]


def _dictionary_vr_fast(tag: int) -> str:
    entry = _entry(int(tag))
    if entry is None:
        raise KeyError(f"Tag {Tag(tag)} not found in DICOM dictionary")
    return entry[0]


def dictionary_VM(tag: TagType) -> str:
    """Return the element's value multiplicity, such as ``"1"``, ``"2-n"`` or ``"3-3n"``.

    Raises
    ------
    KeyError
        If the tag is not in the data dictionary.
    """
    return get_entry(tag)[1]


def dictionary_description(tag: TagType) -> str:
    """Return the element's name, such as ``"Patient's Name"``.

    Raises
    ------
    KeyError
        If the tag is not in the data dictionary.
    """
    return get_entry(tag)[2]


def dictionary_keyword(tag: TagType) -> str:
    """Return the element's keyword, such as ``"PatientName"``.

    Raises
    ------
    KeyError
        If the tag is not in the data dictionary.
    """
    return get_entry(tag)[4]


def dictionary_has_tag(tag: TagType) -> bool:
    """Return whether the data dictionary lists the tag; repeating groups do not count."""
    try:
        return int(Tag(tag)) in _dictionaries.elements()
    except Exception:
        return False


def keyword_for_tag(tag: TagType) -> str:
    """Return the element's keyword, or an empty string for an unknown tag."""
    try:
        return dictionary_keyword(tag)
    except KeyError:
        return ""


def tag_for_keyword(keyword: str) -> int | None:
    """Return the tag of the element with that keyword, or None; repeating groups have none."""
    return _dictionaries.keywords().get(keyword)


def repeater_has_tag(tag: int) -> bool:
    """Return whether the tag belongs to a repeating group."""
    return _dictionaries.match_repeater(tag) is not None


def repeater_has_keyword(keyword: str) -> bool:
    """Return whether the keyword is one of an element of a repeating group."""
    return any(entry[4] == keyword for entry in _dictionaries.repeaters().values())


def get_private_entry(tag: TagType, private_creator: str) -> PrivateEntry:
    """Return what the private dictionary says about `tag` of a creator.

    Parameters
    ----------
    tag : int or str or pair
        The tag in any form that :func:`~pydcm.tag.Tag` takes, in whatever block it lies.
    private_creator : str
        The creator that owns the block.

    Returns
    -------
    tuple of str
        VR, VM, name, ``"Retired"`` or an empty string.

    Raises
    ------
    KeyError
        If the creator or its tag is unknown.
    """
    tag = Tag(tag)
    try:
        entries = _dictionaries.private_creator(private_creator)
    except KeyError as exc:
        raise KeyError(f"Private creator '{private_creator}' not in the private dictionary") from exc
    except TypeError as exc:
        from .misc import warn_and_log

        msg = f"{tag.private_creator} '{private_creator}' is not a valid private creator"
        warn_and_log(msg)
        raise KeyError(msg) from exc

    digits = f"{tag:08X}"
    # A few vendors write one fixed block or leave even part of the group open.
    for key in (digits, f"{digits[:4]}xx{digits[6:]}", f"{digits[:2]}xxxx{digits[6:]}"):
        entry = entries.get(key)
        if entry is not None:
            return entry
    raise KeyError(f"Tag '{tag}' not in private dictionary for private creator '{private_creator}'")


def private_dictionary_VR(tag: TagType, private_creator: str) -> str:
    """Return the VR of a private element; see :func:`get_private_entry`.

    Raises
    ------
    KeyError
        If the creator or its tag is unknown.
    """
    return get_private_entry(tag, private_creator)[0]


def private_dictionary_VM(tag: TagType, private_creator: str) -> str:
    """Return the VM of a private element; see :func:`get_private_entry`.

    Raises
    ------
    KeyError
        If the creator or its tag is unknown.
    """
    return get_private_entry(tag, private_creator)[1]


def private_dictionary_description(tag: TagType, private_creator: str) -> str:
    """Return the name of a private element; see :func:`get_private_entry`.

    Raises
    ------
    KeyError
        If the creator or its tag is unknown.
    """
    return get_private_entry(tag, private_creator)[2]
