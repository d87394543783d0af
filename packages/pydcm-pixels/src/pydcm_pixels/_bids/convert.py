"""Convert everything in a folder to NIfTI with sidecars, as dcm2niix does."""

from __future__ import annotations

import errno
import os
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from pydcm_pixels._bids.image_type import echo_number, is_raw
from pydcm_pixels._bids.naming import TELLS_IMAGE, Names, checked, expand, planes, suffix
from pydcm_pixels._bids.output import Choices, Output, chosen, write_output
from pydcm_pixels._bids.recordings import find_recordings
from pydcm_pixels._bids.sidecar import bids_sidecar, image_sidecar
from pydcm_pixels._bids.skipping import why_skipped
from pydcm_pixels._bids.tiles import in_file_order, side_by_side
from pydcm_pixels._diffusion.gradients import table
from pydcm_pixels._series.discovery import discover, find_stacks
from pydcm_pixels._series.problems import LeftOut
from pydcm_pixels._series.scan import expand as files_of
from pydcm_pixels._series.scan import reporter
from pydcm_pixels._vendors.header import Header

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from os import PathLike

    from pydcm_pixels._series.stack import Stack

__all__ = ["UNWRITABLE", "Conversion", "Output", "convert_series", "series_code"]

_ENDINGS = (".nii", ".nii.gz", ".nrrd", ".json", ".bval", ".bvec")
#: What leaves the patient unknown in a sidecar that keeps dates and unique identifiers.
_PERSONAL = (
    "ReferringPhysicianName PatientName PatientID AccessionNumber PatientBirthDate PatientSex PatientSize PatientWeight PatientAge"
).split()
_BEFORE_COMMENT = "SeriesNumber AcquisitionTime AcquisitionDateTime AcquisitionNumber ImageComments".split()
#: Bytes of a comment; one more ends it.
_COMMENT = 23
#: What the reason begins with if a file cannot be written.
UNWRITABLE = "cannot be written: "
_THERE = "its output is there already"
#: Errors of the place to write to: nothing can be written from then on.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class Conversion(NamedTuple):
    """What was converted, and what was not.

    Attributes
    ----------
    outputs : list of Output
        In the order of the series.
    left_out : list of (str, str)
        Files that are in no output, and why.
    """

    outputs: list[Output]
    left_out: list[tuple[str, str]]


