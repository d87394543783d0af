"""Names of persons (PS3.5 §6.2.1)."""

from __future__ import annotations

from pydcm import config
from pydcm._core._personname import PersonNameCore, set_person_name_class
from pydcm._values.validation import validate_value
from pydcm.valuerep import PN_DELIMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Self

_DEFAULT_ENCODINGS = ("iso8859",)
_PARTS = ("family_name", "given_name", "middle_name", "name_prefix", "name_suffix")


def as_encodings(encodings: str | Iterable[str] | None) -> tuple[str, ...] | None:
    """Return one or several names of encodings as a tuple, ``None`` as it is."""
    if encodings is None:
        return None
    return (encodings,) if isinstance(encodings, str) else tuple(encodings)


def _without_empty_end(groups: Iterable[Any]) -> list[Any]:
    """Return the component groups without the empty ones at the end."""
    kept = list(groups)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _decode_personname(components: Sequence[bytes], encodings: Sequence[str]) -> tuple[str, ...]:
    """Return encoded component groups as text; what the encodings do not know is replaced with a warning."""
    from pydcm.charset import decode_bytes

    return tuple(_without_empty_end(decode_bytes(group, encodings, PN_DELIMS) for group in components))


def _encode_personname(components: Sequence[str], encodings: Sequence[str]) -> bytes:
    """Return component groups encoded and joined; each component starts anew with the first encoding."""
    from pydcm.charset import encode_string

    groups = (b"^".join(encode_string(part, encodings) for part in group.split("^")) for group in components)
    return b"=".join(_without_empty_end(groups))


def decode_components(original: bytes, encodings: Sequence[str] | None) -> tuple[str, ...]:
    """Return the component groups of an encoded name (called by the compiled base class)."""
    return _decode_personname(original.split(b"="), encodings or _DEFAULT_ENCODINGS)


