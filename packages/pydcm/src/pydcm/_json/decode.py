"""From the DICOM JSON Model to data elements and data sets (PS3.18 §F.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm.misc import warn_and_log

from .collector import PausedCollector
from .encode import NAME_GROUPS
from .numbers import convert_to_python_number, keeps_digits

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydcm.dataset import Dataset

#: Under which of these names an attribute object has its value, if it has one.
JSON_VALUE_KEYS = ("Value", "BulkDataURI", "InlineBinary")


class UriHandler:
    """A handler of BulkDataURIs, called in the way that its own signature asks for.

    Parameters
    ----------
    handler : callable
        Takes tag, VR and URI, or the URI alone.
    """

    def __init__(self, handler: Callable[..., Any]) -> None:
        from inspect import signature

        self._handler = handler
        self._only_uri = len(signature(handler).parameters) == 1

    def __call__(self, tag: str, vr: str, uri: str) -> Any:
        return self._handler(uri) if self._only_uri else self._handler(tag, vr, uri)


def _uri_handler(handler: Callable[..., Any] | None) -> UriHandler | None:
    return handler if handler is None or isinstance(handler, UriHandler) else UriHandler(handler)


def value_of(attribute: dict[str, Any]) -> tuple[Any, str | None]:
    """Return an attribute object's value and the name it has it under; ``([""], None)`` if it has none."""
    for key in JSON_VALUE_KEYS:
        if key in attribute:
            return attribute[key], key
    return [""], None


class JsonDataElementConverter:
    """Converts the value of one attribute object to that of a data element.

    Parameters
    ----------
    dataset_class : type
        The class of sequence items.
    tag : str
        The tag as eight hexadecimal digits.
    vr : str
        The value representation.
    value : Any
        What the attribute object has under `value_key`.
    value_key : str or None
        ``"Value"``, ``"InlineBinary"``, ``"BulkDataURI"``, or ``None`` if the attribute is empty.
    bulk_data_uri_handler : callable, optional
        Called with tag, VR and URI, or with the URI alone; returns the value that the URI stands for. Without it such
        elements are empty.
    """

    def __init__(
        self,
        dataset_class: type[Dataset],
        tag: str,
        vr: str,
        value: Any,
        value_key: str | None,
        bulk_data_uri_handler: Callable[..., Any] | None = None,
    ) -> None:
        self.dataset_class = dataset_class
        self.tag = tag
        self.vr = vr
        self.value = value
        self.value_key = value_key
        self.bulk_data_element_handler = _uri_handler(bulk_data_uri_handler)

    def get_element_values(self) -> Any:
        """Return the value of the data element.

        Raises
        ------
        TypeError
            If the value is not of the type that its name asks for.
        ValueError
            If there is no such name.
        """
        key = self.value_key
        if key is None:
            return self._empty()
        if key == "Value":
            return self._listed_values()
        if key not in JSON_VALUE_KEYS:
            raise ValueError(f"Unknown attribute name '{key}' for tag {self.tag}")

        # The examples of PS3.18 §F.4 have lists where Table F.3.1-1 has text
        text = self.value[0] if isinstance(self.value, list) and self.value else self.value
        if not isinstance(text, str):
            raise TypeError(
                f"Invalid attribute value for data element '{self.tag}' - the value for '{key}' must be str, not "
                f"{type(text).__name__}"
            )
        if key == "InlineBinary":
            from binascii import a2b_base64

            return a2b_base64(text)
        if self.bulk_data_element_handler is None:
            warn_and_log(
                f'No bulk data URI handler provided for retrieval of value of data element "{self.tag}"'
            )
            return self._empty()
        return self.bulk_data_element_handler(self.tag, self.vr, text)

    def _empty(self) -> Any:
        from pydcm.dataelem import empty_value_for_VR

        return empty_value_for_VR(self.vr)

    def _listed_values(self) -> Any:
        if not isinstance(self.value, list):
            raise TypeError(f"'Value' of data element '{self.tag}' must be a list")
        if not self.value:
            return self._empty()
        values = [self.get_regular_element_value(item) for item in self.value]
        if self.vr in ("DS", "IS"):
            values = [self._number(item) for item in values]
        else:
            values = convert_to_python_number(values, self.vr)
        return values[0] if len(values) == 1 and self.vr != "SQ" else values

    def _number(self, value: Any) -> Any:
        """Return a number, or the text of one that would lose digits."""
        if not value and not isinstance(value, int | float):
            return self._empty()
        number = convert_to_python_number(value, self.vr)
        if self.vr == "IS":
            # What has a fraction is for IS itself to refuse
            return value if isinstance(value, float) and value != number else number
        return value if isinstance(value, str) and not keeps_digits(value, number) else number

    def get_regular_element_value(self, value: Any) -> Any:
        """Return one item of ``"Value"`` converted.

        Parameters
        ----------
        value : None, str, int, float or dict
            The item.
        """
        if self.vr == "SQ":
            return self.get_sequence_item(value)
        if value is None:
            return self._empty()
        if self.vr == "PN":
            return self.get_pn_element_value(value)
        if self.vr == "AT":
            try:
                return int(value, 16)
            except ValueError:
                warn_and_log(f"Invalid value '{value}' for AT element - ignoring it")
                return None
        return value

    def get_sequence_item(self, value: dict[str, Any] | None) -> Dataset:
        """Return a sequence item.

        Parameters
        ----------
        value : dict or None
            The object of the item; ``None`` stands for an empty one.

        Raises
        ------
        KeyError
            If one of its attributes has no VR.
        """
        return dataset_from_model(
            self.dataset_class, {} if value is None else value, self.bulk_data_element_handler, self.tag
        )

    def get_pn_element_value(self, value: str | dict[str, str]) -> str:
        """Return a person's name as text, its component groups separated by ``=``.

        Parameters
        ----------
        value : dict
            The component groups by name. Text, which the standard does not allow, is taken with a warning.
        """
        if not isinstance(value, dict):
            warn_and_log(
                f"Value of data element '{self.tag}' with VR Person Name (PN) is not formatted correctly"
            )
            return value
        groups = [value.get(name) or "" for name in NAME_GROUPS]
        while len(groups) > 1 and NAME_GROUPS[len(groups) - 1] not in value:
            groups.pop()
        return "=".join(groups)


