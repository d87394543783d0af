"""Volumes to and from the arrays and images of other libraries; each is imported only when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm_pixels._volume.geometry import times_of

if TYPE_CHECKING:
    import nibabel
    import SimpleITK
    import torch
    import xarray

    from pydcm_pixels._volume.model import Volume

_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def _known(array: np.ndarray) -> np.ndarray:
    """Return booleans as uint8 and half precision as single: other libraries do not have them."""
    if array.dtype == np.bool_:
        return array.view(np.uint8)
    return array.astype(np.float32) if array.dtype.kind == "f" and array.dtype.itemsize == 2 else array


def to_simpleitk(volume: Volume) -> SimpleITK.Image:
    """Return a SimpleITK image: LPS as ours, a shear kept; time is its fourth dimension, colours its components."""
    import SimpleITK as sitk

    array = np.ascontiguousarray(_known(volume.pixels))
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if volume.axes == "tzyx":
        first, step = times_of(volume)
        image = sitk.JoinSeries([sitk.GetImageFromArray(each) for each in array], first, step)
        direction = np.eye(4)
        direction[:3, :3] = volume.direction
        image.SetSpacing((*volume.spacing, step))
        image.SetOrigin((*volume.origin, first))
        image.SetDirection(direction.ravel().tolist())
        return image
    if volume.axes == "tzyxc":
        raise ValueError("SimpleITK has no images of colours in time; convert the volumes one by one")
    image = sitk.GetImageFromArray(array, isVector=volume.axes == "zyxc")
    image.SetSpacing(volume.spacing)
    image.SetOrigin(volume.origin)
    image.SetDirection(volume.direction.ravel().tolist())
    return image


def from_simpleitk(image: SimpleITK.Image) -> Volume:
    """Return the volume of a SimpleITK image of three or four dimensions."""
    import SimpleITK as sitk

    from pydcm_pixels._volume.model import Volume

    rank = image.GetDimension()
    if rank not in (3, 4):
        raise ValueError(f"an image of {rank} dimensions is not a volume")
    axes = ("t" if rank == 4 else "") + "zyx" + ("c" if image.GetNumberOfComponentsPerPixel() > 1 else "")
    direction = np.array(image.GetDirection()).reshape(rank, rank)[:3, :3]
    meta = {}
    if rank == 4:
        start, step = image.GetOrigin()[3], image.GetSpacing()[3]
        meta["time"] = [start + i * step for i in range(image.GetSize()[3])]
    return Volume(
        sitk.GetArrayFromImage(image),
        spacing=image.GetSpacing()[:3],
        origin=image.GetOrigin()[:3],
        direction=direction,
        axes=axes,
        meta=meta,
    )


def to_nibabel(volume: Volume) -> nibabel.Nifti1Image:
    """Return a nibabel image that shares the voxels: axes x, y, z(, t), affine to RAS."""
    import nibabel

    if volume.axes.endswith("c"):
        raise ValueError("nibabel images have no colours; take one channel, volume[..., 0]")
    array = _known(volume.pixels)
    image = nibabel.Nifti1Image(array.T, _RAS @ volume.affine, dtype=array.dtype)
    image.header.set_xyzt_units("mm", "sec")
    if volume.axes[0] == "t":
        first, step = times_of(volume)
        image.header.set_zooms((*volume.spacing, step))
        image.header["toffset"] = first
    return image


def from_nibabel(image: Any) -> Volume:
    """Return the volume of a nibabel image; scaled voxels are what nibabel makes of them."""
    from pydcm_pixels._volume.model import Volume

    if image.affine is None:
        raise ValueError("the image has no affine: nothing says where its voxels are")
    array = np.asanyarray(image.dataobj).T
    if array.ndim not in (3, 4):
        raise ValueError(f"an image of {array.ndim} dimensions is not a volume")
    axes = "zyx" if array.ndim == 3 else "tzyx"
    meta = {}
    length, seconds = _units(image.header)
    if axes[0] == "t" and len(zooms := image.header.get_zooms()) > 3 and zooms[3] * seconds > 0:
        step = float(zooms[3]) * seconds
        first = float(image.header["toffset"]) * seconds if hasattr(image.header, "get_xyzt_units") else 0.0
        meta["time"] = [first + i * step for i in range(array.shape[0])]
    if array.dtype.names is not None:  # nibabel's colours are records
        array = np.stack([array[name] for name in array.dtype.names], axis=-1)
        axes += "c"
    return Volume(array, _RAS @ np.diag([length, length, length, 1.0]) @ image.affine, axes=axes, meta=meta)


def _units(header: Any) -> tuple[float, float]:
    """Return a header's units in mm and seconds, which they are if it does not say; 0 if the fourth axis is no time."""
    # FreeSurfer's headers do not say that their times are milliseconds
    implied = ("mm", "msec" if type(header).__name__ == "MGHHeader" else "sec")
    length, time = header.get_xyzt_units() if hasattr(header, "get_xyzt_units") else implied
    other = 0.0 if time in ("hz", "ppm", "rads") else 1.0
    return {"meter": 1000.0, "micron": 1e-3}.get(length, 1.0), {"msec": 1e-3, "usec": 1e-6}.get(time, other)


