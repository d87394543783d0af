"""Convert everything in a folder to NIfTI with sidecars, as dcm2niix does."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pydcm_pixels._bids.equipment import is_3d, is_planar
from pydcm_pixels._bids.header import Header
from pydcm_pixels._bids.naming import expand, suffix
from pydcm_pixels._bids.sidecar import bids_sidecar
from pydcm_pixels._diffusion.gradients import table
from pydcm_pixels._diffusion.text import write_table
from pydcm_pixels._formats.nifti import to_nifti
from pydcm_pixels._series.discovery import discover, find_stacks
from pydcm_pixels._volume.model import Volume

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from pydcm_pixels._series.stack import Stack

__all__ = ["Conversion", "Output", "convert_series"]

_NAME_ATTEMPTS = 10_000


class Output(NamedTuple):
    """One converted image.

    Attributes
    ----------
    path : str
        The NIfTI file.
    files : list of str
        All files written for it: NIfTI, sidecar, b values, directions.
    shape : tuple of int
        ``[t, z, y, x]`` or ``[z, y, x]``.
    notes : list of str
        What is irregular.
    """

    path: str
    files: list[str]
    shape: tuple[int, ...]
    notes: list[str]


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
    sidecar: bool = True,
    anonymize: bool = True,
    on_conflict: str = "suffix",
    workers: int | None = None,
    progress: Any = None,
) -> Conversion:
    """Convert all series in files and folders to NIfTI, with BIDS sidecars and FSL's gradient tables.

    Rows are stored in reverse order, as by dcm2niix; positions stay what they are.

    Parameters
    ----------
    source : path or iterable of paths
        Files and folders.
    target : path
        The folder to write to; it is made if it is not there.
    pattern : str, optional
        Names of the outputs; see :func:`pydcm_pixels._bids.naming.expand`.
    gzip : bool, optional
        Write ``.nii.gz``, else ``.nii``.
    sidecar : bool, optional
        Write ``.json``.
    anonymize : bool, optional
        Leave patient, dates and unique identifiers out of the sidecar.
    on_conflict : {"suffix", "skip", "overwrite"}, optional
        What to do if an output is there already: add a letter to the name, leave it, or replace it.
    workers : int, optional
        Threads that read.
    progress : bool or callable, optional
        Show a bar; by default if standard error is a terminal.

    Returns
    -------
    Conversion
        Outputs, and files that were left out with the reason. A series that cannot be converted is no error.
    """
    if on_conflict not in ("suffix", "skip", "overwrite"):
        raise ValueError(f"'on_conflict' is 'suffix', 'skip' or 'overwrite', not {on_conflict!r}")
    root = os.fspath(target)
    os.makedirs(root, exist_ok=True)
    found = discover(source, progress=progress, workers=workers)
    left_out = list(found.left_out)
    stacks = list(found.stacks)
    for one in found.unsorted:  # what does not fit together is converted file by file
        for path in dict.fromkeys(frame.path for frame in one.frames):
            alone = find_stacks([path], progress=False)
            stacks.extend(alone)
            if not alone:
                left_out.append((path, one.reason))
    folder = (
        os.path.basename(os.path.normpath(os.fspath(source))) if isinstance(source, str | os.PathLike) else ""
    )
    outputs: list[Output] = []
    echoes = _echo_numbers(stacks)
    ending = ".nii.gz" if gzip else ".nii"
    for stack in stacks:
        try:
            described = bids_sidecar(stack, anonymize=anonymize)
            if id(stack) in echoes:
                described["EchoNumber"] = echoes[id(stack)]
            wanted = expand(pattern, Header(stack.first), folder=folder) + suffix(stack, described)
            base = _free(os.path.join(root, wanted), ending, on_conflict, {one.path for one in outputs})
            if base is None:
                left_out.extend((path, "its output is there already") for path in stack.files)
                continue
            os.makedirs(os.path.dirname(base), exist_ok=True)
            weights = table(stack) if stack.modality == "MR" else None
            if weights is not None and len(weights[2]) < len(stack.frames):
                # as dcm2niix: trace images have no place in a model of diffusion, a second file has all volumes
                outputs.append(_write(stack, f"{base}_ADC", ending, None, None, workers))
                stack = _chosen(stack, weights[2])
            outputs.append(_write(stack, base, ending, described if sidecar else None, weights, workers))
        except Exception as error:  # one broken series must not stop the others
            left_out.extend((path, f"{type(error).__name__}: {error}") for path in stack.files)
    return Conversion(outputs, left_out)


def _echo_numbers(stacks: list[Stack]) -> dict[int, int]:
    """Return numbers for echoes that differ in time only, by the stacks' identity."""
    times: dict[str, dict[Any, set[int]]] = {}
    for stack in stacks:
        if "echo_time" in stack.kind and "echo_number" not in stack.kind:
            numbers = times.setdefault(stack.series_uid, {}).setdefault(stack.kind["echo_time"], set())
            numbers.add(Header(stack.first).integer(0x00180086))
    result = {}
    for stack in stacks:
        series = times.get(stack.series_uid, {})
        told = {number for numbers in series.values() for number in numbers}
        if len(series) > 1 and len(told) < len(series) and "echo_number" not in stack.kind:
            result[id(stack)] = list(series).index(stack.kind.get("echo_time")) + 1
    return result


