"""A folder as a data set of volumes."""

from __future__ import annotations

import operator
import warnings
from typing import TYPE_CHECKING, Any

from pydcm_pixels._training.cache import ArrayCache
from pydcm_pixels._training.instances import as_tensor, told
from pydcm_pixels._training.sources import discovered, sources_of, unsorted_sources

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    import numpy as np

    from pydcm_pixels._series.stack import Stack
    from pydcm_pixels._training.sources import Source
    from pydcm_pixels._volume.model import Volume

__all__ = ["VolumeDataset"]


class VolumeDataset:
    """The volumes of a folder, one sample each.

    A map-style data set for PyTorch's ``DataLoader``; torch is needed for `to_torch` alone. Headers are read once, here;
    what is kept are names, no open files, so that it can be sent to worker processes.

    Parameters
    ----------
    root : path or iterable of paths
        Files, folders (with all that is below them) and DICOMDIRs.
    transform : callable, optional
        Gets the :class:`~pydcm.volume.Volume`; what it returns is the sample.
    select : callable, optional
        Gets a stack (``modality``, ``description``, ``shape``, ``spacing``, …) and says whether it is a sample.
    rescale : bool or "display", optional
        As for :func:`pydcm.load_series`.
    dtype : dtype, optional
        Of the voxels; by default float32, the stored type without `rescale` and of colours.
    to_torch : bool, optional
        Return ``{"image": tensor, "affine": tensor}`` that the loader's default collation takes; without a `transform`.
    cache : str, PathLike or ArrayCache, optional
        A folder for assembled volumes (``.npy``); an :class:`ArrayCache` for other formats. Transforms come after it.
    split : {"series", "outputs"}, optional
        Whether a series' echoes and components are one sample or several.
    correct_tilt, resample : bool, optional
        As for :func:`pydcm.load_series`.
    workers : int, optional
        Threads that read headers here, and each volume later (1 by default: a loader's workers are processes).
    progress : bool or callable, optional
        As for :func:`pydcm.load_series`, while headers are read.

    Attributes
    ----------
    samples : list of Source
        Files, UIDs, modality and description of each sample.
    left_out : list of (str, str)
        Files that are in no sample, and why.

    Warns
    -----
    UserWarning
        For images that make no volume, because nothing tells several of one position apart.

    Notes
    -----
    What is irregular about a volume, such as a missing slice, is in its ``meta["notes"]``;
    ``select=lambda stack: not stack.notes`` takes no such volumes.
    """

    def __init__(
        self,
        root: Any,
        *,
        transform: Callable[[Volume], Any] | None = None,
        select: Callable[[Stack], bool] | None = None,
        rescale: bool | str = True,
        dtype: Any = None,
        to_torch: bool = False,
        cache: str | os.PathLike[str] | ArrayCache | None = None,
        split: str = "series",
        correct_tilt: bool = False,
        resample: bool = False,
        workers: int | None = None,
        progress: bool | Callable[[int, int], Any] | None = None,
    ) -> None:
        self.samples: list[Source] = []
        self.left_out: list[tuple[str, str]] = []
        for found in discovered(root, split=split, workers=workers, progress=progress):
            chosen = [select is None or select(stack) for stack in found.stacks]
            sources = sources_of(found.stacks, split)
            self.samples += [one for one, yes in zip(sources, chosen, strict=True) if yes]
            self.left_out += found.left_out
            for source, reason in unsorted_sources(found.unsorted, split):
                self.left_out += [(file, reason) for file in source.files]
                warnings.warn(f"no sample: {reason}", UserWarning, stacklevel=2)
            del found  # its headers, before others are read
        self.transform = transform
        self.rescale = rescale
        self.dtype = dtype
        self.to_torch = to_torch
        self.cache = cache if cache is None or isinstance(cache, ArrayCache) else ArrayCache(cache)
        self.correct_tilt = correct_tilt
        self.resample = resample
        self.workers = workers or 1

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> Any:
        """Return a sample: what `transform` makes of it, a dict of tensors (`to_torch`), or the volume.

        Raises
        ------
        IndexError
            If there is no such sample.
        SeriesError
            If it cannot be read.
        """
        source = self.samples[operator.index(index)]
        with told(f"sample {index}, {source.description or source.series_uid!r}, {source.files[0]}"):
            volume = self._volume(source)
            if self.transform is not None:
                return self.transform(volume)
        if self.to_torch:
            return {"image": as_tensor(volume.pixels), "affine": as_tensor(volume.affine)}
        return volume

    def _volume(self, source: Source) -> Volume:
        def read() -> Volume:
            return source.volume(
                rescale=self.rescale,
                dtype=self.dtype,
                correct_tilt=self.correct_tilt,
                resample=self.resample,
                workers=self.workers,
            )

        if self.cache is None:
            return read()
        from pydcm_pixels._volume.model import Volume

        def make() -> tuple[np.ndarray, dict[str, Any]]:
            volume = read()
            notes = {"affine": volume.affine.tolist(), "axes": volume.axes, "meta": _plain(volume.meta)}
            return volume.pixels, notes

        def use(array: np.ndarray, notes: dict[str, Any]) -> Volume:
            if self.dtype is not None:  # Zarr does not keep the order of bytes
                array = array.astype(self.dtype, copy=False)
            return Volume(array, notes["affine"], axes=notes["axes"], meta=dict(notes["meta"]))

        even = (self.correct_tilt, self.resample)
        options = ("volume", source.number, source.split, self.rescale, str(self.dtype), even)
        return self.cache.get(source.files, options, make, use)

    def __repr__(self) -> str:
        return f"<VolumeDataset of {len(self)} volumes>"


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if hasattr(value, "tolist"):  # NumPy's arrays and numbers
        return value.tolist()
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) or hasattr(value, "__float__") else str(value)
