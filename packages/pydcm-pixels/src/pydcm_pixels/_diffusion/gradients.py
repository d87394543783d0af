"""The gradient table of a stack in FSL's convention."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pydcm_pixels._bids.orientation import phase_axis
from pydcm_pixels._diffusion.weighting import Weighting, weighting
from pydcm_pixels._vendors.ge import is_diffusion, n_directions
from pydcm_pixels._vendors.header import Header, is_planar

if TYPE_CHECKING:
    from pydcm_pixels._series.stack import Stack

__all__ = ["Gradients", "gradients", "in_patient", "rotated", "table"]

#: Signs of directions in the frame of the image along the axes of sagittal, coronal and axial images.
_IMAGE_SIGNS = np.array([(1.0, 1.0, -1.0), (-1.0, 1.0, 1.0), (-1.0, -1.0, 1.0)])
#: b values (s/mm2) up to which a volume counts as not weighted: Siemens' are never quite zero.
_NO_WEIGHT = {"Siemens": 50.0}
_NO_WEIGHT_ELSE = 6.0
_SMALL = 1e-6
_UNWEIGHTED = Weighting(0.0, None)
_DERIVED = frozenset(("DERIVED", "ADC", "TRACEW", "TRACE", "FA"))


class Gradients(NamedTuple):
    """Weightings of a stack's volumes.

    Attributes
    ----------
    values : numpy.ndarray
        (n,) b, s/mm2.
    vectors : numpy.ndarray
        (n, 3) as stored, zero where there is no direction.
    header : Header
        Of the first image.
    world : bool
        Whether the vectors are in the patient, else in the frame of the image.
    isotropic : numpy.ndarray
        (n,) of bool: volumes that are weighted without a direction, or that the header calls isotropic.
    """

    values: np.ndarray
    vectors: np.ndarray
    header: Header
    world: bool
    isotropic: np.ndarray


def gradients(stack: Stack) -> Gradients | None:
    """Return the weightings of a stack's volumes as the headers have them, ``None`` without diffusion."""
    headers = [Header(volume[0]) for volume in stack.frames]
    found = [weighting(header) for header in headers]
    if headers[0].maker in ("Canon", "Toshiba") and any(found):
        found = [one or _UNWEIGHTED for one in found]  # they tell of weighted images only
    known = [one for one in found if one is not None]
    if not known or len(known) < len(found):
        return None
    first = headers[0]
    vectors = np.array([one.direction or (0.0, 0.0, 0.0) for one in known], dtype=np.float64)
    values = np.array([one.value for one in known], dtype=np.float64)
    world = any(one.world for one in known if one.direction is not None)
    if first.maker == "GE" and first.frame.groups is None:
        world = (
            len(first.numbers(0x00189089)) == 3
        )  # even b = 0 has the standard's direction if the others do
    if first.maker == "GE" and not world:
        vectors[values == 0] = 0  # whatever was stored with it
        _from_lengths(values, vectors)
        if (
            not first.private_number(0x0019, "GEMS_ACQU_01", 0xE0)
            and len(known) == 1
            and "EP" not in first.text(0x00180020)
        ):
            return None  # b = 0 is in the headers of images that are not diffusion-weighted
    if first.maker == "GE" and n_directions(first) != 0:
        values[~vectors.any(axis=1)] = 0  # reference images with the b value of the series
    isotropic = np.array([one.isotropic for one in known]) | ((values > 0) & ~vectors.any(axis=1))
    return Gradients(values, vectors, first, world, isotropic)


def _from_lengths(values: np.ndarray, vectors: np.ndarray) -> None:
    """Give GE's directions unit length: with several b values in one series, b is scaled by the length's square."""
    lengths = np.linalg.norm(vectors, axis=1)
    for at in np.flatnonzero((values > 0) & (lengths > 0.03) & (lengths < 0.97)):
        nominal = values[at] * lengths[at] ** 2
        actual = 5.0 if nominal < 5 else int((nominal + 2.5) / 5) * 5.0
        vectors[at] *= np.sqrt(values[at] / actual)
        values[at] = actual


