"""Example data sets to try things with; everything in them is invented.

    >>> from pydcm import examples
    >>> ds = examples.ct
    >>> path = examples.get_path("ct")

The attributes are ``ct``, ``dicomdir``, ``jpeg2k``, ``mr``, ``no_meta``, ``overlay``, ``palette_color``, ``rgb_color``,
``rt_dose``, ``rt_plan``, ``rt_ss``, ``waveform`` and ``ybr_color``. Each access reads the file anew, so that a data set may
be changed freely.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pydcm.dataset import FileDataset

    ct: FileDataset
    dicomdir: FileDataset
    jpeg2k: FileDataset
    mr: FileDataset
    no_meta: FileDataset
    overlay: FileDataset
    palette_color: FileDataset
    rgb_color: FileDataset
    rt_dose: FileDataset
    rt_plan: FileDataset
    rt_ss: FileDataset
    waveform: FileDataset
    ybr_color: FileDataset

_FILES = {
    "ct": "CT_small.dcm",
    "dicomdir": "file_set/DICOMDIR",
    "jpeg2k": "examples_jpeg2k.dcm",
    "mr": "MR_small.dcm",
    "no_meta": "no_meta.dcm",
    "overlay": "examples_overlay.dcm",
    "palette_color": "examples_palette.dcm",
    "rgb_color": "examples_rgb_color.dcm",
    "rt_dose": "rtdose.dcm",
    "rt_plan": "rtplan.dcm",
    "rt_ss": "rtstruct.dcm",
    "waveform": "waveform_ecg.dcm",
    "ybr_color": "examples_ybr_color.dcm",
}


def get_path(name: str) -> Path:
    """Return the path of an example's file.

    Parameters
    ----------
    name : str
        The name of the attribute, such as ``"ct"``.

    Raises
    ------
    ValueError
        If there is no such example.
    """
    if name not in _FILES:
        raise ValueError(f"No example dataset exists with the name '{name}'")
    from pydcm.data._roots import OWN_ROOT

    return OWN_ROOT / "test_files" / _FILES[name]


def __getattr__(name: str) -> FileDataset:
    if name not in _FILES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pydcm.filereader import dcmread

    return dcmread(get_path(name), force=True)


def __dir__() -> list[str]:
    return sorted([*_FILES, "get_path"])