def convert_series(
    source: str | PathLike[str] | Iterable[str | PathLike[str]],
    target: str | PathLike[str],
    *,
    pattern: str = "%f_%p_%t_%s",
    gzip: bool = True,
    nrrd: bool = False,
    level: int = 1,
    separate: bool = False,
    sidecar: bool | str = True,
    anonymize: bool | str = True,
    comment: str | None = None,
    on_conflict: str = "suffix",
    regular: bool = True,
    turn: bool = True,
    crop: bool = False,
    merge: bool = False,
    terse: bool = False,
    only: Collection[int] | None = None,
    depth: int | None = None,
    skip_derived: bool = False,
    integers: str = "original",
    precise: bool | str = True,
    workers: int | None = None,
    progress: Any = None,
) -> Conversion:
    """Convert all series in files and folders to NIfTI, with BIDS sidecars and FSL's gradient tables.

    MR spectra are converted to NIfTI-MRS, recordings of heart and breath to BIDS tables, segmentations to masks.

    Rows are stored in reverse order, as by dcm2niix; positions stay what they are. Images are read and written part by
    part: however many there are, memory holds about 16 MB of them and their headers (4 to 130 KB a file; of more than
    2000 files, those of one series at a time). Only what is turned is held as a whole.

    Parameters
    ----------
    source : path or iterable of paths
        Files and folders.
    target : path
        The folder to write to; it is made if it is not there. Nothing is written outside of it.
    pattern : str, optional
        Names of the outputs: ``%p`` protocol, ``%s`` series number, ``%t`` date and time, ``%d`` description, ``%f`` folder,
        ``%i`` patient's ID, …, as in dcm2niix; the help of ``pydcm convert-series`` has them all. Slashes make folders.
    gzip : bool, optional
        Write ``.nii.gz``, else ``.nii``.
    nrrd : bool, optional
        Write real-world values as ``.nrrd`` instead, compressed if `gzip`; held in memory as a whole.
    level : int, optional
        Of compression: 1 (fast) to 9 (small).
    separate : bool, optional
        Write a file for each volume, numbered from 1.
    sidecar : bool or "only", optional
        Write ``.json``; ``"only"`` writes no images.
    anonymize : bool or "patient", optional
        Leave patient, dates and unique identifiers out of the sidecar; ``"patient"`` leaves out the patient alone.
    comment : str, optional
        Up to 23 bytes for the field ``aux_file`` of NIfTI's header and the sidecar; an empty one leaves the images' own
        comments out of the sidecar.
    on_conflict : {"suffix", "skip", "overwrite"}, optional
        What to do if an output is there already: add a letter to the name, leave it, or replace it.
    regular : bool, optional
        Where slices are at uneven distances (by more than 0.2 mm), or CT slices were made with a tilted gantry, write a
        second file with even distances (name ending in ``_Eq_1``) and perpendicular axes (``_Tilt_1``), as dcm2niix does.
    turn : bool, optional
        Turn MR slabs that were acquired in three dimensions so that their axes are the patient's.
    crop : bool, optional
        Of these, write a second file (``_Crop_1``) without what is more than 170 mm below the top of the head.
    merge : bool, optional
        Keep the echoes and components (magnitude, phase, …) of a series in one file where they have one grid.
    terse : bool, optional
        Leave out what tells outputs of a series apart from the names.
    only : collection of int, optional
        Codes (:func:`series_code`) of the series to convert, the others are left out.
    depth : int, optional
        How many levels of folders are searched; by default all.
    skip_derived : bool, optional
        Leave out derived images, localizers, and single images.
    integers : {"original", "lossless", "int16"}, optional
        ``"lossless"`` multiplies 16-bit voxels to use more of their range, with a smaller slope; ``"int16"`` stores
        unsigned ones as signed where they fit.
    precise : bool or "first", optional
        Philips: scale to floating-point values that can be compared between series, not to displayed ones.
        ``"first"`` stores the voxels of any maker with the first image's scaling, whatever the others' are.
    workers : int, optional
        Threads that read.
    progress : bool or callable, optional
        Show a bar; by default if standard error is a terminal.

    Returns
    -------
    Conversion
        Outputs, and files that were left out with the reason. A series that cannot be converted is no error.

    Raises
    ------
    ValueError
        If an option has no such value, or `pattern` asks for guessed names (``%h``).
    FileNotFoundError
        If there is nothing at `source`.
    OSError
        If nothing can be written to `target`: the folder cannot be made, the disk is full. Whole files stay.
    """
    for name, value, known in (
        ("on_conflict", on_conflict, ("suffix", "skip", "overwrite")),
        ("integers", integers, ("original", "lossless", "int16")),
        ("sidecar", sidecar, (True, False, "only")),
        ("anonymize", anonymize, (True, False, "patient")),
        ("precise", precise, (True, False, "first")),
    ):
        if value not in known:
            raise ValueError(f"{name!r} is one of {', '.join(map(repr, known))}, not {value!r}")
    checked(pattern)
    if comment:
        comment = comment.encode()[:_COMMENT].decode(errors="ignore")
    ending = ".nrrd" if nrrd else ".nii.gz" if gzip else ".nii"
    choices = Choices(
        ending,
        level if gzip else 0,
        sidecar != "only",
        bool(sidecar),
        regular,
        turn,
        integers,
        precise,
        crop,
        separate,
        comment or "",
        on_conflict != "overwrite",
        workers,
    )
    root = os.fspath(target)
    if not isinstance(source, str | os.PathLike):
        source = list(source)
    folder = _folder(source)
    if depth is not None:
        source = list(files_of(source, depth))
    stacks, left_out = _find(source, "series" if merge else "outputs", workers, progress)
    stacks = [side_by_side(in_file_order(stack)) for stack in stacks]
    os.makedirs(root, exist_ok=True)
    outputs: list[Output] = []
    _number_echoes(stacks)
    oriented = planes(stacks)
    report = reporter(progress, len(stacks), "series ")
    names = Names()

    def describe(what: Stack | Header) -> dict[str, Any]:
        hidden = anonymize is True
        sidecar = (
            image_sidecar(what, anonymize=hidden)
            if isinstance(what, Header)
            else bids_sidecar(what, anonymize=hidden)
        )
        if anonymize == "patient":
            sidecar = {name: value for name, value in sidecar.items() if name not in _PERSONAL}
        if comment:
            return _commented(sidecar, comment)
        if comment is not None:
            sidecar.pop("ImageComments", None)
        return sidecar

    for done, stack in enumerate(stacks):
        report(done)
        reason = why_skipped(stack) if skip_derived else ""
        if only is not None and series_code(stack.series_uid) not in only:
            reason = "another series"
        if reason:
            left_out.extend((path, reason) for path in stack.files)
            continue
        base: str | None = None
        try:
            described = describe(stack)
            header = Header(stack.first)
            wanted = expand(pattern, header, folder=folder)
            if not terse:
                marks = suffix(stack, described, pattern, merged=merge)
                marks += "" if TELLS_IMAGE.search(pattern) else oriented.get(id(stack), "")
                marks += "_Raw" if is_raw(header) else ""
                wanted = wanted.rstrip("_") + marks if marks else wanted
            base = _free(os.path.join(root, wanted), choices, on_conflict, names)
            if base is None:
                left_out.extend((path, _THERE) for path in stack.files)
                continue
            names.given.add(base)
            os.makedirs(os.path.dirname(base), exist_ok=True)
            outputs.extend(_written(stack, base, described, choices))
        except Exception as error:  # one broken series must not stop the others
            reason = _reason(error, root, base)
            left_out.extend((path, reason) for path in stack.files)
        finally:
            stack.release()
    found, left_out = find_recordings(left_out, merge)
    for one in found:
        base = None
        if only is not None and series_code(one.header.text(0x0020000E)) not in only:
            left_out.extend((path, "another series") for path in one.files)
            continue
        try:
            wanted = expand(pattern, one.header, folder=folder) + ("" if terse else one.ending)
            base = _free(os.path.join(root, wanted), choices, on_conflict, names, one.names)
            if base is None:
                left_out.extend((path, _THERE) for path in one.files)
                continue
            names.given.add(base)
            os.makedirs(os.path.dirname(base), exist_ok=True)
            outputs.extend(one.write(base, describe(one.header), choices, anonymize is False))
        except Exception as error:
            left_out.extend((path, _reason(error, root, base)) for path in one.files)
    report(len(stacks))
    return Conversion(outputs, left_out)