def rotated(found: Gradients, affine: np.ndarray, *, flip_rows: bool) -> np.ndarray:
    """Return directions along the voxel axes of a NIfTI file, x negated where its determinant is positive (FSL).

    Parameters
    ----------
    found : Gradients
        Weightings of the volumes.
    affine : numpy.ndarray
        (4, 4) from voxels to LPS, mm.
    flip_rows : bool
        Whether the file has its rows in reverse order.

    Returns
    -------
    numpy.ndarray
        (3, n).
    """
    header = found.header
    directions = found.vectors
    x, y, z = (affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)).T
    normal = np.cross(x, y)
    normal /= np.linalg.norm(normal) or 1.0
    against = bool(np.dot(normal, z) < 0)
    if against:
        normal = -normal
    if found.world:
        image = directions @ np.stack([x, y, normal], axis=1)
        image /= np.maximum(np.linalg.norm(image, axis=1), _SMALL)[:, None]
    elif header.maker == "UIH":
        image = directions.copy()
    else:
        image = directions * _turned(header, normal)
        if phase_axis(header) == "R":
            image = image[:, [1, 0, 2]] * (1.0, -1.0, 1.0)
    positive = np.linalg.det(np.stack([x, y, z], axis=1)) > 0  # LPS and RAS have the same handedness
    if flip_rows:
        image[:, 1] *= -1
        positive = not positive
    if positive:
        image[:, 0] *= -1
    if against:
        image *= -1  # the same lines the other way, as dcm2niix writes them
    if header.maker == "Philips":
        planned = found.values == 0  # directions without a weight mean nothing, and stay as stored
        image[planned] = directions[planned]
    return image.T + 0.0


def in_patient(found: Gradients, affine: np.ndarray) -> np.ndarray:
    """Return directions in the patient (LPS), (3, n)."""
    if found.world:
        return found.vectors.T.copy()
    image = rotated(found, affine, flip_rows=False)
    x, y, z = (affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)).T
    if np.linalg.det(np.stack([x, y, z], axis=1)) > 0:
        image[0] *= -1
    patient: np.ndarray = np.stack([x, y, np.cross(x, y)], axis=1) @ image
    return patient + 0.0


def _turned(header: Header, normal: np.ndarray) -> np.ndarray:
    """Return the signs of directions that are along frequency, phase and slice encoding."""
    if not phase_axis(header):
        return np.array([1.0, -1.0, 1.0])  # nobody knows: as they are in the header
    signs: np.ndarray = _IMAGE_SIGNS[int(np.argmax(np.abs(normal)))]
    return signs


def table(stack: Stack, *, flip_rows: bool = True) -> tuple[np.ndarray, np.ndarray | None, list[int]] | None:
    """Return what dcm2niix writes for a stack's volumes, ``None`` if that is nothing.

    Trace images among weighted ones are left out, as no model of diffusion takes them.

    Returns
    -------
    tuple
        b values (n,); FSL's directions (3, n), or ``None`` if no volume has one; the volumes that the table is for.
    """
    found = gradients(stack)
    if found is None:
        return _unweighted(stack)
    header = found.header
    values, vectors = found.values.copy(), found.vectors
    count = len(values)
    if sum(len(volume) for volume in stack.frames) < 2 and stack.first.tile is None:
        return None if values.any() else _unweighted(stack)
    by_image = header.maker in ("Canon", "Toshiba") or (header.maker == "GE" and not found.world)
    if count == 1 and by_image and not is_planar(header):
        # b values are in headers of images of other kinds as well
        return None if values.any() else _unweighted(stack)
    varies = bool(
        np.ptp(values) > 0 or values.min() > _NO_WEIGHT.get(header.maker, _NO_WEIGHT_ELSE) or vectors[0].any()
    )
    if not varies:
        if not np.ptp(vectors, axis=0).any():
            told = header.maker == "Philips" and header.frame.groups is not None and count > 1
            return None if values.any() or told else _unweighted(stack)
        empty = ~vectors.any(axis=1)
        if not empty.any():
            return None
        values[empty] = 0  # images of b = 0 with the b value of the series
    odd = (values > 0) & ~vectors.any(axis=1)
    left_out = np.zeros(count, dtype=bool)
    only_isotropic = bool(odd.all()) and header.maker in ("GE", "Philips")
    if header.maker in ("GE", "Philips"):
        left_out = odd
    if count - left_out.sum() < 2:
        left_out[:] = False
    kept = [int(at) for at in np.flatnonzero(~left_out)]
    if only_isotropic:
        return values[kept], None, kept
    chosen = found._replace(values=values[kept], vectors=vectors[kept])
    return chosen.values, rotated(chosen, stack.affine, flip_rows=flip_rows), kept


def _unweighted(stack: Stack) -> tuple[np.ndarray, np.ndarray, list[int]] | None:
    """Return a table of zeros for a series that is called diffusion but has no weighting: the reference volume alone."""
    header = Header(stack.first)
    words = header.text(0x00080008).split("\\")
    named = "DIFFUSION" in words or "DIFFUSION" in header.text(0x00089209)
    if header.maker == "GE":
        named = is_diffusion(header)
    if not named or not _DERIVED.isdisjoint(words):
        return None
    count = len(stack.frames)
    return np.zeros(count), np.zeros((3, count)), list(range(count))
