"""From probabilities to labels, and from labels to one channel each."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from pydcm_pixels._core import _classes
from pydcm_pixels._volume.model import Volume
from pydcm_pixels.transforms._volumes import checked, contiguous, in_parts

_COMPARED = {np.dtype(name) for name in ("f4", "f8", "u1", "u2")}
_MAX_CLASSES = 65536


def argmax(
    probs: Any,
    affine: Any = None,
    *,
    like: Volume | None = None,
    channel_dim: int = 0,
    workers: int | None = None,
) -> Volume:
    """Return which channel is highest at each voxel.

    Parameters
    ----------
    probs : array_like
        Probabilities or logits, (channel, z, y, x) unless `channel_dim` says something else; a tensor on the CPU, too.
    affine : array_like, optional
        (4, 4), from voxel indices (x, y, z) to LPS in mm, of the labels.
    like : Volume, optional
        What the probabilities were predicted for: instead of `affine`, it gives the geometry and what else is known.
    channel_dim : int, default 0
        Which axis the channels are.
    workers : int, optional
        How many threads; as many as this process may use processors if None.

    Returns
    -------
    Volume
        (z, y, x), uint8 for up to 256 channels, else uint16. Of equal channels the first counts, and NaN as the highest.

    Raises
    ------
    ValueError
        If `probs` has no four axes, no voxels or too many channels, or its shape is not that of `like`.
    """
    array = np.asarray(probs)
    if array.ndim != 4 or not array.size:
        raise ValueError(f"probabilities have a channel and three axes more, not the shape {array.shape}")
    if not -4 <= channel_dim < 4:
        raise ValueError(f"channel_dim is an axis of four, not {channel_dim}")
    array = np.moveaxis(array, channel_dim, 0)
    channels, shape = array.shape[0], array.shape[1:]
    if channels > _MAX_CLASSES:
        raise ValueError(f"{channels} channels are more than {_MAX_CLASSES} labels; which axis are they?")
    if like is not None and (affine is not None or checked(like).size[::-1] != shape):
        raise ValueError(
            f"like is of shape {like.shape}, the probabilities of {shape}"
            if affine is None
            else "either affine or like"
        )
    out = np.empty(math.prod(shape), np.uint8 if channels <= 256 else np.uint16)
    values = _comparable(array).reshape(channels, -1)
    in_parts(lambda start, stop: _classes.argmax(values, out, start, stop), out.size, values.size, workers)
    labels = out.reshape(shape)
    return Volume(labels, affine) if like is None else like._like(labels, axes="zyx")


def as_discrete(vol: Volume, threshold: float = 0.5, *, inclusive: bool = False) -> Volume:
    """Return 1 where voxels are above a threshold, else 0.

    Parameters
    ----------
    vol : Volume
        Voxels of any real type, such as probabilities.
    threshold : float, default 0.5
        The threshold.
    inclusive : bool, default False
        Whether the threshold itself is above it, as it is in MONAI's ``AsDiscrete``.

    Returns
    -------
    Volume
        uint8; 0 where a voxel is NaN.

    Raises
    ------
    ValueError
        If the threshold is NaN.
    """
    voxels = checked(vol).pixels
    if voxels.dtype.kind not in "iubf":
        raise TypeError(f"voxels of type {voxels.dtype} cannot be compared")
    if math.isnan(threshold):
        raise ValueError("the threshold is not a number")
    limit = float(threshold)
    if voxels.dtype.kind in "iu" and math.isfinite(limit):  # whole numbers are compared with one
        limit = math.ceil(limit) if inclusive else math.floor(limit)
    above = voxels >= limit if inclusive else voxels > limit
    return vol._like(above.view(np.uint8))


def one_hot(
    vol: Volume, num_classes: int | None = None, *, channel_first: bool = True, workers: int | None = None
) -> np.ndarray:
    """Return labels as one channel each.

    Parameters
    ----------
    vol : Volume
        Labels 0, 1, …; whole numbers of any type.
    num_classes : int, optional
        How many channels; one more than the highest label if None.
    channel_first : bool, default True
        Whether the channels are the first axis, as in torch, or the last.
    workers : int, optional
        How many threads; as many as this process may use processors if None.

    Returns
    -------
    numpy.ndarray
        float32, (channel, z, y, x) or (z, y, x, channel); 1 where the label is the channel, else 0.

    Raises
    ------
    ValueError
        If a label is negative, not whole, or not below `num_classes`.
    DicomLimitError
        If the result had more voxels than :data:`pydcm.limits.MAX_VOXELS`.
    """
    from pydcm import limits
    from pydcm.errors import DicomLimitError

    labels = checked(vol).pixels
    low, high = _range(labels)
    channels = high + 1 if num_classes is None else operator.index(num_classes)
    if low < 0 or high >= channels or channels < 1:
        raise ValueError(f"labels from {low} to {high} do not fit {channels} classes, 0 to {channels - 1}")
    if channels * labels.size > limits.MAX_VOXELS:
        raise DicomLimitError(f"{channels} channels of shape {labels.shape} are too many", limit="MAX_VOXELS")
    dtype = np.uint8 if channels <= 256 else np.uint16 if channels <= _MAX_CLASSES else np.int32
    flat = contiguous(labels).astype(dtype, copy=False).reshape(-1)
    if channel_first:
        first = np.empty((channels, flat.size), np.float32)
        in_parts(
            lambda start, stop: _classes.one_hot(flat, first, start, stop), flat.size, first.size, workers
        )
        return first.reshape((channels, *labels.shape))
    last = np.zeros((flat.size, channels), np.float32)
    first_of: np.ndarray = np.arange(0, last.size, channels)
    last.reshape(-1)[first_of + flat] = 1
    return last.reshape((*labels.shape, channels))


def _comparable(array: np.ndarray) -> np.ndarray:
    """Return channels (the first axis) in a type that they are compared in; the order is that of the values."""
    if array.dtype.kind not in "iubf":
        raise TypeError(f"values of type {array.dtype} have no maximum")
    if array.dtype == np.uint8 and len(array) > 256:
        return array.astype(np.uint16)
    if array.dtype.newbyteorder("=") in _COMPARED:
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    if array.dtype.kind == "f":
        return array.astype(np.float32 if array.dtype.itemsize < 4 else np.float64)
    if array.dtype == bool:
        return array.astype(np.uint16)
    if array.dtype.itemsize > 4:
        _, places = np.unique(array, return_inverse=True)  # more than a double holds
        return places.reshape(array.shape).astype(np.float64)
    return array.astype(np.float32 if array.dtype.itemsize < 4 else np.float64)


def _range(labels: np.ndarray) -> tuple[int, int]:
    """Return the least and highest label."""
    if labels.dtype.kind not in "iubf":
        raise TypeError(f"voxels of type {labels.dtype} are no labels")
    low, high = labels.min(), labels.max()
    if labels.dtype.kind == "f" and not (math.isfinite(low + high) and (labels == np.floor(labels)).all()):
        raise ValueError("labels are whole numbers; these are not")
    return int(low), int(high)
