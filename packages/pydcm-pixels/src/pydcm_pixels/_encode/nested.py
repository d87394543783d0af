"""Pixel data inside sequences, such as icons: in an encapsulated syntax it may be encapsulated too (PS3.5 §A.4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pydcm.tag import BaseTag

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from pydcm.dataset import Dataset
    from pydcm.uid import UID

_PIXEL_DATA = BaseTag(0x7FE00010)
_ENCODED_TAG = re.compile(re.escape(b"\xe0\x7f\x10\x00"))


class Nested(NamedTuple):
    """An item, its samples, and the Image Pixel values that describe them."""

    item: Dataset
    samples: np.ndarray
    properties: dict[str, Any]


def decode_nested(ds: Dataset, source: UID) -> list[Nested]:
    """Decode the encapsulated pixel data of items in `ds`; give the result to :func:`store_nested`.

    Frames of the old transfer syntax would be garbage in any other one.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        It is not changed.
    source : pydcm.uid.UID
        Its transfer syntax.

    Raises
    ------
    ValueError
        If frames of an item cannot be decoded.
    """
    from pydcm_pixels._encode.pipeline import decode_all

    decoded = []
    for item in _encapsulated_items(ds):
        try:
            decoded.append(Nested(item, *decode_all(item, source, "", 1)))
        except Exception as exc:
            raise ValueError(
                f"The pixel data in an item of a sequence, perhaps an icon, cannot be decoded: {exc}. Delete the item if it "
                "is not needed"
            ) from exc
    return decoded


def store_nested(decoded: list[Nested]) -> None:
    """Make the pixel data of items uncompressed, which it may be in every transfer syntax."""
    from pydcm_pixels._encode.describe import describe, native_bytes
    from pydcm_pixels._utils.store import store_native

    for item, samples, properties in decoded:
        store_native(item, native_bytes(item, samples))
        describe(item, properties, str(properties["photometric_interpretation"]))


def _encapsulated_items(ds: Dataset) -> Iterator[Dataset]:
    for tag in list(ds.keys()):
        if not _may_have_pixels(ds, tag):
            continue
        for item in ds[tag].value:
            if _PIXEL_DATA in item and item[_PIXEL_DATA].is_undefined_length:
                yield item
            yield from _encapsulated_items(item)


def _may_have_pixels(ds: Dataset, tag: BaseTag) -> bool:
    """Tell, for what was read without parsing it, whether it is a sequence with pixel data in it."""
    location, encoded = ds._row_location(tag), ds._buffer(tag)
    if location is None or encoded is None:
        return ds[tag].VR == "SQ"
    return location[1] == "SQ" and _ENCODED_TAG.search(encoded) is not None
