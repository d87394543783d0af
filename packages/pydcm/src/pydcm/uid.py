"""Unique identifiers: the UID type, the ones that the standard defines, and making new ones."""

from __future__ import annotations

from ._tables.named_uids import *
from ._uid import UID as UID
from ._uid import known_uid

TYPE_CHECKING = False

if TYPE_CHECKING:
    import re
    from typing import Any

    from ._dictionaries import Entry

UID_dictionary: dict[str, Entry]
"""(name, type, information, ``"Retired"`` or empty, keyword) of every UID of PS3.6 annex A."""
RE_VALID_UID: re.Pattern[str]
"""The form of a valid UID; its length is not part of the pattern."""
RE_VALID_UID_PREFIX: re.Pattern[str]
"""The form of a valid prefix: a UID followed by a full stop."""

PYDICOM_ROOT_UID = "1.2.826.0.1.3680043.8.498."
"""The root that :func:`generate_uid` uses by default, the one that files of this family carry."""
PYDICOM_IMPLEMENTATION_UID = known_uid("1.2.826.0.1.3680043.8.498.1")
"""The value written to (0002,0012) *Implementation Class UID*."""

UncompressedTransferSyntaxes = [
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
]
"""Transfer syntaxes with native, that is not encapsulated, pixel data."""

JPEGTransferSyntaxes = [JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1]
"""JPEG, ISO/IEC 10918-1."""

JPEGLSTransferSyntaxes = [JPEGLSLossless, JPEGLSNearLossless]
"""JPEG-LS, ISO/IEC 14495-1."""

JPEG2000TransferSyntaxes = [
    JPEG2000Lossless,
    JPEG2000,
    JPEG2000MCLossless,
    JPEG2000MC,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    HTJ2K,
]
"""JPEG 2000, ISO/IEC 15444-1 and, with high throughput, 15444-15."""

MPEGTransferSyntaxes = [
    MPEG2MPML,
    MPEG2MPMLF,
    MPEG2MPHL,
    MPEG2MPHLF,
    MPEG4HP41,
    MPEG4HP41F,
    MPEG4HP41BD,
    MPEG4HP41BDF,
    MPEG4HP422D,
    MPEG4HP422DF,
    MPEG4HP423D,
    MPEG4HP423DF,
    MPEG4HP42STEREO,
    MPEG4HP42STEREOF,
    HEVCMP51,
    HEVCM10P51,
]
"""MPEG-2, MPEG-4 AVC/H.264 and HEVC/H.265 video."""

RLETransferSyntaxes = [RLELossless]
"""Run-length encoding (PS3.5 annex G)."""

AllTransferSyntaxes = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    *JPEGTransferSyntaxes,
    *JPEGLSTransferSyntaxes,
    JPEG2000Lossless,
    JPEG2000,
    JPEG2000MCLossless,
    JPEG2000MC,
    *MPEGTransferSyntaxes,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    HTJ2K,
    JPIPHTJ2KReferenced,
    JPIPHTJ2KReferencedDeflate,
    *RLETransferSyntaxes,
    SMPTEST211020UncompressedProgressiveActiveVideo,
    SMPTEST211020UncompressedInterlacedActiveVideo,
    SMPTEST211030PCMDigitalAudio,
]
"""The transfer syntaxes in use, and Explicit VR Big Endian."""

PrivateTransferSyntaxes: list[UID] = []
"""What :func:`register_transfer_syntax` has added."""

_MAX_PREFIX_LENGTH = 54


def __getattr__(name: str) -> Any:
    value: Any
    if name == "UID_dictionary":
        from ._dictionaries import uids

        value = uids()
    elif name == "RE_VALID_UID":
        from ._uid import valid_uid_pattern

        value = valid_uid_pattern()
    elif name == "RE_VALID_UID_PREFIX":
        import re

        value = re.compile(r"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*\.$")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), "UID_dictionary", "RE_VALID_UID", "RE_VALID_UID_PREFIX"})


def register_transfer_syntax(
    uid: str | UID, implicit_vr: bool | None = None, little_endian: bool | None = None
) -> UID:
    """Make a private transfer syntax known, so that files in it can be read.

    Parameters
    ----------
    uid : str or UID
        The transfer syntax.
    implicit_vr, little_endian : bool, optional
        How its data sets are encoded. May be left out for a UID that was told so by
        :meth:`UID.set_private_encoding`.

    Returns
    -------
    UID
        The transfer syntax, with its encoding set.

    Raises
    ------
    ValueError
        If the encoding is neither given nor set before.
    """
    uid = UID(uid)
    if implicit_vr is not None and little_endian is not None:
        uid.set_private_encoding(implicit_vr, little_endian)
    elif not uid.is_transfer_syntax:
        raise ValueError(
            "The corresponding dataset encoding for 'uid' must be set using the 'implicit_vr' and "
            "'little_endian' arguments"
        )
    if uid not in PrivateTransferSyntaxes:
        PrivateTransferSyntaxes.append(uid)
    return uid


def generate_uid(prefix: str | None = PYDICOM_ROOT_UID, entropy_srcs: list[str] | None = None) -> UID:
    """Make a new UID of at most 64 characters (PS3.5 §9 and annex B).

    Parameters
    ----------
    prefix : str or None, optional
        What the UID starts with: a root of one's own and a full stop, at most 54 characters.
        With None it is ``2.25.`` and the number of a random UUID follows (ISO/IEC 9834-8).
    entropy_srcs : list of str, optional
        With these the rest of the UID is taken from their SHA-512: the same strings give the
        same UID, and cannot be found from it. Without, the rest is a random number from the
        operating system. Not used when `prefix` is None.

    Returns
    -------
    UID

    Raises
    ------
    ValueError
        If the prefix is malformed or too long.

    Examples
    --------
    >>> generate_uid(entropy_srcs=["lorem", "ipsum"])
    '1.2.826.0.1.3680043.8.498.87507166259346337659265156363895084463'
    """
    if prefix is None:
        import uuid

        return known_uid(f"2.25.{uuid.uuid4().int}")
    if len(prefix) > _MAX_PREFIX_LENGTH:
        raise ValueError(f"The 'prefix' should be no more than {_MAX_PREFIX_LENGTH} characters long")
    if __getattr__("RE_VALID_UID_PREFIX").fullmatch(prefix) is None:
        raise ValueError(
            "The 'prefix' is not valid for use with a UID, see Part 5, Section 9.1 of the DICOM Standard"
        )
    if entropy_srcs is None:
        import secrets

        number = secrets.randbelow(10 ** (64 - len(prefix)))
    else:
        import hashlib

        number = int(hashlib.sha512("".join(entropy_srcs).encode()).hexdigest(), 16)
    return known_uid(f"{prefix}{number}"[:64])
