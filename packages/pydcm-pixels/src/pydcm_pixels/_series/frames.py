"""From one file's header to its frames: plain images, mosaics, multi-frame objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.raw import file_size
from pydcm_pixels._series import enhanced, fields, mosaic
from pydcm_pixels._series.frame import Frame, ImageFile
from pydcm_pixels._series.placing import locate, order_of, place
from pydcm_pixels._series.problems import RECORDINGS, LeftOut
from pydcm_pixels._series.vendors import philips_real_world

if TYPE_CHECKING:
    from pydcm.dataset import Dataset
    from pydcm_pixels._series.alike import Models

__all__ = ["OTHER_OBJECTS", "frames_of"]

#: Objects with pixels that are no slices of a patient, and what reads them.
OTHER_OBJECTS = {
    "1.2.840.10008.5.1.4.1.1.66.4": "a segmentation: pydcm.seg reads it",
    "1.2.840.10008.5.1.4.1.1.66.7": "a label map segmentation: pydcm.seg reads it",
    "1.2.840.10008.5.1.4.1.1.77.1.6": "a whole-slide image: pydcm.wsi reads it",
    "1.2.840.10008.1.3.10": "a DICOMDIR",
}
_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"  # RT Dose has a scaling of its own (PS3.3 §C.8.8.3)
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
        locate(frame, ds)
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


def _class_name(ds: Dataset, sop_class: str) -> str:
    from pydcm.uid import UID

    return UID(sop_class).name if sop_class else fields.text(ds, 0x00080060)
