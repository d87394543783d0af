"""A data set as a file and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydcm import config

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from typing import BinaryIO

    from pydcm._core._dataset import DatasetCore as _Base
    from pydcm.dataelem import DataElement
    from pydcm.dataset import Dataset
    from pydcm.filebase import WriteableBuffer
else:
    _Base = object


class Export(_Base):
    """Writing to a file, to JSON and from JSON."""

    def save_as(
        self,
        filename: str | os.PathLike[str] | os.PathLike[bytes] | BinaryIO | WriteableBuffer,
        _write_like_original: bool | None = None,
        /,
        *,
        implicit_vr: bool | None = None,
        little_endian: bool | None = None,
        enforce_file_format: bool = False,
        overwrite: bool = True,
        **kwargs: Any,
    ) -> None:
        """Write the data set to a file or buffer.

        The same as :func:`pydcm.filewriter.dcmwrite`, except that it refuses to change the byte order: values that were read
        but not decoded, and those with VR **OW** or **UN**, cannot be swapped safely.

        Parameters
        ----------
        filename : str, PathLike or binary file-like
            Where to write. A file-like needs ``write()``, ``seek()`` and ``tell()``.
        implicit_vr : bool, optional
            Write with implicit VR. Needed if neither a public Transfer Syntax UID nor the encoding that was read tells.
        little_endian : bool, optional
            Write in little endian byte order; ``True`` if only `implicit_vr` is given.
        enforce_file_format : bool, optional
            Write a conformant DICOM file (PS3.10 §7) or raise. Without it preamble and file meta are written as they are.
        overwrite : bool, optional
            Replace an existing file (the default).
        **kwargs
            ``write_like_original``, deprecated: the opposite of `enforce_file_format`. Also as second positional argument.

        Raises
        ------
        ValueError
            If the byte order would change, or it is not known how to encode.
        FileExistsError
            If `overwrite` is false and the file exists.
        """
        if implicit_vr is not None and little_endian is None:
            little_endian = True
        self._refuse_byte_swap(little_endian)

        from pydcm.filewriter import dcmwrite

        dcmwrite(
            filename,
            cast("Dataset", self),
            _write_like_original,
            implicit_vr=implicit_vr,
            little_endian=little_endian,
            enforce_file_format=enforce_file_format,
            overwrite=overwrite,
            **kwargs,
        )

    def _refuse_byte_swap(self, little_endian: bool | None) -> None:
        """Raise if writing in the byte order that will be chosen differs from the one that was read."""
        was_little = self.original_encoding[1]
        if was_little is None:
            return
        syntax: Any = (getattr(self, "file_meta", None) or {}).get("TransferSyntaxUID", None)
        try:
            to_little = syntax.is_little_endian
        except (AttributeError, ValueError):
            # No transfer syntax, or one that says nothing about the encoding.
            to_little = little_endian
            if to_little is None and not config._use_future:
                to_little = self.is_little_endian
        if to_little is not None and to_little != was_little:
            raise ValueError(
                f"'{type(self).__name__}.save_as()' cannot be used to convert between little and big endian encoding. "
                "Please read the documentation for filewriter.dcmwrite() if this is what you really want to do"
            )

    @classmethod
    def from_json(
        cls,
        json_dataset: dict[str, Any] | str | bytes | bytearray,
        bulk_data_uri_handler: (
            Callable[[str, str, str], str | int | float | bytes | None]
            | Callable[[str], str | int | float | bytes | None]
            | None
        ) = None,
    ) -> Dataset:
        """Return the data set that a DICOM JSON Model object describes (PS3.18 §F.2).

        Parameters
        ----------
        json_dataset : dict, str, bytes or bytearray
            The object, parsed or as text.
        bulk_data_uri_handler : callable, optional
            Fetches bulk data: called as ``handler(tag, vr, uri)`` or ``handler(uri)``, returns the value. Without it such elements are
            empty.

        Returns
        -------
        Dataset
            A new data set of the class this is called on.
        """
        from pydcm.jsonrep import dataset_from_json

        return dataset_from_json(cast("type[Dataset]", cls), json_dataset, bulk_data_uri_handler)

    def to_json_dict(
        self,
        bulk_data_threshold: int = 1024,
        bulk_data_element_handler: Callable[[DataElement], str] | None = None,
        suppress_invalid_tags: bool = False,
    ) -> dict[str, Any]:
        """Return the data set as a DICOM JSON Model object (PS3.18 §F.2).

        Parameters
        ----------
        bulk_data_threshold : int, optional
            Binary values whose base64 text would be longer than this go to `bulk_data_element_handler`, if there is one.
        bulk_data_element_handler : callable, optional
            Called with such an element, stores its value and returns the URI it can be fetched from.
        suppress_invalid_tags : bool, optional
            Leave out elements that cannot be converted, with a warning in the log, in place of raising.

        Returns
        -------
        dict
            ``{"00100010": {"vr": "PN", "Value": [{"Alphabetic": ...}]}, ...}``
        """
        from pydcm.jsonrep import dataset_to_json_dict

        return dataset_to_json_dict(
            cast("Dataset", self), bulk_data_threshold, bulk_data_element_handler, suppress_invalid_tags
        )

    def to_json(
        self,
        bulk_data_threshold: int = 1024,
        bulk_data_element_handler: Callable[[DataElement], str] | None = None,
        dump_handler: Callable[[dict[str, Any]], str] | None = None,
        suppress_invalid_tags: bool = False,
    ) -> str:
        """Return the data set as DICOM JSON Model text (PS3.18 §F.2).

        Parameters
        ----------
        bulk_data_threshold, bulk_data_element_handler, suppress_invalid_tags
            See :meth:`to_json_dict`.
        dump_handler : callable, optional
            Turns the object into text. Keys have to come out sorted. The default is :func:`json.dumps`.

        Returns
        -------
        str
            What `dump_handler` returns.
        """
        from pydcm.jsonrep import dataset_to_json

        return dataset_to_json(
            cast("Dataset", self),
            bulk_data_threshold,
            bulk_data_element_handler,
            dump_handler,
            suppress_invalid_tags,
        )
