"""Voxels as the 8 or 16 bits of a DICOM image, and the rescale that brings them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pydcm.valuerep import format_number_as_ds

if TYPE_CHECKING:
    from pydcm.dataset import Dataset
    from pydcm_pixels._volume.model import Volume

__all__ = ["Stored", "stored_values"]

_TOP = 65535


@dataclass
class Stored:
    """Voxels as they are stored.

    Attributes
    ----------
    pixels : numpy.ndarray
        Little-endian, of 8 or 16 bits; axes as in the volume.
    slope, intercept : str
        Decimal strings: ``value = stored * slope + intercept``.
    low, high : float
        The range of the values.
    colour : bool
        Whether the last axis is red, green and blue.
    """

    pixels: np.ndarray
    slope: str = "1"
    intercept: str = "0"
    low: float = 0.0
    high: float = 0.0
    colour: bool = False

    def describe(self, ds: Dataset, known: str) -> None:
        """Set the elements of the Image Pixel module (PS3.3 §C.7.6.3), rescale and window.

        Parameters
        ----------
        ds : Dataset
            What gets them.
        known : str
            ``"CT"``, ``"MR"`` or, for Secondary Capture, ``""``.
        """
        size = self.pixels.shape[:-1] if self.colour else self.pixels.shape
        bits = 8 * self.pixels.dtype.itemsize
        ds.SamplesPerPixel = 3 if self.colour else 1
        ds.PhotometricInterpretation = "RGB" if self.colour else "MONOCHROME2"
        if self.colour:
            ds.PlanarConfiguration = 0
        ds.Rows, ds.Columns = size[-2:]
        ds.BitsAllocated = ds.BitsStored = bits
        ds.HighBit = bits - 1
        ds.PixelRepresentation = int(self.pixels.dtype.kind == "i")
        if self.colour:
            return
        if known == "CT" or (self.slope, self.intercept) != ("1", "0"):
            ds.RescaleSlope, ds.RescaleIntercept = self.slope, self.intercept
            ds.RescaleType = "HU" if known == "CT" else "US"
        ds.WindowCenter = format_number_as_ds((self.low + self.high) / 2)
        ds.WindowWidth = format_number_as_ds(max(self.high - self.low, 1.0))


def stored_values(volume: Volume, fewest: int) -> Stored:
    """Return a volume's voxels in at least `fewest` bits.

    Raises
    ------
    ValueError
        If there is no way to store them.
    """
    array = volume.pixels
    if volume.axes.endswith("c"):
        if array.dtype != np.uint8 or array.shape[-1] != 3:
            raise ValueError(f"colours are stored as three of 8 bits, not {array.shape[-1]} of {array.dtype}")
        return Stored(np.ascontiguousarray(array), colour=True)
    if array.dtype.kind not in "biuf" or not array.size:
        raise ValueError(f"{array.size} voxels of type {array.dtype} cannot be stored as DICOM images")
    if array.dtype.kind == "b":
        array = array.view(np.uint8)
    least, most = array.min(), array.max()
    if not (np.isfinite(least) and np.isfinite(most)):
        raise ValueError(
            "some voxels are not finite, and DICOM stores whole numbers: replace them, with numpy.nan_to_num"
        )
    low, high = float(least), float(most)
    if array.dtype.kind in "iu" or np.array_equal(array, np.rint(array)):
        for kind in ("|u1", "<i2", "<u2") if fewest == 8 and array.dtype == np.uint8 else ("<i2", "<u2"):
            limits = np.iinfo(kind)
            # unsigned stays unsigned
            if limits.min <= least and most <= limits.max and not (array.dtype.kind == "u" and kind == "<i2"):
                return Stored(array.astype(kind, copy=False), low=low, high=high)
        if int(most) - int(least) <= _TOP and len(str(int(least))) <= 16:
            shifted = array - array.dtype.type(least)
            return Stored(shifted.astype("<u2"), "1", str(int(least)), low, high)
    return _scaled(array, low, high)


def _scaled(array: np.ndarray, low: float, high: float) -> Stored:
    """Spread the values over 16 bits; slope and intercept are the numbers that a decimal string can hold."""
    intercept = format_number_as_ds(low)
    base = float(intercept)
    step = (high - base) / _TOP
    slope = format_number_as_ds(step if step > 0 else 1.0)
    if not float(slope) > 0:
        raise ValueError(
            f"values from {low} to {high} are too near to each other for a decimal rescale slope"
        )
    pixels = np.empty(array.shape, "<u2")
    for source, target in zip(array, pixels, strict=True):  # slice by slice: doubles of one slice at a time
        target[...] = np.clip(np.rint((source.astype(np.float64) - base) / float(slope)), 0, _TOP)
    return Stored(pixels, slope, intercept, low, high)