def series_code(uid: str) -> int:
    """Return the number by which a series is chosen: the CRC-32 of its *Series Instance UID*, as in dcm2niix."""
    return zlib.crc32(uid.encode())


def _commented(sidecar: dict[str, Any], comment: str) -> dict[str, Any]:
    """Return a sidecar with a comment after what identifies the series, where dcm2niix has it."""
    names = list(sidecar)
    at = 1 + max((names.index(name) for name in _BEFORE_COMMENT if name in sidecar), default=len(names) - 1)
    items = list(sidecar.items())
    return dict([*items[:at], ("ConversionComments", comment), *items[at:]])


def _reason(error: Exception, root: str, base: str | None) -> str:
    """Return why something was not converted.

    Raises
    ------
    OSError
        If nothing more can be written.
    """
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        raise OSError(error.errno, error.strerror, base) from error
    if isinstance(error, OSError) and str(error.filename or "").startswith(root):
        return f"{UNWRITABLE}{error}"
    return str(error) if isinstance(error, LeftOut) else f"{type(error).__name__}: {error}"


def _find(
    source: Any, split: str, workers: int | None, progress: Any
) -> tuple[list[Stack], list[tuple[str, str]]]:
    found = discover(source, progress=progress, workers=workers, split=split, like_dcm2niix=True)
    left_out = list(found.left_out)
    stacks = list(found.stacks)
    for one in found.unsorted:  # what does not fit together is converted file by file
        for path in dict.fromkeys(frame.path for frame in one.frames):
            alone = find_stacks([path], progress=False)
            stacks.extend(alone)
            if not alone:
                left_out.append((path, one.reason))
    return stacks, left_out


