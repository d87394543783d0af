"""The exceptions raised by pydcm.

Errors about a file's content derive from :class:`DicomError`, which can carry *where* the trouble is: the
file, the byte offset and the path of tags that leads to the element. Whatever of it is known is appended to
the message.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from typing import Any

__all__ = [
    "AmbiguousVRError",
    "BytesLengthException",
    "DicomError",
    "DicomLimitError",
    "InvalidDicomError",
    "MissingPluginError",
    "PluginLoadError",
    "TruncatedDicomError",
]


class DicomError(Exception):
    """Base class of the errors about DICOM content.

    Parameters
    ----------
    *args
        As for :class:`Exception`; the message comes first.
    file : str or os.PathLike, optional
        The file that was being read or written.
    offset : int, optional
        The position in that file, in bytes from its start.
    tag_path : str or iterable of (int or str), optional
        The way from the root data set to the element: tags and item numbers, outermost first.
    """

    file: str | None = None
    offset: int | None = None
    tag_path: str | None = None

    def __init__(
        self,
        *args: Any,
        file: str | os.PathLike[str] | None = None,
        offset: int | None = None,
        tag_path: str | Iterable[int | str] | None = None,
    ) -> None:
        super().__init__(*args)
        # Only what is known is stored, so that most instances carry no extra state
        if file is not None:
            self.file = str(file)
        if offset is not None:
            self.offset = offset
        if tag_path is not None:
            self.tag_path = tag_path if isinstance(tag_path, str) else " > ".join(map(_step, tag_path))

    @property
    def location(self) -> str:
        """What is known of the place, such as ``"offset 0x1F4 in a.dcm, at (0008,1140)"``; empty if nothing
        is."""
        place = ""
        if self.offset is not None:
            place = f"offset 0x{self.offset:X}"
        if self.file is not None:
            place = f"{place} in {self.file}" if place else f"file {self.file}"
        if self.tag_path is not None:
            place = f"{place}, at {self.tag_path}" if place else f"at {self.tag_path}"
        return place

    def __str__(self) -> str:
        text = super().__str__()
        place = self.location
        if not place:
            return text
        return f"{text} [{place}]" if text else place


def _step(step: int | str) -> str:
    """Return one step of a tag path: a tag as ``(gggg,eeee)``, an item number (a string) as it is."""
    return step if isinstance(step, str) else f"({step >> 16:04X},{step & 0xFFFF:04X})"


class InvalidDicomError(DicomError):
    """The input is not DICOM, or too damaged to be taken for it.

    Most often the prefix ``DICM`` is missing at byte 128 (PS3.10 §7.1). ``dcmread(..., force=True)`` reads a
    data set that was stored without the preamble all the same.
    """

    def __init__(self, *args: Any, **place: Any) -> None:
        super().__init__(*(args or ("The specified file is not a valid DICOM file.",)), **place)


class AmbiguousVRError(DicomError, AttributeError):
    """The attribute that decides which of two VRs an element has (US or SS, OB or OW: PS3.5 §A) is missing."""


class BytesLengthException(DicomError):
    """A value's number of bytes does not fit its value representation."""


class DicomLimitError(DicomError):
    """The input asks for more than a bound of :mod:`pydcm.limits` allows.

    Parameters
    ----------
    *args
        The message.
    limit : str, optional
        The name of the constant in :mod:`pydcm.limits`; the message is completed by how to raise it.
    **place
        ``file``, ``offset`` and ``tag_path``, as for :class:`DicomError`.
    """

    limit: str | None = None

    def __init__(self, *args: Any, limit: str | None = None, **place: Any) -> None:
        super().__init__(*args, **place)
        if limit is not None:
            self.limit = limit

    def __str__(self) -> str:
        text = super().__str__()
        if self.limit is None:
            return text
        return f"{text}; if the data can be trusted, raise pydcm.limits.{self.limit}"


class MissingPluginError(ImportError):
    """A plugin distribution that is needed is not installed.

    Parameters
    ----------
    distribution : str
        The distribution that provides the capability, such as ``"pydcm-seg"``.
    extra : str, optional
        The extra of ``pydcm`` that installs it. By default the distribution's name after ``pydcm-``; pass an
        empty string for a distribution that no extra covers.
    feature : str, optional
        What was asked for, such as ``"pydcm.seg"``.
    installed : str, optional
        The distribution's version if it is installed, but does not have `feature`.

    Attributes
    ----------
    remedy : str
        The one command that installs what is missing.
    """

    def __init__(
        self,
        distribution: str,
        extra: str | None = None,
        feature: str | None = None,
        installed: str | None = None,
    ) -> None:
        self.distribution = distribution
        self.extra = distribution.removeprefix("pydcm-") if extra is None else extra
        self.feature = feature
        target = f'"pydcm[{self.extra}]"' if self.extra else distribution
        self.installed = installed
        if installed is None:
            self.remedy = f"pip install {target}"
            lack = f"needs the distribution '{distribution}', which is not installed"
        else:
            self.remedy = f"pip install --upgrade {target}"
            lack = f"is not part of the installed '{distribution}' {installed}; a newer version may have it"
        super().__init__(f"{feature or 'This'} {lack}. Install it with:  {self.remedy}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.distribution, self.extra, self.feature, self.installed)


class PluginLoadError(DicomError):
    """A plugin is installed, but its entry point cannot be used; the cause is chained.

    Parameters
    ----------
    *args
        The message.
    entry_point : str, optional
        The entry point in full: group, key, object and distribution.
    """

    entry_point: str | None = None

    def __init__(self, *args: Any, entry_point: str | None = None) -> None:
        super().__init__(*args)
        if entry_point is not None:
            self.entry_point = entry_point

    def __str__(self) -> str:
        text = super().__str__()
        return text if self.entry_point is None else f"{text} (entry point: {self.entry_point})"


class TruncatedDicomError(InvalidDicomError, OSError):
    """The data ended, or went astray, in the middle of a structure."""
