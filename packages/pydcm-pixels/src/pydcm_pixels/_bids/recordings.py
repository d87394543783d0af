"""What is in a folder besides images: spectra, recordings of heart and breath, segmentations."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from pydcm_pixels._bids.image_type import is_raw
from pydcm_pixels._bids.physiology import is_recording, recorded, table_endings, write_recording
from pydcm_pixels._bids.segmentation import segmentation_of, write_segmentation
from pydcm_pixels._bids.spectra import is_spectra, spectra_of, without_payload
from pydcm_pixels._bids.spectroscopy import endings, grouped, read_signals, reference_name, write_signals
from pydcm_pixels._series import fields
from pydcm_pixels._series.frames import OTHER_OBJECTS
from pydcm_pixels._series.problems import RECORDINGS, SPECTROSCOPY, LeftOut
from pydcm_pixels._series.scan import unreadable
from pydcm_pixels._vendors.header import header_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydcm.dataset import Dataset
    from pydcm_pixels._bids.output import Choices, Output
    from pydcm_pixels._bids.physiology import Signal
    from pydcm_pixels._bids.segmentation import Segmentation
    from pydcm_pixels._bids.spectra import Spectra
    from pydcm_pixels._vendors.header import Header

__all__ = ["Recording", "find_recordings"]

_SEGMENTATIONS = frozenset(
    OTHER_OBJECTS[uid] for uid in ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
)
_REASONS = frozenset(RECORDINGS.values()) | _SEGMENTATIONS
_ANYTHING = frozenset(RECORDINGS[uid] for uid in RECORDINGS if uid != SPECTROSCOPY)
#: Bytes of an element that is read only when it is asked for, and of files of raw data that are not looked into.
_LARGE, _TOO_LARGE = 1 << 20, 1 << 28
_REFERENCE = "_SBRef"  # in descriptions of series: one volume, whose recording is of no use


class Recording(NamedTuple):
    """Files that are converted together.

    Attributes
    ----------
    header : Header
        Of the first file.
    files : list of str
        Their paths.
    ending : str
        What tells it from others of its series, after the name.
    spectra : list of Spectra
        What they hold, if it is that.
    signals : list of Signal
        The recorded signals, if it is these.
    starts : list of int
        When volumes were begun while they were recorded.
    segmentation : Segmentation or None
        The segmentation, if it is one.
    """

    header: Header
    files: list[str]
    ending: str = ""
    spectra: list[Spectra] = []
    signals: list[Signal] = []
    starts: list[int] = []
    segmentation: Segmentation | None = None

    @property
    def kind(self) -> str:
        """What it is, in a word."""
        return "recording" if self.signals else "spectra" if self.spectra else "segmentation"

    def names(self, base: str, ending: str) -> list[str]:
        """Return all files that may be written under a name."""
        if self.signals:
            return [
                f"{base}{mark}{kind}" for mark in table_endings(self.signals) for kind in (".tsv.gz", ".json")
            ]
        kinds = dict.fromkeys((ending, ".nii", ".nii.gz", ".json"))
        return [f"{name}{kind}" for name in (base, reference_name(base)) for kind in kinds]

    def write(self, base: str, sidecar: dict[str, Any], choices: Choices, personal: bool) -> Iterator[Output]:
        """Write the files.

        Parameters
        ----------
        base : str
            Path without ending.
        sidecar : dict
            The sidecar of an image with this header.
        choices : Choices
            How to write.
        personal : bool
            Whether the patient may be told.

        Raises
        ------
        LeftOut
            If there is nothing to write.
        """
        if self.signals:
            yield from write_recording(self.signals, self.starts, base, choices)
        elif choices.ending == ".nrrd":
            raise LeftOut("spectra and segmentations are written as NIfTI alone, not as NRRD")
        elif self.segmentation is not None:
            yield from write_segmentation(self.segmentation, base, sidecar, choices)
        else:
            yield from write_signals(read_signals(self.spectra), base, sidecar, choices, personal=personal)


def find_recordings(
    left_out: list[tuple[str, str]], merge: bool = False
) -> tuple[list[Recording], list[tuple[str, str]]]:
    """Return what can be converted of the files that are no images, and the others with the reasons.

    Parameters
    ----------
    left_out : list of (str, str)
        Files that are no images, and why.
    merge : bool, optional
        Keep the echoes of a series together.
    """
    kept: list[tuple[str, str]] = []
    spectra: list[Spectra] = []
    found: list[Recording] = []
    seen: set[str] = set()
    for path, reason in left_out:
        if reason not in _REASONS or (reason in _ANYTHING and os.path.getsize(path) > _TOO_LARGE):
            kept.append((path, reason))
            continue
        try:
            ds = _read(path, reason in _SEGMENTATIONS)
            uid = str(ds.get("SOPInstanceUID", path))
            if uid in seen:
                raise LeftOut("the same image (SOP Instance UID) is there twice")
            if reason in _SEGMENTATIONS:
                masks = segmentation_of(path, ds)
                mark = "_Raw" if is_raw(masks.header) else ""
                found.append(Recording(masks.header, [path], mark, segmentation=masks))
            elif is_recording(ds):
                found.append(_recording(ds, path))
            elif is_spectra(ds):
                spectra.append(spectra_of(path, ds))
            else:
                raise LeftOut(reason)
            seen.add(uid)
        except LeftOut as error:
            kept.append((path, str(error)))
        except Exception as error:  # whatever is wrong with one file, the others are converted
            kept.append((path, unreadable(error)))
    groups = grouped(spectra, merge)
    for members, ending in zip(groups, endings(groups), strict=True):
        found.append(Recording(members[0].header, [one.path for one in members], ending, members))
    return found, kept


def _read(path: str, header_alone: bool) -> Dataset:
    from pydcm.filereader import dcmread

    return dcmread(path, force=True, stop_before_pixels=header_alone, defer_size=_LARGE)


def _recording(ds: Dataset, path: str) -> Recording:
    if _REFERENCE in fields.text(ds, 0x0008103E):
        raise LeftOut("a recording of a single-band reference: that of its series is converted")
    signals, starts = recorded(ds)
    return Recording(header_of(without_payload(ds), path), [path], signals=signals, starts=starts)
