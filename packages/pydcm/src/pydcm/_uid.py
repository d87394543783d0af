"""The UID type; :mod:`pydcm.uid` is where it is used from."""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    import re
    from typing import Any, Self

    from ._dictionaries import Entry

_NO_ENTRY: Entry = ("", "", "", "", "")
_UNCOMPRESSED = {
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
}
_valid_uid: re.Pattern[str] | None = None


def valid_uid_pattern() -> re.Pattern[str]:
    """Return the pattern of a valid UID (PS3.5 §9.1); its length is not part of it."""
    global _valid_uid
    if _valid_uid is None:
        import re

        _valid_uid = re.compile(r"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*$")
    return _valid_uid


class UID(str):
    """A DICOM unique identifier (PS3.5 §9), which knows what the standard says about it.

    Parameters
    ----------
    val : str
        The UID; white space around it is removed.
    validation_mode : int, optional
        What to do about an invalid UID: ``config.IGNORE``, ``config.WARN`` or
        ``config.RAISE``. By default ``config.settings.reading_validation_mode``.

    Raises
    ------
    TypeError
        If `val` is no :class:`str`.
    ValueError
        If `val` is invalid and the mode is ``RAISE``.

    Notes
    -----
    A private transfer syntax says nothing about itself: call :meth:`set_private_encoding`, or
    :func:`~pydcm.uid.register_transfer_syntax` when files in it are to be read.
    """

    __module__ = "pydcm.uid"

    _PRIVATE_TS_ENCODING: tuple[bool, bool]

    def __new__(cls, val: str, validation_mode: int | None = None) -> Self:
        if not isinstance(val, str):
            raise TypeError("A UID must be created from a string")
        if val and (len(val) > 64 or valid_uid_pattern().fullmatch(val) is None):
            _report_invalid(val, validation_mode)
        uid = super().__new__(cls, val.strip())
        if isinstance(val, UID) and hasattr(val, "_PRIVATE_TS_ENCODING"):
            uid._PRIVATE_TS_ENCODING = val._PRIVATE_TS_ENCODING
        return uid

    def _entry(self) -> Entry:
        from ._dictionaries import uids

        # A plain str as the key: a subclass may hash and compare as it likes.
        return uids().get(str(self), _NO_ENTRY)

    def _require_transfer_syntax(self) -> None:
        if not self.is_transfer_syntax:
            raise ValueError("UID is not a transfer syntax.")

    @property
    def is_implicit_VR(self) -> bool:
        """Whether data sets in this transfer syntax leave out the VR (PS3.5 §7.1.3).

        Raises
        ------
        ValueError
            If this is no transfer syntax; so do the other ``is_*`` properties of encodings.
        """
        self._require_transfer_syntax()
        return self._PRIVATE_TS_ENCODING[0] if self.is_private else self == "1.2.840.10008.1.2"

    @property
    def is_little_endian(self) -> bool:
        """Whether data sets in this transfer syntax are little endian (PS3.5 §7.3)."""
        self._require_transfer_syntax()
        return self._PRIVATE_TS_ENCODING[1] if self.is_private else self != "1.2.840.10008.1.2.2"

    @property
    def is_transfer_syntax(self) -> bool:
        """Whether this is a standard transfer syntax, or a private one whose encoding was set."""
        if self.is_private:
            return hasattr(self, "_PRIVATE_TS_ENCODING")
        return str(self) in _UNCOMPRESSED or self.type == "Transfer Syntax"

    @property
    def is_deflated(self) -> bool:
        """Whether the data set is deflated as a whole (PS3.5 §A.5)."""
        self._require_transfer_syntax()
        return self == "1.2.840.10008.1.2.1.99"

    @property
    def is_encapsulated(self) -> bool:
        """Whether pixel data are encapsulated in fragments (PS3.5 §A.4)."""
        return self.is_compressed

    @property
    def is_compressed(self) -> bool:
        """The same as :attr:`is_encapsulated`: a deflated data set does not count."""
        self._require_transfer_syntax()
        return str(self) not in _UNCOMPRESSED

    @property
    def keyword(self) -> str:
        """The UID's keyword (PS3.6 annex A), or an empty string."""
        return self._entry()[4]

    @property
    def name(self) -> str:
        """The UID's name (PS3.6 annex A), or the UID itself when it has none."""
        return self._entry()[0] or str(self)

    @property
    def type(self) -> str:
        """What the UID identifies, such as ``"SOP Class"``, or an empty string."""
        return self._entry()[1]

    @property
    def info(self) -> str:
        """What the standard adds to the name, or an empty string."""
        return self._entry()[2]

    @property
    def is_retired(self) -> bool:
        """Whether the standard has retired the UID."""
        return bool(self._entry()[3])

    @property
    def is_private(self) -> bool:
        """Whether the UID lies outside the root that DICOM registers UIDs under."""
        return not self.startswith("1.2.840.10008.")

    @property
    def is_valid(self) -> bool:
        """Whether the UID has at most 64 characters and a valid form (PS3.5 §9.1)."""
        return len(self) <= 64 and valid_uid_pattern().fullmatch(self) is not None

    def set_private_encoding(self, implicit_vr: bool, little_endian: bool) -> None:
        """Say how data sets in this private transfer syntax are encoded.

        Parameters
        ----------
        implicit_vr : bool
            Whether elements leave out the VR.
        little_endian : bool
            Whether numbers are little endian.
        """
        self._PRIVATE_TS_ENCODING = (implicit_vr, little_endian)


def known_uid(value: str) -> UID:
    """Make the UID of a literal known to be valid."""
    return str.__new__(UID, value)


def _report_invalid(val: Any, validation_mode: int | None) -> None:
    from . import config
    from .valuerep import validate_value

    if validation_mode is None:
        validation_mode = config.settings.reading_validation_mode
    validate_value("UI", val, validation_mode)
