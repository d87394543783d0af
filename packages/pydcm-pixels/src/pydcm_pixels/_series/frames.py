"""From one file's header to its frames: plain images, mosaics, multi-frame objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.raw import file_size
from pydcm_pixels._series import enhanced, fields, mosaic
from pydcm_pixels._series.frame import Frame, ImageFile
from pydcm_pixels._series.problems import RECORDINGS, LeftOut
from pydcm_pixels._series.vendors import philips_item, philips_real_world

if TYPE_CHECKING:
    from pydcm.dataset import Dataset
    from pydcm_pixels._series.alike import Models

__all__ = ["OTHER_OBJECTS", "frames_of", "is_distance", "order_of", "place"]

#: Objects with pixels that are no slices of a patient, and what reads them.
OTHER_OBJECTS = {
    "1.2.840.10008.5.1.4.1.1.66.4": "a segmentation: pydcm.seg reads it",
    "1.2.840.10008.5.1.4.1.1.66.7": "a label map segmentation: pydcm.seg reads it",
    "1.2.840.10008.5.1.4.1.1.77.1.6": "a whole-slide image: pydcm.wsi reads it",
    "1.2.840.10008.1.3.10": "a DICOMDIR",
}
_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"  # RT Dose has a scaling of its own (PS3.3 §C.8.8.3)
#: Distances of pixels that are not larger than this are no distances, mm.
_LEAST = 1e-7
#: More frames than this in one file are taken for a broken *Number of Frames*.
_MAX_FRAMES = 1_000_000


def frames_of(path: str, ds: Dataset, models: Models | None = None) -> list[Frame]:
    """Return the frames of a file.

    Parameters
    ----------
    path : str
        The file.
    ds : Dataset
        Its header.
    models : Models, optional
        Images of other files: what follows from elements that are the same there is taken from them.

    Raises
    ------
    LeftOut
        If it holds no image that could be part of a volume; the message says why.
    ValueError
        If it should hold one.
    """
    if models is not None and (model := models.find(ds)) is not None:
        frame = Frame(model.image.like(path, ds))
        frame.orientation, frame.spacing = model.orientation, model.spacing
        _locate(frame, ds)
        frame.order = order_of(ds)
        return [frame]
    sop_class = fields.text(ds, 0x00080016) or _stored_class(ds)
    if other := OTHER_OBJECTS.get(sop_class):
        raise LeftOut(other)
    if sop_class in RECORDINGS and 0x00280100 not in ds:  # Bits Allocated, without which there are no pixels
        raise LeftOut(RECORDINGS[sop_class])
    image = ImageFile(path, ds)
    if not image.rows or not image.columns:
        name = _class_name(ds, sop_class)
        if name.endswith("Image Storage") or not name:
            raise ValueError(f"there is no image size: {name or 'neither Rows nor a SOP Class UID'}")
        raise LeftOut(f"no image: {name}")
    if image.n_frames > _MAX_FRAMES:
        raise LeftOut(f"(0028,0008) Number of Frames is {image.n_frames}")
    tiles = mosaic.tiles_of(image) if image.n_frames == 1 else None
    if tiles is not None:
        return tiles
    if image.n_frames > 1 or 0x52009230 in ds:
        return enhanced.frames_of(image)
    image.check_size(1, file_size(ds))
    frame = Frame(image)
    place(frame, ds)
    if sop_class == _DOSE:
        frame.slope, frame.intercept = fields.number(ds, 0x3004000E) or 1.0, 0.0
    if 0x00409096 in ds:
        philips_real_world(frame)
    elif models is not None and sop_class != _DOSE and _is_oriented(ds):
        models.add(frame)
    frame.order = order_of(ds)
    return [frame]


def _is_oriented(ds: Dataset) -> bool:
    return bool(fields.floats(ds, 0x00200037, 6) or fields.floats(ds, 0x00200035, 6))


def _stored_class(ds: Dataset) -> str:
    """Return *Media Storage SOP Class UID*: a DICOMDIR has no other."""
    meta = getattr(ds, "file_meta", None)
    return fields.text(meta, 0x00020002) if meta is not None else ""


def order_of(ds: Dataset) -> tuple[int, int]:
    """Return what sorts files in the order of acquisition: *Instance Number*, then *Acquisition Number*.

    PET has an *Image Index* besides, which counts the images of a series where the other may not (PS3.3 §C.8.9.4.1.9).
    """
    index = fields.integer(ds, 0x00541330) if 0x00541330 in ds else None
    number = index if index and fields.text(ds, 0x00080060) == "PT" else fields.integer(ds, 0x00200013)
    return number or 0, fields.integer(ds, 0x00200012) or 0


def _class_name(ds: Dataset, sop_class: str) -> str:
    from pydcm.uid import UID

    return UID(sop_class).name if sop_class else fields.text(ds, 0x00080060)


def place(frame: Frame, ds: Dataset) -> None:
    """Set position, orientation, spacing and rescale of a frame from a classic image's elements."""
    _locate(frame, ds)
    stated = fields.floats(ds, 0x00200037, 6) or fields.floats(ds, 0x00200035, 6)
    frame.orientation = stated or _own(ds, 0x00200037, 6)
    spacing = fields.floats(ds, 0x00280030) or fields.floats(ds, 0x00181164)
    if spacing and is_distance(*spacing):
        row, *others = spacing
        frame.spacing = (row, others[0] if others else row)


def _locate(frame: Frame, ds: Dataset) -> None:
    """Set position and rescale, which images of a series have of their own."""
    # the ACR-NEMA 2 elements mean the same where only they are there
    frame.position = (
        fields.floats(ds, 0x00200032, 3) or fields.floats(ds, 0x00200030, 3) or _own(ds, 0x00200032, 3)
    )
    rescale(frame, ds)


def is_distance(*values: float) -> bool:
    """Say whether pixels can be that far apart (mm): affines of other numbers cannot be inverted."""
    return min(values) > _LEAST and max(values) < 1 / _LEAST


def _own(ds: Dataset, tag: int, count: int) -> tuple[float, ...] | None:
    """Return what an item says of a place: Philips' own where the public elements were dropped, or that of NM's detector."""
    item = philips_item(ds) or next(iter(fields.items(ds, 0x00540022)), None)
    return (fields.floats(item, tag, count) or None) if item is not None else None


def rescale(frame: Frame, ds: Dataset) -> None:
    """Set slope and intercept of a frame from the elements of a data set."""
    slope = fields.number(ds, 0x00281053)
    intercept = fields.number(ds, 0x00281052)
    if slope:
        frame.slope = slope
    if intercept is not None:
        frame.intercept = intercept
    frame.table = slope is None and 0x00283000 in ds
