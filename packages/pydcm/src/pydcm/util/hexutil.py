"""Bytes written as hexadecimal numbers."""

from __future__ import annotations


def hex2bytes(hexstring: str | bytes) -> bytes:
    """Return the bytes written as pairs of hexadecimal digits, with white space anywhere between them.

    Parameters
    ----------
    hexstring : str or bytes
        The digits, such as ``"08 00 32 10"``.

    Raises
    ------
    TypeError
        If `hexstring` is neither text nor bytes.
    ValueError
        If there is anything but pairs of digits.
    """
    if isinstance(hexstring, bytes):
        hexstring = hexstring.decode("ascii")
    if not isinstance(hexstring, str):
        raise TypeError("argument shall be bytes or string type")
    return bytes.fromhex(hexstring)


def bytes2hex(byte_string: bytes) -> str:
    """Return bytes as pairs of hexadecimal digits with a space between them.

    Parameters
    ----------
    byte_string : bytes
        The bytes.
    """
    return byte_string.hex(" ")
