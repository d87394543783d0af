"""Converters of numbers, written out or binary, and of tags."""

from __future__ import annotations

from struct import calcsize, unpack

from .. import config, valuerep
from .._core._textarrays import fill_decimals, fill_integers, text_extent
from ..charset import default_encoding
from ..errors import BytesLengthException
from ..multival import MultiValue
from ..tag import BaseTag, Tag
from ..valuerep import IS
from ._strings import multi_string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableSequence
    from typing import Any

    import numpy


def _numpy_from_text(text: str, vr: str, repertoire: str, dtype: str) -> Any:
    """Return numbers written as text as a numpy array of shape (values,), or as a scalar if there is one.

    Raises
    ------
    ImportError
        If numpy is not installed.
    ValueError
        If `text` has characters outside of `repertoire`; numpy itself would stop there silently.
    """
    try:
        import numpy
    except ImportError as exc:
        raise ImportError(f"use_{vr}_numpy set but numpy not installed") from exc
    encoded = text.encode(default_encoding)
    n_values = text_extent(encoded)[1]
    numbers = numpy.empty(n_values, dtype)
    fill = fill_decimals if dtype == "f8" else fill_integers
    if n_values and fill(encoded, numbers) == n_values:
        return numbers[0] if n_values == 1 else numbers
    # What is not plainly standard is numpy's to interpret
    strangers = text.translate({ord(char): None for char in repertoire})
    if strangers:
        raise ValueError(f"{vr}: char(s) not in repertoire: '{strangers}'")
    numbers = numpy.fromstring(text, dtype=dtype, sep="\\")
    return numbers[0] if len(numbers) == 1 else numbers


def convert_DS_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> (
    valuerep.DSfloat
    | valuerep.DSdecimal
    | MutableSequence[valuerep.DSfloat]
    | MutableSequence[valuerep.DSdecimal]
    | numpy.float64
    | numpy.ndarray
):
    """Return the value of a DS element.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    DSfloat, or MultiValue of DSfloat
        By default.
    DSdecimal, or MultiValue of DSdecimal
        If :data:`~pydcm.config.use_DS_decimal`.
    numpy.float64, or numpy.ndarray of float64, shape (values,)
        If :data:`~pydcm.config.use_DS_numpy`.

    Raises
    ------
    ValueError
        If numpy is to be used and there are characters that no DS has.
    ImportError
        If numpy is to be used and not installed.
    """
    text = byte_string.decode(default_encoding)
    if config.use_DS_numpy:
        return _numpy_from_text(text, "DS", " \\0123456789.+-eE", "f8")
    # DSclass is looked up here, as config.DS_decimal() replaces it
    numbers: Any = multi_string(text.strip(), valuerep.DSclass)
    return numbers


def convert_IS_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> IS | MutableSequence[IS] | numpy.int64 | numpy.ndarray:
    """Return the value of an IS element.

    Parameters
    ----------
    byte_string, is_little_endian, struct_format
        As for :func:`convert_string`.

    Returns
    -------
    IS, or MultiValue of IS
        By default.
    numpy.int64, or numpy.ndarray of int64, shape (values,)
        If :data:`~pydcm.config.use_IS_numpy`.

    Raises
    ------
    ValueError
        If numpy is to be used and there are characters that no IS has.
    ImportError
        If numpy is to be used and not installed.
    """
    text = byte_string.decode(default_encoding)
    if config.use_IS_numpy:
        return _numpy_from_text(text, "IS", " \\0123456789.+-", "i8")
    return multi_string(text, IS)


def convert_numbers(
    byte_string: bytes, is_little_endian: bool, struct_format: str
) -> str | int | float | MutableSequence[int] | MutableSequence[float]:
    """Return the value of an element of binary numbers.

    Parameters
    ----------
    byte_string : bytes
        The encoded value.
    is_little_endian : bool
        ``True`` if the least significant byte of a number comes first.
    struct_format : str
        One number as a format of :mod:`struct`, without the byte order.

    Returns
    -------
    int or float
        A single number.
    list of int or list of float
        Several numbers.
    str
        The empty string for no bytes.

    Raises
    ------
    BytesLengthException
        If there is not a whole number of numbers.
    """
    # A byte order of its own makes struct use the standard sizes
    order = "<" if is_little_endian else ">"
    size = calcsize(order + struct_format)
    length = len(byte_string)
    count, rest = divmod(length, size)
    if rest:
        shown = repr(byte_string) if length <= 256 else "bytes"
        raise BytesLengthException(
            f"Expected total bytes to be an even multiple of bytes per value. Instead received {shown} "
            f"with length {length} and struct format '{struct_format}' which corresponds to bytes per value "
            f"of {size}."
        )
    if count == 0:
        return ""
    numbers = unpack(f"{order}{count}{struct_format}", byte_string)
    return numbers[0] if count == 1 else list(numbers)


def convert_tag(byte_string: bytes, is_little_endian: bool, offset: int = 0) -> BaseTag:
    """Return the tag encoded at a position.

    Parameters
    ----------
    byte_string : bytes
        At least four bytes.
    is_little_endian : bool
        ``True`` if the least significant byte of a number comes first.
    offset : int, optional
        Where the tag begins.

    Raises
    ------
    ValueError
        If there are fewer than four bytes.
    """
    encoded = byte_string[offset : offset + 4]
    if len(encoded) < 4:
        raise ValueError("byte string too short - must be at least 4 bytes long.")
    group, element = unpack("<HH" if is_little_endian else ">HH", encoded)
    return BaseTag(group << 16 | element)


def convert_ATvalue(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> BaseTag | MutableSequence[BaseTag]:
    """Return the value of an AT element; bytes too few for a tag at the end are left out.

    Parameters
    ----------
    byte_string : bytes
        The encoded value.
    is_little_endian : bool
        ``True`` if the least significant byte of a number comes first.
    struct_format : str, optional
        Not used.

    Returns
    -------
    BaseTag or MultiValue of BaseTag
    """
    length = len(byte_string)
    if length == 4:
        return convert_tag(byte_string, is_little_endian)
    if length % 4:
        config.logger.warning("Expected length to be multiple of 4 for VR 'AT', got length %d", length)
    tags = [convert_tag(byte_string, is_little_endian, offset) for offset in range(0, length - length % 4, 4)]
    return MultiValue(Tag, tags)
