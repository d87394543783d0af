"""From data elements and data sets to the DICOM JSON Model (PS3.18 §F.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm import config

from .collector import PausedCollector
from .numbers import exact_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydcm.dataelem import DataElement
    from pydcm.dataset import Dataset

    BulkDataElementHandler = Callable[[DataElement], str]
    DumpHandler = Callable[[dict[str, Any]], str]

# The groups of a person name in the order of PS3.5 §6.2.1
NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def element_to_json_dict(
    element: DataElement, bulk_data_element_handler: BulkDataElementHandler | None, bulk_data_threshold: int
) -> dict[str, Any]:
    """Return a data element as an attribute object: its VR and what its value is given as.

    Parameters
    ----------
    element : pydcm.dataelem.DataElement
        The element.
    bulk_data_element_handler : callable or None
        Called with an element with a long binary value; returns the URI that the value can be fetched from.
    bulk_data_threshold : int
        A binary value is long if its base64 text takes more characters than this.

    Returns
    -------
    dict
        ``{"vr": ..., "Value": [...]}``, with ``"InlineBinary"`` or ``"BulkDataURI"`` for binary values, and with the VR
        alone if the element is empty.
    """
    from pydcm.valuerep import AMBIGUOUS_VR, BYTES_VR

    vr = element.VR
    result: dict[str, Any] = {"vr": vr}
    if vr == "SQ":
        result["Value"] = [
            item.to_json(
                bulk_data_threshold=bulk_data_threshold,
                bulk_data_element_handler=bulk_data_element_handler,
                dump_handler=_keep,
            )
            for item in element.value
        ]
    elif element.is_empty:
        pass
    elif vr in BYTES_VR or (vr in AMBIGUOUS_VR and vr != "US or SS"):
        content = _bytes_of(element)
        if bulk_data_element_handler is not None and len(content) > bulk_data_threshold // 4 * 3:
            result["BulkDataURI"] = bulk_data_element_handler(element)
        else:
            from binascii import b2a_base64

            result["InlineBinary"] = b2a_base64(content, newline=False).decode("ascii")
    else:
        values = element.value if hasattr(element.value, "append") else [element.value]
        if vr == "PN":
            result["Value"] = [dict(zip(NAME_GROUPS, name.components or ("",))) for name in values]
        elif vr == "AT":
            result["Value"] = [f"{tag:08X}" for tag in values]
        else:
            result["Value"] = [exact_number(value, vr) for value in values]
    return result


def _bytes_of(element: DataElement) -> Any:
    if not element.is_buffered:
        if isinstance(element.value, (bytes, bytearray, memoryview)):
            return element.value
        raise TypeError(
            f"{element.tag} with VR {element.VR} holds {type(element.value).__name__}, not bytes: that cannot be JSON"
        )
    from pydcm.fileutil import reset_buffer_position

    with reset_buffer_position(element.value):
        return element.value.read()


def _keep(model: dict[str, Any]) -> Any:
    return model


def dataset_to_json_dict(
    ds: Dataset,
    bulk_data_threshold: int = 1024,
    bulk_data_element_handler: BulkDataElementHandler | None = None,
    suppress_invalid_tags: bool = False,
) -> dict[str, Any]:
    """Return a data set as a DICOM JSON Model object, see `pydcm.dataset.Dataset.to_json_dict`."""
    if not suppress_invalid_tags:
        from pydcm._core._json_encode import dataset_to_dict

        with PausedCollector():
            return dataset_to_dict(ds, bulk_data_threshold, bulk_data_element_handler)

    result = {}
    with config.strict_reading():
        for tag in list(ds.keys()):
            key = f"{tag:08X}"
            try:
                result[key] = ds[tag].to_json_dict(bulk_data_element_handler, bulk_data_threshold)
            except Exception as exc:
                config.logger.warning(f"Error while processing tag {key}: {exc}")
    return result


def dataset_to_json(
    ds: Dataset,
    bulk_data_threshold: int = 1024,
    bulk_data_element_handler: BulkDataElementHandler | None = None,
    dump_handler: DumpHandler | None = None,
    suppress_invalid_tags: bool = False,
) -> str:
    """Return a data set as DICOM JSON Model text, see `pydcm.dataset.Dataset.to_json`."""
    if (
        dump_handler is None
        and not suppress_invalid_tags
        and type(ds).to_json_dict is _method("to_json_dict")
    ):
        from pydcm._core._json_encode import dataset_to_text

        with PausedCollector():
            return dataset_to_text(ds, bulk_data_threshold, bulk_data_element_handler)
    model = ds.to_json_dict(bulk_data_threshold, bulk_data_element_handler, suppress_invalid_tags)
    if dump_handler is not None:
        return dump_handler(model)
    import json

    return json.dumps(model, sort_keys=True)


def _method(name: str) -> Any:
    from pydcm.dataset import Dataset

    return getattr(Dataset, name)
