"""How a data set is and was encoded: VR method, byte order, character set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm import config

if TYPE_CHECKING:
    from collections.abc import MutableSequence

    from pydcm._core._dataset import DatasetCore as _Base
    from pydcm.dataset import Dataset
else:
    _Base = object

_SPECIFIC_CHARACTER_SET = 0x00080005


def _refuse_in_future(obj: object, name: str) -> None:
    if config._use_future:
        raise AttributeError(f"'{type(obj).__name__}' object has no attribute '{name}'")


def _deprecated(obj: object, name: str, remedy: str) -> None:
    """Warn that attribute `name` of `obj` goes away; with ``config.future()`` it is gone already."""
    _refuse_in_future(obj, name)
    from pydcm.misc import warn_and_log

    cls = type(obj).__name__
    warn_and_log(
        f"'{cls}.{name}' will be removed in v4.0, {remedy.format(cls=cls)}", DeprecationWarning, stacklevel=3
    )


class Encoding(_Base):
    """The encoding read from and the encoding to write in."""

    @property
    def _character_set(self) -> str | list[str]:
        """The Python encodings that the text of this data set is to be written in."""
        elem = self.get(_SPECIFIC_CHARACTER_SET)
        if elem is None:
            return self._parent_encoding
        from pydcm.charset import convert_encodings

        return convert_encodings(elem.value)

    @property
    def original_character_set(self) -> str | MutableSequence[str]:
        """The Python encodings that the text of this data set was read with.

        Returns
        -------
        str or list of str
            From (0008,0005) *Specific Character Set* as it was read (PS3.3 §C.12.1.1.2), ``'iso8859'`` where there was none; empty
            for a data set that was not read.
        """
        return self._read_charset

    @property
    def original_encoding(self) -> tuple[bool, bool] | tuple[None, None]:
        """How this data set was encoded when it was read.

        Returns
        -------
        tuple of (bool, bool) or (None, None)
            Whether the VR was implicit and whether the byte order was little endian; ``None`` twice for a data set that was not read.
        """
        return self._read_implicit, self._read_little

    def set_original_encoding(
        self,
        is_implicit_vr: bool | None,
        is_little_endian: bool | None,
        character_encoding: str | MutableSequence[str] | None = None,
    ) -> None:
        """Say how the raw elements of this data set are encoded, so that they can be written without decoding them.

        Parameters
        ----------
        is_implicit_vr : bool or None
            Implicit VR, explicit VR, or (``None``) not known.
        is_little_endian : bool or None
            Little endian, big endian, or (``None``) not known.
        character_encoding : str or list of str, optional
            The Python encodings of the text. ``None`` (the default) leaves them as they are.
        """
        self._read_implicit = is_implicit_vr
        self._read_little = is_little_endian
        if character_encoding is not None:
            self._read_charset = character_encoding

    def _inherit_encoding(self, source: Dataset) -> None:
        """Take over the encodings of `source`, whose raw elements this data set holds."""
        implicit, little = source.original_encoding
        self.set_original_encoding(implicit, little, source.original_character_set)
        if not config._use_future:
            self._is_little_endian = source.is_little_endian
            self._is_implicit_VR = source.is_implicit_VR

    @property
    def _is_implicit_VR(self) -> bool | None:
        return self._write_encoding("_is_implicit_VR")

    @_is_implicit_VR.setter
    def _is_implicit_VR(self, value: bool | None) -> None:
        self.__dict__["_is_implicit_VR"] = value

    @property
    def _is_little_endian(self) -> bool | None:
        return self._write_encoding("_is_little_endian")

    @_is_little_endian.setter
    def _is_little_endian(self, value: bool | None) -> None:
        self.__dict__["_is_little_endian"] = value

    def _write_encoding(self, name: str) -> bool | None:
        """Return what the encoding to write in was set to. `config.future_behavior()` takes the default away."""
        try:
            return self.__dict__[name]
        except KeyError:
            _refuse_in_future(self, name)
            return self._default_write_encoding(name)

    def _default_write_encoding(self, name: str) -> bool | None:
        """Return ``_is_implicit_VR`` or ``_is_little_endian`` for a data set on which it was never set."""
        return None

    @property
    def is_original_encoding(self) -> bool:
        """Whether this data set would be written in the encoding it was read in: VR method, byte order and character set."""
        same_text = self.original_character_set == self._character_set
        if config._use_future:
            return same_text
        current = (self.is_implicit_VR, self.is_little_endian)
        return None not in current and self.original_encoding == current and same_text

    @property
    def is_implicit_VR(self) -> bool | None:
        """Whether to write with implicit VR; ``None`` if that was not set and not read.

        .. deprecated:: 1.0
            Set the Transfer Syntax UID, or give `implicit_vr` to :meth:`Dataset.save_as` or :func:`~pydcm.filewriter.dcmwrite`.
        """
        _refuse_in_future(self, "is_implicit_VR")
        return self._is_implicit_VR

    @is_implicit_VR.setter
    def is_implicit_VR(self, value: bool | None) -> None:
        _deprecated(
            self,
            "is_implicit_VR",
            "set the Transfer Syntax UID or use the 'implicit_vr' argument with {cls}.save_as() or dcmwrite() instead",
        )
        self._is_implicit_VR = value

    @property
    def is_little_endian(self) -> bool | None:
        """Whether to write in little endian byte order; ``None`` if that was not set and not read.

        .. deprecated:: 1.0
            Set the Transfer Syntax UID, or give `little_endian` to :meth:`Dataset.save_as` or :func:`~pydcm.filewriter.dcmwrite`.
        """
        _refuse_in_future(self, "is_little_endian")
        return self._is_little_endian

    @is_little_endian.setter
    def is_little_endian(self, value: bool | None) -> None:
        _deprecated(
            self,
            "is_little_endian",
            "set the Transfer Syntax UID or use the 'little_endian' argument with {cls}.save_as() or dcmwrite() instead",
        )
        self._is_little_endian = value

    @property
    def read_encoding(self) -> str | MutableSequence[str]:
        """The character set this data set was read with.

        .. deprecated:: 1.0
            Use :attr:`original_character_set`.
        """
        _deprecated(self, "read_encoding", "use '{cls}.original_character_set' instead")
        return self._read_charset

    @read_encoding.setter
    def read_encoding(self, value: Any) -> None:
        _deprecated(self, "read_encoding", "use '{cls}.original_character_set' instead")
        self._read_charset = value

    @property
    def read_implicit_vr(self) -> bool | None:
        """Whether this data set was read with implicit VR.

        .. deprecated:: 1.0
            Use :attr:`original_encoding`.
        """
        _deprecated(self, "read_implicit_vr", "use '{cls}.original_encoding[0]' instead")
        return self._read_implicit

    @property
    def read_little_endian(self) -> bool | None:
        """Whether this data set was read in little endian byte order.

        .. deprecated:: 1.0
            Use :attr:`original_encoding`.
        """
        _deprecated(self, "read_little_endian", "use '{cls}.original_encoding[1]' instead")
        return self._read_little
