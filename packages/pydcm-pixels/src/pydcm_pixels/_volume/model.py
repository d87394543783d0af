"""`Volume`: an array of voxels and where in the patient they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._volume import geometry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike
    from pathlib import Path

    import nibabel
    import nibabel.spatialimages
    import SimpleITK
    import torch
    import xarray
    from matplotlib.figure import Figure

__all__ = ["Volume"]

_AXES = {3: "zyx", 4: "tzyx", 5: "tzyxc"}


class Volume:
    """Voxels and their place in the patient.

    Parameters
    ----------
    pixels : numpy.ndarray
        ``[z, y, x]``, with a leading time axis, a trailing axis of colours, or both, as `axes` says. Not copied.
    affine : array_like, optional
        (4, 4): voxel index (x, y, z, 1) to patient space (LPS, mm).
    spacing : sequence of float, optional
        Distances of voxels along x, y, z in mm; instead of `affine`, with `origin` and `direction`. Default (1, 1, 1).
    origin : sequence of float, optional
        Patient position of voxel (0, 0, 0) in mm. Default (0, 0, 0).
    direction : array_like, optional
        (3, 3): the columns are unit vectors along x, y, z. Default: the identity.
    axes : {"zyx", "tzyx", "zyxc", "tzyxc"}, optional
        What the array's axes are; by default ``"zyx"`` or ``"tzyx"`` by their number.
    meta : dict, optional
        Whatever else is known: plain values.

    Attributes
    ----------
    pixels : numpy.ndarray
        The voxels.
    affine : numpy.ndarray
        (4, 4), float64.
    axes : str
        What the array's axes are.
    meta : dict
        What else is known, such as ``"modality"``; ``"varying"`` tells the volumes of a 4-D one apart.

    Raises
    ------
    TypeError
        If `pixels` is a volume.
    ValueError
        If the shape does not fit the axes, the affine is no invertible matrix, or it contradicts the other geometry given.

    Examples
    --------
    >>> import numpy as np
    >>> from pydcm.volume import Volume
    >>> volume = Volume(np.zeros((10, 20, 30)), spacing=(0.5, 0.5, 2), origin=(-5, -5, 0))
    >>> volume.index_to_world((1, 0, 2))
    array([-4.5, -5. ,  4. ])
    >>> volume[2:, :, 10:].origin
    (0.0, -5.0, 4.0)
    """

    def __init__(
        self,
        pixels: np.ndarray,
        affine: Any = None,
        *,
        spacing: Sequence[float] | None = None,
        origin: Sequence[float] | None = None,
        direction: Any = None,
        axes: str | None = None,
        meta: dict[str, Any] | None = None,
    ) -> None:
        if isinstance(pixels, Volume):
            raise TypeError(
                "the voxels are an array, not a volume, whose place would be lost: use its copy() or with_pixels()"
            )
        self.pixels = np.asanyarray(pixels)
        self.axes = _AXES.get(self.pixels.ndim, "") if axes is None else axes
        if self.axes not in ("zyx", "tzyx", "zyxc", "tzyxc") or len(self.axes) != self.pixels.ndim:
            raise ValueError(
                f"an array of shape {self.pixels.shape} does not have the axes {self.axes or '[z, y, x]'!r}; "
                "say what they are: axes='zyx', 'tzyx', 'zyxc' or 'tzyxc'"
            )
        self.affine = geometry.checked_affine(affine, spacing, origin, direction)
        self.meta: dict[str, Any] = {} if meta is None else meta

    def _like(self, pixels: np.ndarray, affine: Any = None, **changes: Any) -> Volume:
        """Return a volume of other voxels that is this one in all else but `changes`."""
        given: dict[str, Any] = {
            "affine": self.affine if affine is None else affine,
            "axes": self.axes,
            "meta": dict(self.meta),
        }
        return type(self)(pixels, **(given | changes))

    def with_pixels(self, pixels: Any) -> Volume:
        """Return other voxels on the same grid: a mask made of these, what a model predicts.

        Parameters
        ----------
        pixels : array_like
            ``[z, y, x]``, ``[t, z, y, x]``, or with the axes of this volume; not copied.

        Returns
        -------
        Volume
            With this volume's affine and meta, but for what tells time points apart if their number is another one.

        Raises
        ------
        ValueError
            If the shape is not that of the grid.
        """
        array = np.asanyarray(pixels)
        axes = self.axes if array.ndim == self.ndim else _AXES.get(array.ndim, "")
        made = self._like(array, axes=axes)
        if made.size != self.size:
            raise ValueError(f"an array of shape {array.shape} is not on the grid of {self!r}")
        times = [len(one) if one.axes[0] == "t" else 1 for one in (self, made)]
        if times[0] != times[1]:
            made.meta = {key: value for key, value in made.meta.items() if key not in ("varying", "time")}
        return made

    def astype(self, dtype: Any) -> Volume:
        """Return the voxels in another type, as :meth:`numpy.ndarray.astype` converts them; a copy."""
        return self._like(self.pixels.astype(dtype))

    def copy(self) -> Volume:
        """Return a volume with voxels and affine of its own; its `meta` is another dict with the same values."""
        return self._like(self.pixels.copy())

    # ---- geometry --------------------------------------------------------------------------------------------------
    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distances of voxels along x, y, z in mm."""
        return geometry.spacing_of(self.affine)

    @property
    def origin(self) -> tuple[float, float, float]:
        """Patient position (LPS) of voxel (0, 0, 0) in mm."""
        x, y, z = self.affine[:3, 3]
        return float(x), float(y), float(z)

    @property
    def direction(self) -> np.ndarray:
        """(3, 3), float64: the columns are unit vectors (LPS) along x, y, z."""
        return self.affine[:3, :3] / np.array(self.spacing)

    @property
    def axcodes(self) -> str:
        """Where x, y, z lead to, such as ``"LPS"``: the nearest of Left/Right, Posterior/Anterior, Superior/Inferior."""
        return geometry.axcodes_of(self.affine)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.pixels.shape

    @property
    def size(self) -> tuple[int, int, int]:
        """Voxels along x, y, z."""
        start = self.axes.index("z")
        z, y, x = self.pixels.shape[start : start + 3]
        return x, y, z

    @property
    def ndim(self) -> int:
        """Axes of the array."""
        return self.pixels.ndim

    @property
    def dtype(self) -> np.dtype:
        """Type of the voxels."""
        return self.pixels.dtype

    @property
    def nbytes(self) -> int:
        """Bytes of the voxels."""
        return self.pixels.nbytes

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is None:
            return np.asarray(self.pixels, dtype)
        return np.array(self.pixels, dtype, copy=copy)

    def __len__(self) -> int:
        return len(self.pixels)

    def index_to_world(self, index: Any) -> np.ndarray:
        """Return patient positions of voxel indices.

        Parameters
        ----------
        index : array_like
            ``[..., 3]``: indices along x, y, z, whole or fractional; whole numbers are centres of voxels.

        Returns
        -------
        numpy.ndarray
            ``[..., 3]``: LPS positions in mm.
        """
        return np.asarray(index, np.float64) @ self.affine[:3, :3].T + self.affine[:3, 3]

    def world_to_index(self, position: Any) -> np.ndarray:
        """Return voxel indices of patient positions, the inverse of :meth:`index_to_world`.

        Parameters
        ----------
        position : array_like
            ``[..., 3]``: LPS positions in mm.

        Returns
        -------
        numpy.ndarray
            ``[..., 3]``: fractional indices along x, y, z.
        """
        inverse = np.linalg.inv(self.affine)
        return np.asarray(position, np.float64) @ inverse[:3, :3].T + inverse[:3, 3]

    def same_grid(self, other: Volume, tolerance: float = 1e-4) -> bool:
        """Return whether `other` has its voxels at the same positions, within `tolerance` mm at every corner."""
        if self.size != other.size:
            return False
        x, y, z = (n - 1 for n in self.size)
        corners = np.array([(i, j, k) for i in (0, x) for j in (0, y) for k in (0, z)])
        return bool(np.abs(self.index_to_world(corners) - other.index_to_world(corners)).max() <= tolerance)

    def __getitem__(self, key: Any) -> Volume:
        """Return a part, in place: slices along the array's axes, ``volume[2:, ::2]``; nothing is copied.

        A single number along z, y or x keeps that axis with one voxel, one along time or colours takes it away.

        Raises
        ------
        TypeError
            For anything but slices and whole numbers.
        IndexError
            If nothing is left.
        """
        return geometry.part(self, key)

    def crop(self, start: Sequence[int], size: Sequence[int]) -> Volume:
        """Return the box of `size` from `start`, both (z, y, x) in voxels; nothing is copied."""
        return geometry.crop(self, start, size)

    def flip(self, axis: str | Sequence[bool]) -> Volume:
        """Reverse the order of voxels along axes, such as ``"z"`` or ``"xy"``; positions stay what they were."""
        return geometry.flip(self, axis)

    def reorient(self, axcodes: str) -> Volume:
        """Permute and reverse axes until x, y, z lead where `axcodes` says as nearly as they can.

        Parameters
        ----------
        axcodes : str
            Such as ``"LPS"`` or ``"RAS"``: where increasing x, y, z lead.

        Returns
        -------
        Volume
            A view of the same voxels at the same positions; nothing is interpolated.
        """
        return geometry.reorient(self, axcodes)

    def resample(
        self, spacing: Any = None, *, reference: Volume | None = None, size: Any = None, **options: Any
    ) -> Volume:
        """Return the volume on another grid, interpolated.

        Parameters
        ----------
        spacing : float or sequence of float, optional
            Distance of voxels in mm, one or (x, y, z): :func:`pydcm.transforms.resample_to_spacing`.
        reference : Volume, optional
            Whose grid to take: :func:`pydcm.transforms.resample_to_reference`.
        size : sequence of int, optional
            Lengths (z, y, x) over the same field of view: :func:`pydcm.transforms.resize`.
        **options
            Of that function, such as ``interp="cubic"``, ``is_label=True``, ``workers=2``.

        Raises
        ------
        TypeError
            Unless exactly one of the three is given.
        """
        from pydcm_pixels import transforms

        if sum(given is not None for given in (spacing, reference, size)) != 1:
            raise TypeError("resample() takes one of spacing, reference and size")
        if reference is not None:
            return transforms.resample_to_reference(self, reference, **options)
        if size is not None:
            return transforms.resize(self, size, **options)
        return transforms.resample_to_spacing(self, spacing, **options)

    # ---- files -----------------------------------------------------------------------------------------------------
    def to_nifti(self, path: str | PathLike[str], **options: Any) -> None:
        """Write NIfTI, see :func:`pydcm.volume.to_nifti`."""
        from pydcm_pixels._formats.nifti import to_nifti

        to_nifti(self, path, **options)

    def to_nrrd(self, path: str | PathLike[str], **options: Any) -> None:
        """Write NRRD, see :func:`pydcm.volume.to_nrrd`."""
        from pydcm_pixels._formats.nrrd import to_nrrd

        to_nrrd(self, path, **options)

    def to_metaimage(self, path: str | PathLike[str], **options: Any) -> None:
        """Write MetaImage, see :func:`pydcm.volume.to_metaimage`."""
        from pydcm_pixels._formats.metaimage import to_metaimage

        to_metaimage(self, path, **options)

    def to_dicom_series(self, folder: str | PathLike[str], **options: Any) -> list[Path]:
        """Write a DICOM series, see :func:`pydcm.volume.to_dicom_series`."""
        from pydcm_pixels._formats.dicom_series import to_dicom_series

        return to_dicom_series(self, folder, **options)

    # ---- other libraries -------------------------------------------------------------------------------------------
    def to_simpleitk(self) -> SimpleITK.Image:
        """Return a SimpleITK image (a copy); colours become a vector image, time a fourth dimension."""
        from pydcm_pixels._volume.interop import to_simpleitk

        return to_simpleitk(self)

    @classmethod
    def from_simpleitk(cls, image: SimpleITK.Image) -> Volume:
        """Return the volume of a SimpleITK image of three or four dimensions."""
        from pydcm_pixels._volume.interop import from_simpleitk

        return from_simpleitk(image)

    def to_nibabel(self) -> nibabel.Nifti1Image:
        """Return a nibabel image that shares the voxels (RAS affine, axes x, y, z, t)."""
        from pydcm_pixels._volume.interop import to_nibabel

        return to_nibabel(self)

    @classmethod
    def from_nibabel(cls, image: nibabel.spatialimages.SpatialImage) -> Volume:
        """Return the volume of a nibabel image."""
        from pydcm_pixels._volume.interop import from_nibabel

        return from_nibabel(image)

    def to_torch(self) -> torch.Tensor:
        """Return a tensor that shares the voxels' memory, axes as in the array."""
        from pydcm_pixels._volume.interop import to_torch

        return to_torch(self)

    @classmethod
    def from_torch(cls, tensor: torch.Tensor, affine: Any = None, **options: Any) -> Volume:
        """Return a volume that shares a tensor's memory; geometry as for :class:`Volume`."""
        return cls(tensor.detach().cpu().numpy(), affine, **options)

    def to_xarray(self) -> xarray.DataArray:
        """Return a labelled array with coordinates: mm along the axes from the first voxel, affine in its attributes."""
        from pydcm_pixels._volume.interop import to_xarray

        return to_xarray(self)

    @classmethod
    def from_xarray(cls, array: xarray.DataArray) -> Volume:
        """Return the volume of an array as :meth:`to_xarray` makes it."""
        from pydcm_pixels._volume.interop import from_xarray

        return from_xarray(array)

    # ---- looks -----------------------------------------------------------------------------------------------------
    def show(
        self,
        *,
        window: Sequence[float] | None = None,
        at: Sequence[int] | None = None,
        mask: Volume | np.ndarray | str | PathLike[str] | None = None,
        alpha: float = 0.4,
        figure: Figure | None = None,
    ) -> Figure:
        """Draw the three orthogonal planes through a voxel with matplotlib, of a 4-D volume those of its first one.

        They are seen as radiologists see them: the patient's left is on the right. Letters say what is at the edges.

        Parameters
        ----------
        window : (centre, width), optional
            Of grey values; by default from the 0.5 to the 99.5 percentile.
        at : (x, y, z), optional
            Voxel that the planes go through; the middle by default.
        mask : Volume, numpy.ndarray or path of a NIfTI file, optional
            Labels on the same grid, in any order of axes; whole numbers, each drawn in a colour of its own; 0 is nothing.
        alpha : float, optional
            How opaque the mask is, from 0 to 1.
        figure : matplotlib.figure.Figure, optional
            Draw into this one.

        Returns
        -------
        matplotlib.figure.Figure
            With three axes in mm.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the mask is not on the volume's grid or not of whole numbers, or there are no voxels.
        """
        from pydcm_pixels._volume.picture import show

        return show(self, window=window, at=at, mask=mask, alpha=alpha, figure=figure)

    def save_animation(
        self,
        path: str | PathLike[str],
        *,
        plane: str | None = None,
        mask: Volume | np.ndarray | str | PathLike[str] | None = None,
        alpha: float = 0.4,
        window: Sequence[float] | None = None,
        fps: float = 15,
        overwrite: bool = True,
    ) -> None:
        """Write all planes of one direction (of a 4-D volume: its middle plane over time) as an animation.

        Parameters
        ----------
        path : str or PathLike
            ``.gif``, or another kind of several pictures (with Pillow), or ``.mp4`` (with PyAV).
        plane : {"axial", "coronal", "sagittal"}, optional
            What each picture is, as :meth:`show` draws it; by default a slice as it was acquired.
        mask : Volume, numpy.ndarray or path of a NIfTI file, optional
            Labels on the same grid, in any order of axes; whole numbers, each drawn in a colour of its own; 0 is nothing.
        alpha : float, optional
            How opaque the mask is, from 0 to 1.
        window : (centre, width), optional
            Of grey values; by default from the 0.5 to the 99.5 percentile.
        fps : float, optional
            Pictures per second.
        overwrite : bool, optional
            ``False`` refuses to replace a file.

        Raises
        ------
        ImportError
            If the library is not installed.
        ValueError
            If the name has another ending, the mask is on another grid or not of whole numbers, or there are no voxels.
        """
        from pydcm_pixels._volume.picture import save_animation

        save_animation(
            self, path, plane=plane, mask=mask, alpha=alpha, window=window, fps=fps, overwrite=overwrite
        )

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.shape))
        spacing = " x ".join(f"{value:.4g}" for value in self.spacing)
        return (
            f"<Volume [{', '.join(self.axes)}] {shape} {self.dtype}, {spacing} mm (x, y, z), {self.axcodes}>"
        )

    def _repr_html_(self) -> str:
        from pydcm_pixels._volume.picture import as_html

        return as_html(self)