def to_torch(volume: Volume) -> torch.Tensor:
    """Return a tensor that shares the voxels' memory."""
    import torch

    array = volume.pixels
    if any(step < 0 for step in array.strides) or not array.flags.writeable or not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="), order="C", copy=True)  # torch has no such arrays
    return torch.from_numpy(array)


def to_xarray(volume: Volume) -> xarray.DataArray:
    """Return an array with coordinates along its axes: mm from the first voxel, seconds."""
    import xarray

    coords: dict[str, Any] = {}
    x, y, z = volume.spacing
    for name, n, step in zip("zyx", volume.size[::-1], (z, y, x), strict=True):
        coords[name] = xarray.DataArray(np.arange(n) * step, dims=name, attrs={"units": "mm"})
    times = volume.meta.get("time")
    if "t" in volume.axes and times is not None:
        coords["t"] = xarray.DataArray(np.asarray(times), dims="t", attrs={"units": "s"})
    if "t" in volume.axes:  # parts of the array have their parts of them
        for key, values in (volume.meta.get("varying") or {}).items():
            column = np.empty(len(values), object)
            column[:] = values
            coords[key] = xarray.DataArray(column, dims="t")
    attrs = {key: value for key, value in volume.meta.items() if key not in ("time", "varying")}
    return xarray.DataArray(
        volume.pixels,
        dims=tuple(volume.axes),
        coords=coords,
        attrs=attrs | {"affine": volume.affine.tolist()},
    )


def from_xarray(array: xarray.DataArray) -> Volume:
    """Return the volume of an array as :func:`to_xarray` makes it, or of a part of one: coordinates say which.

    Raises
    ------
    ValueError
        If coordinates along an axis are not evenly spaced, or the dimensions are not those of a volume.
    """
    from pydcm_pixels._volume.model import Volume

    array = array.transpose(*[name for name in "tzyxc" if name in array.dims], ...)
    affine = np.array(array.attrs.get("affine", np.eye(4)), np.float64)
    shift, steps = np.zeros(3), np.ones(3)
    for at, name in enumerate("xyz"):
        if name in array.coords and array.coords[name].ndim == 1:
            spacing = float(np.linalg.norm(affine[:3, at]))
            shift[at], steps[at] = _grid(array.coords[name].values / spacing, name)
    affine[:3, 3] += affine[:3, :3] @ shift
    affine[:3, :3] *= steps
    meta = {key: value for key, value in array.attrs.items() if key != "affine"}
    if "t" in array.coords and "t" in array.dims:
        meta["time"] = array.coords["t"].values.tolist()
    others = {str(key): one.values for key, one in array.coords.items() if one.dims == ("t",) and key != "t"}
    if others:
        meta["varying"] = {key: values.tolist() for key, values in others.items()}
    return Volume(array.values, affine, axes="".join(map(str, array.dims)), meta=meta)


def _grid(numbers: np.ndarray, name: str) -> tuple[float, float]:
    """Return where coordinates, in voxels, begin and how far they are apart."""
    start = float(numbers[0])
    step = float(numbers[-1] - numbers[0]) / (len(numbers) - 1) if len(numbers) > 1 else 1.0
    if not np.allclose(numbers, start + step * np.arange(len(numbers)), atol=1e-3):
        raise ValueError(f"the coordinates along {name} are not evenly spaced: that is no volume")
    return start, step
