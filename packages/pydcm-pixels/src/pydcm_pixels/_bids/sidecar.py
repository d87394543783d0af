"""The sidecar: what dcm2niix writes beside a NIfTI file, by the same names, in the same units and order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._bids.acquisition import acquisition
from pydcm_pixels._bids.equipment import acquisition_times, equipment, identity, name_bands, series
from pydcm_pixels._bids.guess import bids_guess
from pydcm_pixels._bids.orientation import orientation
from pydcm_pixels._bids.recent import Recent
from pydcm_pixels._bids.slice_timing import slice_timing
from pydcm_pixels._series import fields
from pydcm_pixels._series.problems import RECORDINGS
from pydcm_pixels._vendors.header import Header, header_of, modality

if TYPE_CHECKING:
    from os import PathLike

    from pydcm.dataset import Dataset
    from pydcm_pixels._series.frame import Frame
    from pydcm_pixels._series.stack import Stack

__all__ = ["bids_sidecar", "image_sidecar"]

_REPEATED = ("MR", "CT")  # what depends on a header as Header gives it and on nothing else


def bids_sidecar(
    source: Stack | Dataset | str | PathLike[str], *, anonymize: bool = False, flip_rows: bool = True
) -> dict[str, Any]:
    """Return the BIDS sidecar of an image, or of spectra: the metadata that dcm2niix writes beside its NIfTI file.

    Parameters
    ----------
    source : Stack, Dataset, str or PathLike
        A stack of a series, a data set, or one file.
    anonymize : bool, optional
        Leave out the patient, dates and unique identifiers.
    flip_rows : bool, optional
        Whether the sidecar is for a NIfTI file with rows in reverse order (as dcm2niix and ``convert_series`` write):
        *PhaseEncodingDirection* along j depends on it.

    Returns
    -------
    dict
        Times in seconds, in the order of dcm2niix; only fields that the headers give.
    """
    frames = getattr(source, "frames", None)
    if frames is not None:
        header = Header(_earliest(frames[0], len(frames) == 1))
    else:
        ds: Any = source
        if not hasattr(ds, "file_meta"):
            from pydcm import dcmread

            ds = dcmread(source, stop_before_pixels=True)
        if fields.text(ds, 0x00080016) in RECORDINGS and 0x00280100 not in ds:
            return _of_spectra(ds, anonymize)
        header = header_of(ds)
        if header.frame.groups is None and modality(header) in _REPEATED:
            return _recent.sidecar(header, anonymize, flip_rows)
    return _describe(header, source if frames is not None else None, anonymize, flip_rows)


def image_sidecar(header: Header, *, anonymize: bool = False) -> dict[str, Any]:
    """Return the sidecar that an image with this header would have."""
    return _describe(header, None, anonymize, True)


def _of_spectra(ds: Dataset, anonymize: bool) -> dict[str, Any]:
    from copy import deepcopy

    from pydcm_pixels._bids.spectra import is_spectra, spectra_of
    from pydcm_pixels._bids.spectra_sidecar import spectra_sidecar

    if not is_spectra(ds):
        return image_sidecar(header_of(ds), anonymize=anonymize)
    one = spectra_of("", deepcopy(ds))  # it is completed there
    return spectra_sidecar(one, image_sidecar(one.header, anonymize=anonymize))


def _earliest(volume: list[Frame], alone: bool) -> Frame:
    """Return the frame that was numbered first: what differs between slices is told of that one.

    If the numbers do not follow the positions, it is the first slice, as dcm2niix puts these in order.
    """
    first = volume[0]
    if first.groups is not None or first.tile is not None or (alone and not _follows(volume)):
        return first
    return min(volume, key=lambda frame: frame.order)


def _follows(volume: list[Frame]) -> bool:
    """Say whether the numbers of slices rise or fall with their positions."""
    orders = [frame.order for frame in volume]
    return orders == sorted(orders) or orders == sorted(orders, reverse=True)


def _describe(header: Header, stack: Any, anonymize: bool, flip_rows: bool) -> dict[str, Any]:
    result: dict[str, Any] = {}
    equipment(result, header)
    identity(result, header, anonymize)
    series(result, header, stack, anonymize)
    timing = slice_timing(header, stack)
    acquisition(result, header, stack, flip_rows, timing.bands)
    if timing.times:
        result["SliceTiming"] = timing.times
    if timing.bands > 1:
        name_bands(result)
    orientation(result, header)
    guess = bids_guess(header, result, stack)
    if guess:
        result["BidsGuess"] = guess
    result["ConversionSoftware"] = "pydcm"
    return result


_recent = Recent(_describe, acquisition_times)