def _free(base: str, ending: str, on_conflict: str, written: set[str]) -> str | None:
    """Return the name to write to, ``None`` if there is none. Outputs of this conversion are never overwritten."""
    if base + ending not in written:
        if on_conflict == "overwrite" or not os.path.exists(base + ending):
            return base
        if on_conflict == "skip":
            return None
    for number in range(_NAME_ATTEMPTS):
        letters = chr(97 + number % 26)
        if number >= 26:
            letters = chr(96 + number // 26 % 26) + letters if number < 26 * 26 else str(number)
        name = f"{base}{letters}"
        if name + ending not in written and not os.path.exists(name + ending):
            return name
    return None


def _chosen(stack: Stack, volumes: list[int]) -> Stack:
    """Return a stack of some of the volumes."""
    varying = {name: [values[at] for at in volumes] for name, values in stack.varying.items()}
    return replace(stack, frames=[stack.frames[at] for at in volumes], varying=varying)


def _write(
    stack: Stack,
    base: str,
    ending: str,
    sidecar: dict[str, Any] | None,
    weights: tuple[np.ndarray, np.ndarray | None, list[int]] | None,
    workers: int | None,
) -> Output:
    pixels, slope, intercept = _voxels(stack, workers)
    volume = Volume(pixels, stack.affine, axes=stack.axes, meta={})
    header = Header(stack.first)
    # as dcm2niix: slabs that were acquired in three dimensions have the axes of the patient
    canonical = (
        is_3d(header)
        and stack.modality == "MR"
        and stack.axes == "zyx"
        and not is_planar(header)
    )
    if canonical:
        volume = volume.reorient("RAS")
    path = base + ending
    step = sidecar.get("RepetitionTime") if sidecar else None
    to_nifti(volume, path, flip_rows=not canonical, slope=slope, intercept=intercept, time_step=step)
    files = [path]
    if sidecar is not None:
        name = f"{base}.json"
        with open(name, "w", encoding="utf-8") as file:
            json.dump(sidecar, file, indent="\t", ensure_ascii=False)
            file.write("\n")
        files.append(name)
    if weights is not None:
        files.extend(write_table(base, *weights[:2]))
    notes = list(stack.notes)
    if not stack.regular:
        notes.append("the distances between slices differ: the affine holds for their mean")
    return Output(path, files, stack.shape, notes)


def _voxels(stack: Stack, workers: int | None) -> tuple[np.ndarray, float, float]:
    """Return stored values with one slope and intercept for all, or real-world values where slices differ."""
    scalings = {(frame.slope, frame.intercept) for volume in stack.frames for frame in volume}
    scaling = stack.precise or (scalings.pop() if len(scalings) == 1 else None)
    if scaling is None or stack.dtype.kind == "f":
        return stack.read(workers=workers), 1.0, 0.0
    pixels = stack.read(rescale=False, workers=workers)
    if pixels.dtype == np.uint16 and stack.first.image.bits_stored < 16:
        pixels = pixels.view(np.int16)  # fits, and is what most readers expect
    return pixels, float(scaling[0]), float(scaling[1])