def dataset_from_model(
    cls: type[Dataset], model: dict[str, Any], handler: Callable[..., Any] | None, parent: str = ""
) -> Dataset:
    """Return the data set of a DICOM JSON Model object.

    Parameters
    ----------
    cls : type
        The class of the data set.
    model : dict
        The object.
    handler : callable or None
        Gets the value for a BulkDataURI, see `JsonDataElementConverter`.
    parent : str, optional
        The sequence's tag, if the data set is an item.

    Raises
    ------
    KeyError
        If an attribute has no VR.
    TypeError, ValueError
        If a value does not fit.
    pydcm.errors.DicomLimitError
        If sequences are nested deeper than `pydcm.limits.MAX_DEPTH`.
    """
    from pydcm._core._json_decode import dataset_from_dict

    return dataset_from_dict(cls, model, _uri_handler(handler), parent)


def dataset_from_json(
    cls: type[Dataset],
    json_dataset: dict[str, Any] | str | bytes | bytearray,
    bulk_data_uri_handler: Callable[..., Any] | None = None,
) -> Dataset:
    """Return the data set of a DICOM JSON Model object or text, see `pydcm.dataset.Dataset.from_json`."""
    if not isinstance(json_dataset, str | bytes | bytearray):
        return dataset_from_model(cls, json_dataset, bulk_data_uri_handler)
    import json

    with PausedCollector():
        try:
            model = json.loads(json_dataset)
        except RecursionError:
            from pydcm.errors import DicomLimitError

            raise DicomLimitError("The JSON text is nested too deeply") from None
        if not isinstance(model, dict):
            raise TypeError(f"A data set in JSON is an object, not a {type(model).__name__} (PS3.18 §F.2)")
        return dataset_from_model(cls, model, bulk_data_uri_handler)
