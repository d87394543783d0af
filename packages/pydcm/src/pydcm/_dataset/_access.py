"""What the compiled mapping asks its Python class for: keywords, names and defaults that need more than a table look-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm import config

if TYPE_CHECKING:
    from pydcm._core._dataset import DatasetCore as _Base
    from pydcm.dataelem import DataElement
    from pydcm.tag import BaseTag, TagType
else:
    _Base = object


def _looks_like_keyword(name: str) -> bool:
    """Is `name` written the way keywords are?

    That is: ASCII letters and digits, starting with a capital, or with a small letter and a capital after the second character. The
    attributes of Python code have underscores or are all small letters.
    """
    body = name[:-1]
    if len(name) < 4 or not (body.isascii() and body.isalnum() and name[0].isalpha()) or name[-1] == "_":
        return False
    return name[0].isupper() or any("A" <= character <= "Z" for character in name[2:])


class Access(_Base):
    """The uncommon cases of access by attribute and by key."""

    if TYPE_CHECKING:
        file_meta: Any

    # The default of an attribute that few data sets ever set.
    is_decompressed = False

    def _set_other_attribute(self, name: str, value: Any) -> None:
        """Set attribute `name`, which has capitals but is not a keyword."""
        from pydcm.datadict import repeater_has_keyword

        if repeater_has_keyword(name):
            raise ValueError(
                f"'{name}' is a DICOM repeating group element and must be added using the add() or add_new() methods."
            )
        if config.INVALID_KEYWORD_BEHAVIOR != "IGNORE" and _looks_like_keyword(name):
            _complain(
                f"Camel case attribute '{name}' used which is not in the element keyword data dictionary",
                config.INVALID_KEYWORD_BEHAVIOR,
                None,
            )
        self._set_plain_attribute(name, value)

    def _set_file_meta(self, value: Any) -> None:
        from pydcm.dataset import Dataset, FileMetaDataset

        if value is not None and not isinstance(value, FileMetaDataset):
            if not isinstance(value, Dataset):
                raise TypeError(f"'{type(self).__name__}.file_meta' must be a 'FileMetaDataset' instance")
            value = FileMetaDataset(value)
        self.__dict__["file_meta"] = value

    def _invalid_key(self, key: object, exc: Exception) -> bool:
        """Answer ``key in dataset`` for a `key` that cannot be a tag."""
        if isinstance(exc, OverflowError):
            message = "Invalid element tag value used with the 'in' operator: tags have a maximum value of (0xFFFF, 0xFFFF)"
        else:
            message = (
                f"Invalid value '{key}' used with the 'in' operator: must be an element tag as a 2-tuple or int, or an "
                "element keyword"
            )
        _complain(message, config.INVALID_KEY_BEHAVIOR, exc)
        return False

    def setdefault(self, key: TagType, default: Any = None) -> DataElement:
        """Return the element for `key`; if there is none, put one with the value `default` into the data set first.

        Parameters
        ----------
        key : int, str, (int, int) or BaseTag
            Its tag or keyword.
        default : DataElement or object, optional
            The element to put, or its value: the VR then comes from the dictionary.

        Returns
        -------
        DataElement
            The element that is in the data set now.

        Raises
        ------
        ValueError
            If `key` is not a tag or keyword.
        KeyError
            If `default` is a value, the dictionary does not know the tag, and
            ``config.settings.writing_validation_mode`` is ``RAISE``.
        """
        from pydcm.dataelem import DataElement
        from pydcm.tag import Tag

        tag = Tag(key)
        if tag not in self:
            is_element = isinstance(default, DataElement)
            self[key] = default if is_element else DataElement(tag, _vr_for_new(tag), default)
        return self[tag]


def _vr_for_new(tag: BaseTag) -> str:
    """Return the VR for an element that is made from its tag and a value alone."""
    from pydcm.datadict import dictionary_VR

    if tag.is_private:
        return "UN"
    try:
        return dictionary_VR(tag)
    except KeyError:
        if config.settings.writing_validation_mode == config.RAISE:
            raise KeyError(f"Unknown DICOM tag {tag}") from None
    from pydcm.misc import warn_and_log

    warn_and_log(f"Unknown DICOM tag {tag} - setting VR to 'UN'")
    return "UN"


def _complain(message: str, behavior: str, cause: Exception | None) -> None:
    """Warn or raise as one of the ``config.INVALID_..._BEHAVIOR`` options says."""
    if behavior == "WARN":
        from pydcm.misc import warn_and_log

        warn_and_log(message)
    elif behavior == "RAISE":
        raise ValueError(message) from cause