def _folder(source: Any) -> str:
    """Return the name of the folder that is converted, ``""`` if there are several."""
    paths = [source] if isinstance(source, str | os.PathLike) else source
    absolute = [os.path.abspath(os.fspath(path)) for path in paths]
    folders = {path if os.path.isdir(path) else os.path.dirname(path) for path in absolute}
    return os.path.basename(folders.pop()) if len(folders) == 1 else ""


def _written(stack: Stack, base: str, sidecar: dict[str, Any], choices: Choices) -> list[Output]:
    weights = table(stack) if stack.modality == "MR" else None
    made = []
    if weights is not None and len(weights[2]) < len(stack.frames):
        # as dcm2niix: trace images have no place in a model of diffusion, a second file has all volumes
        if choices.voxels:
            whole = chosen(stack, _moved_back(weights[2], len(stack.frames)))
            made.append(write_output(whole, f"{base}_ADC", sidecar, None, replace(choices, sidecar=False)))
        stack = chosen(stack, weights[2])
    made.append(write_output(stack, base, sidecar, weights, choices))
    return made


def _moved_back(kept: list[int], count: int) -> list[int]:
    """Return all volumes with those that are kept first, the others in the order in which dcm2niix leaves them.

    It exchanges each volume that comes too early with the one that belongs into its place.
    """
    order = list(range(count))
    for at, volume in enumerate(kept):
        order[at], order[volume] = order[volume], order[at]
    return order


def _number_echoes(stacks: list[Stack]) -> None:
    """Give numbers to echoes that differ in time only."""
    times: dict[str, dict[Any, set[int]]] = {}
    for stack in stacks:
        if "echo_time" in stack.kind and "echo_number" not in stack.kind:
            numbers = times.setdefault(stack.series_uid, {}).setdefault(stack.kind["echo_time"], set())
            numbers.add(echo_number(Header(stack.first)))
    for stack in stacks:
        series = times.get(stack.series_uid, {})
        told = {number for numbers in series.values() for number in numbers}
        if len(told) == 1 and 0 not in told and stack.first.groups is None:
            continue  # the same number for all
        if told == {0} and (stack.first.groups is None or Header(stack.first).maker == "Siemens"):
            continue  # files of their own without a number are told apart by the time itself
        if len(series) > 1 and len(told) < len(series) and "echo_number" not in stack.kind:
            stack.kind["echo_number"] = list(series).index(stack.kind.get("echo_time")) + 1


def _free(
    base: str,
    choices: Choices,
    on_conflict: str,
    names: Names,
    files: Callable[[str, str], list[str]] | None = None,
) -> str | None:
    """Return the name to write to, ``None`` if there is none. Outputs of this conversion are never overwritten.

    `files` says what is written under a name and an ending, if that is no image.
    """
    mark = "_1" if choices.separate else ""
    endings = (*dict.fromkeys((choices.ending, *_ENDINGS)), mark + choices.ending)

    def is_taken(name: str) -> bool:
        written = [name + one for one in endings] if files is None else files(name, choices.ending)
        return any(os.path.lexists(one) for one in written)

    if base not in names.given:
        if on_conflict == "overwrite" or not is_taken(base):
            return base
        if on_conflict == "skip":
            return None
    return names.another(base, "", is_taken)
