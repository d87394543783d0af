"""A plan of a volume: which frame goes where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydcm_pixels._series import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from pydcm.dataset import Dataset
    from pydcm_pixels._series.frame import Frame
    from pydcm_pixels._volume.model import Volume

__all__ = ["Stack"]


@dataclass(eq=False)
class Stack:
    """Frames in their places; nothing is decoded before :meth:`read`.

    Attributes
    ----------
    frames : list of list of Frame
        ``frames[t][z]``; z ascends along the normal of the slices, t is in the order of acquisition.
    affine : numpy.ndarray
        (4, 4): voxel index (x, y, z, 1) to LPS, mm; sheared if the stack is tilted.
    varying : dict
        What tells the volumes apart, one list as long as t each.
    kind : dict
        What tells this stack from others of its series: echo, component, …
    notes : list of str
        What is irregular, and what was left out and why.
    tilt : float
        Degrees between the stack's line and its slices' normal.
    regular : bool
        Whether the distances between the slices are equal.
    offsets : numpy.ndarray or None
        Where the slices are along the normal, mm from the first, if they are uneven.
    precise : tuple of float or None
        Slope and intercept to Philips' floating-point values, where these differ from the displayed ones.
    """

    frames: list[list[Frame]]
    affine: np.ndarray
    varying: dict[str, list[Any]] = field(default_factory=dict)
    kind: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    tilt: float = 0.0
    regular: bool = True
    offsets: np.ndarray | None = None
    precise: tuple[float, float] | None = None

    @property
    def first(self) -> Frame:
        """The frame at the first place."""
        return self.frames[0][0]

    @property
    def ds(self) -> Dataset:
        """Header of the first frame's file."""
        return self.first.ds

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array that :meth:`read` returns, in the order of `axes`."""
        first = self.first
        shape: tuple[int, ...] = (len(self.frames[0]), first.rows, first.columns)
        if len(self.frames) > 1:
            shape = (len(self.frames), *shape)
        return (*shape, first.image.samples) if first.image.samples > 1 else shape

    @property
    def axes(self) -> str:
        """``"zyx"``, with a leading ``"t"`` for several volumes and a trailing ``"c"`` for colours."""
        colour = "c" if self.first.image.samples > 1 else ""
        return f"{'t' if len(self.frames) > 1 else ''}zyx{colour}"

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the stored values."""
        import numpy as np

        return np.dtype(self.first.image.dtype)

    @property
    def n_frames(self) -> int:
        """Number of 2-D images."""
        return len(self.frames) * len(self.frames[0])

    @property
    def n_voxels(self) -> int:
        """Number of voxels of all volumes."""
        return self.n_frames * self.first.rows * self.first.columns

    @property
    def files(self) -> list[str]:
        """The files, each once, in the order of the frames."""
        return list(dict.fromkeys(frame.path for volume in self.frames for frame in volume))

    @property
    def series_uid(self) -> str:
        """*Series Instance UID*."""
        return fields.text(self.ds, 0x0020000E)

    @property
    def study_uid(self) -> str:
        """*Study Instance UID*."""
        return fields.text(self.ds, 0x0020000D)

    @property
    def modality(self) -> str:
        """*Modality*."""
        return fields.modality(self.ds)

    @property
    def description(self) -> str:
        """*Series Description*, else *Protocol Name*."""
        return fields.text(self.ds, 0x0008103E) or fields.text(self.ds, 0x00181030)

    @property
    def series_number(self) -> int | None:
        """*Series Number*."""
        return fields.integer(self.ds, 0x00200011)

    @property
    def time(self) -> str:
        """Date and time of the acquisition, or else of the series, as DICOM writes them."""
        dates = [(0x00080022, 0x00080032), (0x00080021, 0x00080031), (0x00080020, 0x00080030)]
        for date, time in dates:
            if found := fields.text(self.ds, time):
                return f"{fields.text(self.ds, date)} {found}".strip()
        stated = (fields.text(self.ds, tag) for tag in (0x0008002A, *(date for date, _ in dates)))
        return next(filter(None, stated), "")

    @property
    def times(self) -> list[float] | None:
        """Seconds between the first volume and each one, ``None`` if the files do not say."""
        from pydcm_pixels._series.clock import volume_times

        return volume_times(self)

    @property
    def units(self) -> str:
        """What rescaled values are in: ``"HU"`` for CT, else what the files say, such as ``"BQML"`` or ``"GY"``."""
        for tag in (0x00541001, 0x30040002, 0x00281054):
            holder = self.first.find(tag)
            if holder is not None and (found := fields.text(holder, tag)):
                return found
        return "HU" if self.modality == "CT" else ""

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between voxels along x, y and z, mm."""
        import numpy as np

        x, y, z = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(x), float(y), float(z)

    def release(self) -> None:
        """Let go of headers that are read again if they are needed: those of folders with thousands of files."""
        for volume in self.frames:
            for frame in volume:
                frame.image.release()

    def read(
        self,
        *,
        rescale: bool | str = True,
        dtype: Any = None,
        out: np.ndarray | None = None,
        workers: int | None = None,
    ) -> np.ndarray:
        """Decode the frames into one array.

        Parameters
        ----------
        rescale : bool or "display", optional
            Whether to apply each frame's slope and intercept. Philips MR has two scalings: ``True`` is for the values
            that can be compared between series (as dcm2niix writes), ``"display"`` for *Rescale Slope* alone.
        dtype : dtype, optional
            Type of the array: by default float32 for real-world values, else the stored type.
        out : numpy.ndarray, optional
            Fill and return this array (a memory map, for example).
        workers : int, optional
            Threads; by default one per processor.

        Returns
        -------
        numpy.ndarray
            Of the stack's `shape`.

        Raises
        ------
        SeriesError
            If a file cannot be decoded; the message names it.
        """
        from pydcm_pixels._series.reading import read_stack

        return read_stack(self, rescale=rescale, dtype=dtype, out=out, workers=workers)

    def stream(
        self,
        *,
        max_bytes: int = 1 << 26,
        rescale: bool | str = True,
        dtype: Any = None,
        workers: int | None = None,
    ) -> Iterator[np.ndarray]:
        """Decode the frames part by part, for arrays that are larger than memory.

        Besides `max_bytes`, memory holds the headers: 4 KB (CT) to 130 KB (Siemens MR) for each file, 2 KB in a folder of
        thousands of files.

        Parameters
        ----------
        max_bytes : int, optional
            Size of a part; it has at least one frame.
        rescale, dtype, workers
            As for :meth:`read`.

        Yields
        ------
        numpy.ndarray
            ``[frame, y, x]`` (or ``[frame, y, x, c]``): the next frames, z before t; overwritten by the next part.
        """
        from pydcm_pixels._series.reading import stream_stack

        return stream_stack(self, max_bytes=max_bytes, rescale=rescale, dtype=dtype, workers=workers)

    def volume(self, **options: Any) -> Volume:
        """Return the stack as a volume; `options` are those of :meth:`read`."""
        return self.with_pixels(self.read(**options))

    def with_pixels(self, array: np.ndarray) -> Volume:
        """Return what :meth:`read` has returned as a volume."""
        from pydcm_pixels._volume.model import Volume

        return Volume(array, self.affine, axes=self.axes, meta=self.meta())

    def meta(self) -> dict[str, Any]:
        """Return plain values that describe the stack."""
        result: dict[str, Any] = {
            "modality": self.modality,
            "series_instance_uid": self.series_uid,
            "study_instance_uid": self.study_uid,
            "frame_of_reference_uid": fields.text(self.ds, 0x00200052),
            "series_number": self.series_number,
            "description": self.description,
            "acquired": self.time,
            "units": self.units,
            "time": self.times,
            "notes": list(self.notes),
        }
        result.update(self.kind)
        if self.varying:
            result["varying"] = {name: list(values) for name, values in self.varying.items()}
        return result

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.shape))
        return f"<Stack {self.modality} {shape} {self.description!r} of {len(self.files)} files>"
