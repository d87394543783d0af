"""The DICOM JSON Model (PS3.18 Annex F): conversion of values in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._json.decode import JSON_VALUE_KEYS, JsonDataElementConverter, dataset_from_json
from ._json.encode import dataset_to_json, dataset_to_json_dict, element_to_json_dict
from ._json.numbers import convert_to_python_number

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "JSON_VALUE_KEYS",
    "BulkDataHandlerType",
    "BulkDataType",
    "BulkDataURIType",
    "InlineBinaryType",
    "JSONValueType",
    "JsonDataElementConverter",
    "OtherValueType",
    "PNValueType",
    "SQValueType",
    "ValueType",
    "convert_to_python_number",
    "dataset_from_json",
    "dataset_to_json",
    "dataset_to_json_dict",
    "element_to_json_dict",
]

#: Items of ``"Value"``: of most VRs, of PN, and of SQ.
OtherValueType = None | str | int | float
PNValueType = None | str | dict[str, str]
SQValueType = dict[str, Any] | None
ValueType = PNValueType | SQValueType | OtherValueType
#: What may stand under the other two names.
InlineBinaryType = str | list[str]
BulkDataURIType = str | list[str]
JSONValueType = list[ValueType] | InlineBinaryType | BulkDataURIType
#: What a handler of BulkDataURIs returns.
BulkDataType = None | str | int | float | bytes

if TYPE_CHECKING:
    BulkDataHandlerType = Callable[[str, str, str], BulkDataType] | None
else:
    BulkDataHandlerType = Any