class PersonName(PersonNameCore):
    """A **PN** value.

    A name has up to three component groups, parted by ``=``: alphabetic, ideographic, phonetic. A group has up to five
    components, parted by ``^``: family name, given name, middle name, prefix, suffix. The encoded form is decoded when a
    part of the name is first asked for. The name compares and prints as the whole text.

    Parameters
    ----------
    val : bytes, str or PersonName
        The name, encoded or as text. ``None`` gives ``None``.
    encodings : str or sequence of str, optional
        Python's names of the encodings of `val`, see :func:`pydcm.charset.convert_encodings`.
    original_string : bytes, optional
        The encoded form, if `val` is text that was decoded from it.
    validation_mode : int, optional
        ``config.IGNORE``, ``WARN`` or ``RAISE``; the reading validation mode if not given.

    Raises
    ------
    ValueError
        With ``RAISE``, if there are more than three component groups or one is longer than 64 characters.
    """

    __module__ = "pydcm.valuerep"

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        if args and args[0] is None:
            return None  # type: ignore[return-value]
        return super().__new__(cls)

    def __init__(
        self,
        val: bytes | str | PersonName,
        encodings: str | Sequence[str] | None = None,
        original_string: bytes | None = None,
        validation_mode: int | None = None,
    ) -> None:
        if validation_mode is None:
            validation_mode = config.settings.reading_validation_mode
        components: tuple[str, ...] | None = None
        encoded: bytes | None
        if isinstance(val, PersonName):
            encodings = val.encodings
            encoded = val.original_string
            components = tuple(str(val).split("="))
        elif isinstance(val, bytes):
            encoded = val
            validate_value("PN", val, validation_mode)
        else:
            encoded = original_string
            # The limits are best checked on the encoded form; where there is none yet, the text has to do.
            validate_value("PN", original_string or val, validation_mode)
            components = tuple(_without_empty_end(val.split("=")))
        self._start(encoded, components, as_encodings(encodings), validation_mode)

    # -- parts ---------------------------------------------------------------------------------------------------------

    def _group(self, index: int) -> str:
        groups = self.components
        return groups[index] if index < len(groups) else ""

    def _name_part(self, i: int) -> str:
        parts = self._group(0).split("^")
        return parts[i] if i < len(parts) else ""

    @property
    def family_name(self) -> str:
        """The family name of the alphabetic group."""
        return self._name_part(0)

    @property
    def given_name(self) -> str:
        """The given name of the alphabetic group."""
        return self._name_part(1)

    @property
    def middle_name(self) -> str:
        """The middle name of the alphabetic group."""
        return self._name_part(2)

    @property
    def name_prefix(self) -> str:
        """What stands before the name, from the alphabetic group."""
        return self._name_part(3)

    @property
    def name_suffix(self) -> str:
        """What stands after the name, from the alphabetic group."""
        return self._name_part(4)

    @property
    def alphabetic(self) -> str:
        """The first component group, empty if there is none."""
        return self._group(0)

    @property
    def ideographic(self) -> str:
        """The second component group, empty if there is none."""
        return self._group(1)

    @property
    def phonetic(self) -> str:
        """The third component group, empty if there is none."""
        return self._group(2)

    def family_comma_given(self) -> str:
        """Return the name as ``"Family, Given"``."""
        return f"{self.family_name}, {self.given_name}"

    def formatted(self, format_str: str) -> str:
        """Return the name as `format_str` has it.

        Parameters
        ----------
        format_str : str
            A format for ``%`` with the keys ``family_name``, ``given_name``, ``middle_name``, ``name_prefix``,
            ``name_suffix``, ``ideographic`` and ``phonetic``: ``"%(given_name)s %(family_name)s"``.
        """
        return format_str % {key: getattr(self, key) for key in (*_PARTS, "ideographic", "phonetic")}

    # -- encoding ------------------------------------------------------------------------------------------------------

    def decode(self, encodings: Sequence[str] | None = None) -> PersonName:
        """Return the name read with other encodings.

        Parameters
        ----------
        encodings : sequence of str, optional
            Python's names of the encodings. Without them, or if they are those of the name, it is returned itself.
        """
        if encodings is None or encodings == self.encodings:
            return self
        encoded = self.original_string
        if encoded is None:
            encoded = _encode_personname(self.components, self.encodings or _DEFAULT_ENCODINGS)
            self._remember(encoded)
            # Only now its encoded length is known
            validate_value("PN", encoded, self.validation_mode)
        return PersonName(encoded, as_encodings(encodings))

    def encode(self, encodings: Sequence[str] | None = None) -> bytes:
        """Return the encoded name.

        Parameters
        ----------
        encodings : sequence of str, optional
            Python's names of the encodings. Without them, or if they are those of the name, its bytes are returned as they
            were read; otherwise each component is encoded with the first of the encodings that can.
        """
        wanted = as_encodings(encodings) or self.encodings
        if self.encodings is not None and wanted != self.encodings:
            return _encode_personname(self.components, wanted or _DEFAULT_ENCODINGS)
        encoded = self.original_string
        if encoded is None:
            encoded = _encode_personname(self.components, wanted or _DEFAULT_ENCODINGS)
            self._remember(encoded)
        return encoded

    # -- from parts ----------------------------------------------------------------------------------------------------

    @staticmethod
    def _encode_component_groups(
        alphabetic_group: Sequence[str | bytes],
        ideographic_group: Sequence[str | bytes],
        phonetic_group: Sequence[str | bytes],
        encodings: list[str] | None = None,
    ) -> bytes:
        """Return the encoded name made of three groups of components, each text or encoded.

        Raises
        ------
        ValueError
            If a component holds one of the characters that part values, groups and components.
        """
        from pydcm.charset import decode_bytes, encode_string

        codecs = encodings or _DEFAULT_ENCODINGS

        def encoded(part: str | bytes) -> bytes:
            text = decode_bytes(part, codecs, set()) if isinstance(part, bytes) else part
            for char in "\\=^":
                if char in text:
                    raise ValueError(f"Strings may not contain the {char} character")
            return part if isinstance(part, bytes) else encode_string(part, codecs)

        groups = []
        for components in (alphabetic_group, ideographic_group, phonetic_group):
            groups.append(b"^".join([encoded(part) for part in components]).rstrip(b"^"))
        return b"=".join(groups).rstrip(b"=")

    @classmethod
    def from_named_components(
        cls,
        family_name: str | bytes = "",
        given_name: str | bytes = "",
        middle_name: str | bytes = "",
        name_prefix: str | bytes = "",
        name_suffix: str | bytes = "",
        family_name_ideographic: str | bytes = "",
        given_name_ideographic: str | bytes = "",
        middle_name_ideographic: str | bytes = "",
        name_prefix_ideographic: str | bytes = "",
        name_suffix_ideographic: str | bytes = "",
        family_name_phonetic: str | bytes = "",
        given_name_phonetic: str | bytes = "",
        middle_name_phonetic: str | bytes = "",
        name_prefix_phonetic: str | bytes = "",
        name_suffix_phonetic: str | bytes = "",
        encodings: list[str] | None = None,
    ) -> PersonName:
        """Make a name from its components (PS3.5 §6.2.1.1).

        Several given or middle names, prefixes or suffixes are written in one component with spaces between them.

        Parameters
        ----------
        family_name, given_name, middle_name, name_prefix, name_suffix : str or bytes, optional
            The alphabetic group.
        family_name_ideographic, given_name_ideographic, middle_name_ideographic, name_prefix_ideographic, \
name_suffix_ideographic : str or bytes, optional
            The ideographic group.
        family_name_phonetic, given_name_phonetic, middle_name_phonetic, name_prefix_phonetic, name_suffix_phonetic : \
str or bytes, optional
            The phonetic group.
        encodings : list of str, optional
            Python's names of the encodings, of components given as :class:`bytes` and of the name.

        Raises
        ------
        ValueError
            If a component holds ``^``, ``=`` or a backslash.

        Examples
        --------
        >>> name = PersonName.from_named_components(family_name="Lovelace", given_name="Ada", name_prefix="Countess")
        >>> str(name)
        'Lovelace^Ada^^Countess'
        """
        encoded = cls._encode_component_groups(
            (family_name, given_name, middle_name, name_prefix, name_suffix),
            (
                family_name_ideographic,
                given_name_ideographic,
                middle_name_ideographic,
                name_prefix_ideographic,
                name_suffix_ideographic,
            ),
            (
                family_name_phonetic,
                given_name_phonetic,
                middle_name_phonetic,
                name_prefix_phonetic,
                name_suffix_phonetic,
            ),
            encodings,
        )
        return cls(encoded, encodings=encodings)

    @classmethod
    def from_named_components_veterinary(
        cls,
        responsible_party_name: str | bytes = "",
        patient_name: str | bytes = "",
        responsible_party_name_ideographic: str | bytes = "",
        patient_name_ideographic: str | bytes = "",
        responsible_party_name_phonetic: str | bytes = "",
        patient_name_phonetic: str | bytes = "",
        encodings: list[str] | None = None,
    ) -> PersonName:
        """Make the name of an animal from its two components (PS3.5 §6.2.1.1).

        Parameters
        ----------
        responsible_party_name, responsible_party_name_ideographic, responsible_party_name_phonetic : str or bytes, optional
            The family name of the responsible person or the name of the responsible organization.
        patient_name, patient_name_ideographic, patient_name_phonetic : str or bytes, optional
            The name of the patient.
        encodings : list of str, optional
            Python's names of the encodings, of components given as :class:`bytes` and of the name.

        Raises
        ------
        ValueError
            If a component holds ``^``, ``=`` or a backslash.
        """
        encoded = cls._encode_component_groups(
            (responsible_party_name, patient_name),
            (responsible_party_name_ideographic, patient_name_ideographic),
            (responsible_party_name_phonetic, patient_name_phonetic),
            encodings,
        )
        return cls(encoded, encodings=encodings)


set_person_name_class(PersonName)
