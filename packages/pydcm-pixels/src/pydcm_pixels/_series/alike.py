"""Files whose headers are the same but for a few elements, as those of a series are: the rest is worked out once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, TypeVar

from pydcm.raw import file_size, same
from pydcm_pixels._series import fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydcm.dataset import Dataset
    from pydcm_pixels._series.frame import Frame

    Answer = TypeVar("Answer")

__all__ = ["COMMON", "Models", "of_common"]

#: Elements that are the same in files that count as alike; first those that tell images of a folder apart most often.
COMMON = (
    0x0020000E,  # Series Instance UID
    0x00180081,  # Echo Time
    0x00080008,  # Image Type
    0x00200037,  # Image Orientation (Patient)
    0x00200035,  # Image Orientation
    0x00080005,  # Specific Character Set
    0x00080016,  # SOP Class UID
    0x00080020,  # Study Date
    0x00080030,  # Study Time
    0x00080031,  # Series Time
    0x00080060,  # Modality
    0x00080070,  # Manufacturer
    0x0008103E,  # Series Description
    0x00089208,  # Complex Image Component
    0x00100010,  # Patient's Name
    0x00100020,  # Patient ID
    0x00180080,  # Repetition Time
    0x00180086,  # Echo Number(s)
    0x00181020,  # Software Versions
    0x00181030,  # Protocol Name
    0x00181164,  # Imager Pixel Spacing
    0x00181314,  # Flip Angle
    0x0019100A,  # Siemens: number of a mosaic's tiles
    0x0020000D,  # Study Instance UID
    0x00200011,  # Series Number
    0x00200052,  # Frame of Reference UID
    0x00280002,  # Samples per Pixel
    0x00280004,  # Photometric Interpretation
    0x00280006,  # Planar Configuration
    0x00280008,  # Number of Frames
    0x00280010,  # Rows
    0x00280011,  # Columns
    0x00280030,  # Pixel Spacing
    0x00280100,  # Bits Allocated
    0x00280101,  # Bits Stored
    0x00280102,  # High Bit
    0x00280103,  # Pixel Representation
    0x00409096,  # Real World Value Mapping Sequence
    0x52009230,  # Per-Frame Functional Groups Sequence
)
#: And of the file meta information: class of the image, and transfer syntax.
_META = (0x00020002, 0x00020010)
#: With so many different images a file is compared: those of one series may take turns.
_MODELS = 8


def of_common(function: Callable[[Frame], Answer]) -> Callable[[Frame], Answer]:
    """Have a function of a frame called once for all frames of a file, and for all files of one frame that are alike.

    It may look at nothing of a single frame's file but elements in `COMMON`, and at nothing that is one frame's own.
    """

    @functools.wraps(function)
    def once(frame: Frame) -> Answer:
        answers = frame.image.answers
        if answers is None:
            return function(frame)
        try:
            return answers[function]
        except KeyError:
            answer = answers[function] = function(frame)
            return answer

    return once


class Models:
    """Images of a scan that others are compared with: single frames of a file without anything special."""

    def __init__(self) -> None:
        self._models: list[tuple[Dataset, Dataset, Frame, int]] = []

    def find(self, ds: Dataset) -> Frame | None:
        """Return an image whose file has the same elements in `COMMON`, if there is room for the image in this file, too."""
        models = self._models
        for at, model in enumerate(models):
            if not same(ds, model[0], COMMON):
                continue
            meta, size = getattr(ds, "file_meta", None), file_size(ds)
            if meta is None or not same(meta, model[1], _META):
                continue
            if size is None or size < model[3]:
                return None
            if at:  # series follow one another: the next file is compared with this one first
                self._models = [model, *models[:at], *models[at + 1 :]]
            return model[2]
        return None

    def add(self, frame: Frame) -> None:
        """Compare the next files with this image too, if its file says how pixels are encoded."""
        meta = getattr(frame.ds, "file_meta", None)
        if meta is not None and fields.text(meta, 0x00020010):
            model = (frame.ds, meta, frame, frame.image.least_size())
            self._models = [model, *self._models[: _MODELS - 1]]
