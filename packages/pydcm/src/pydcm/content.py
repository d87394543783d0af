"""What a structured object says, whatever kind of object it is.

:func:`content` looks at a data set's SOP Class UID and hands it to the plugin that reads that class (the entry-point
group ``pydcm.content``, see :mod:`pydcm.plugins`): segmentations, structure sets, plans, dose, presentation states,
waveforms, structured reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import os
    from typing import BinaryIO

    from .dataset import Dataset

__all__ = ["content", "readable"]

# Storage SOP classes (PS3.4 §B.5) whose content a first-party plugin reads, by what their UID starts with
_STORAGE = "1.2.840.10008.5.1.4.1.1."
_HOMES: dict[str, str] = {
    f"{_STORAGE}66.4": "pydcm-seg",
    f"{_STORAGE}66.7": "pydcm-seg",
    f"{_STORAGE}30": "pydcm-seg",
    f"{_STORAGE}481.": "pydcm-rt",
    f"{_STORAGE}9.": "pydcm-sr",
    f"{_STORAGE}11.": "pydcm-sr",
    f"{_STORAGE}88.": "pydcm-sr",
    f"{_STORAGE}104.": "pydcm-sr",
    f"{_STORAGE}91.1": "pydcm-wsi",
    f"{_STORAGE}77.1.6": "pydcm-wsi",
}


def content(
    path: str | os.PathLike[str] | bytes | BinaryIO | Dataset, **options: Any
) -> dict[str, Any] | None:
    """Return what a structured object says, as plain values with codes resolved.

    Parameters
    ----------
    path : str, os.PathLike, bytes, file-like or Dataset
        The object, or where to read it.
    **options
        For the reader of the object's class: ``contours=True`` includes every contour's points (RT Structure Set),
        ``control_points=True`` every control point (RT Plan).

    Returns
    -------
    dict or None
        ``None`` for an object of a class that holds no structured content, such as an image.

    Raises
    ------
    InvalidDicomError
        If `path` is not DICOM.
    MissingPluginError
        If a first-party plugin reads this class, but is not installed.
    PluginLoadError
        If the plugin that reads this class is broken.
    """
    from . import plugins
    from .dataset import Dataset
    from .errors import MissingPluginError

    if isinstance(path, Dataset):
        ds = path
    else:
        from .filereader import dcmread

        ds = dcmread(path)
    uid = str(ds.get("SOPClassUID", ""))
    if plugins.providers("pydcm.content", uid):
        return cast("dict[str, Any]", plugins.load("pydcm.content", uid)(ds, **options))
    home = next(
        (home for start, home in _HOMES.items() if uid == start or uid.startswith(_below(start))), None
    )
    if home is not None and not plugins.is_installed(home):
        raise MissingPluginError(home, feature=f"the content of {plugins.describe_key(uid)}")
    return None


def _below(start: str) -> str:
    """Return the prefix that the UIDs below `start` have."""
    return start if start.endswith(".") else start + "."


def readable() -> list[str]:
    """Return the SOP Class UIDs whose content can be read with what is installed."""
    from . import plugins

    return plugins.keys("pydcm.content")
