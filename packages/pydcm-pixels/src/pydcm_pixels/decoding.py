"""`decode`: pixels, real-world values and geometry straight from a file."""

from __future__ import annotations

import operator
from contextlib import nullcontext
from os import PathLike
from typing import TYPE_CHECKING, Any

from pydcm_pixels._decode.parallel import useful_workers
from pydcm_pixels._decode.quick import quick_array
from pydcm_pixels._processing.groups import group_item
from pydcm_pixels._utils.read import dataset_syntax, decoder_for, opened, read_header, whole_dataset

if TYPE_CHECKING:
    from typing import BinaryIO

    import numpy as np

    from pydcm.dataset import Dataset
    from pydcm_pixels._decode.runner import DecodeRunner

__all__ = ["decode", "decode_uncompressed"]

_EXPLICIT = "1.2.840.10008.1.2.1"
_IMPLICIT = "1.2.840.10008.1.2"
_META = {
    "modality": "Modality",
    "sop_class_uid": "SOPClassUID",
    "sop_instance_uid": "SOPInstanceUID",
    "series_instance_uid": "SeriesInstanceUID",
    "study_instance_uid": "StudyInstanceUID",
    "frame_of_reference_uid": "FrameOfReferenceUID",
}
# Elements of functional groups that enhanced objects have per frame: (sequence, element).
_GEOMETRY = {
    "pixel_spacing": ("PixelMeasuresSequence", "PixelSpacing"),
    "slice_thickness": ("PixelMeasuresSequence", "SliceThickness"),
    "image_position_patient": ("PlanePositionSequence", "ImagePositionPatient"),
    "image_orientation_patient": ("PlaneOrientationSequence", "ImageOrientationPatient"),
    "window_center": ("FrameVOILUTSequence", "WindowCenter"),
    "window_width": ("FrameVOILUTSequence", "WindowWidth"),
    "rescale_slope": ("PixelValueTransformationSequence", "RescaleSlope"),
    "rescale_intercept": ("PixelValueTransformationSequence", "RescaleIntercept"),
}


def decode(
    path: str | PathLike[str] | BinaryIO | bytes | Dataset,
    frame: int = 0,
    *,
    rescale: bool = False,
    to_torch: bool = False,
    with_meta: bool = False,
    real_world: bool | str = False,
    raw: bool = False,
    out: np.ndarray | None = None,
    workers: int | None = None,
    decoding_plugin: str = "",
) -> Any:
    """Decode a DICOM file's pixels to an array.

    Nothing is read but the header and the frames asked for.

    Parameters
    ----------
    path : str, PathLike, file-like, bytes or Dataset
        A file of any transfer syntax, or what has been read from it.
    frame : int, optional
        The frame to return, counted from 1; 0 (default) for all.
    rescale : bool, optional
        Apply each frame's modality LUT or rescale slope and intercept (PS3.3 §C.11.1, §C.7.6.16.2.9): float32, Hounsfield
        units for CT.
    to_torch : bool, optional
        Return a ``torch.Tensor``; it shares the array's memory unless that is of another byte order.
    with_meta : bool, optional
        Return ``(array, meta)``.
    real_world : bool or str, optional
        Apply a real world value map instead of the rescale (PS3.3 §C.7.6.16.2.11): the first one, or the one of this
        *LUT Label* or code of units. float32, NaN outside the map's range.
    raw : bool, optional
        Leave colours in the stored colour space instead of RGB.
    out : numpy.ndarray, optional
        Fill and return this array: of the result's shape, or without its first axis for one frame.
    workers : int, optional
        Threads that decode several compressed frames; by default as many as there are processors.
    decoding_plugin : str, optional
        The name of the decoder plugin to use.

    Returns
    -------
    numpy.ndarray or torch.Tensor
        ``[frames, rows, columns]`` or ``[frames, rows, columns, samples]``, stored values unless `rescale` or
        `real_world`.
    dict[str, Any]
        With `with_meta`: geometry (patient space LPS, mm), window, rescale, UIDs, ``decoded_by`` and the Image Pixel
        values. Values that differ between frames come as one list per frame. ``decoded_by`` is the plugin's name:
        ``"imagecodecs"`` are the codecs that come with this package, most of them that library's.

    Raises
    ------
    ValueError
        For a frame that is not there, or an `out` of the wrong shape.
    InvalidDicomError
        If the input is no DICOM.
    AttributeError
        Without pixel data.
    TypeError
        For an `out` that cannot take the values.

    Examples
    --------
    >>> import pydcm
    >>> pydcm.decode(pydcm.examples.get_path("ct")).shape
    (1, 128, 128)
    """
    source = _source(path)
    frame = operator.index(frame)
    if frame < 0:
        raise ValueError(f"'frame' counts from 1 (0 for all), it cannot be {frame}")
    flat = None if out is None else _flat(out)
    index = frame - 1 if frame else None
    quick = None
    whole_header = bool(rescale or real_world or with_meta)
    if not whole_header and isinstance(source, str | PathLike):
        quick = quick_array(source, index, raw=raw, workers=workers, plugin=decoding_plugin, out=flat)
    if quick is not None:
        arr, n_frames = quick
    else:
        ds, arr, properties, runner = _complete(
            source, index, whole_header, raw, workers, decoding_plugin, flat
        )
        n_frames = 1 if index is not None else properties["number_of_frames"]
    if index is not None or n_frames == 1:
        arr = arr[None]
    frames = range(n_frames) if index is None else (index,)
    if real_world:
        from pydcm_pixels._processing.real_world import apply_real_world

        arr = apply_real_world(arr, ds, frames, real_world if isinstance(real_world, str) else None)
    elif rescale:
        arr = _rescaled(arr, ds, frames)
    if out is not None:
        arr = _fill(out, arr)
    result: Any = arr
    if to_torch:
        import torch

        result = torch.from_numpy(arr if arr.dtype.isnative else arr.astype(arr.dtype.newbyteorder("=")))
    if not with_meta:
        return result
    properties["photometric_interpretation"] = str(properties["photometric_interpretation"])
    return result, {**properties, **_meta(ds, frames), "decoded_by": runner.decoded_by or "pydcm"}


def _source(path: Any) -> Any:
    """Return a path, file-like or data set; bytes become a file-like."""
    from pydcm.dataset import Dataset

    if isinstance(path, bytes | bytearray | memoryview):
        from io import BytesIO

        return BytesIO(path)
    if not (isinstance(path, str | PathLike | Dataset) or hasattr(path, "read")):
        raise TypeError(f"'path' is a path, a file-like, bytes or a Dataset, not {type(path).__name__}")
    return path


def _flat(out: Any) -> np.ndarray | None:
    """Return the caller's array without its axes, ``None`` if it is not contiguous."""
    import numpy as np

    if not isinstance(out, np.ndarray):
        raise TypeError(f"'out' is a NumPy array, not {type(out).__name__}")
    if not out.flags.writeable:
        raise ValueError("'out' is read-only")
    return out.reshape(-1) if out.flags.c_contiguous else None


def _complete(
    path: Any,
    index: int | None,
    whole_header: bool,
    raw: bool,
    workers: int | None,
    plugin: str,
    out: np.ndarray | None,
) -> tuple[Dataset, np.ndarray, dict[str, Any], DecodeRunner]:
    """Return the data set, or its header, the array, the values that describe the array and the run."""
    from pydcm.dataset import Dataset

    whole: Dataset | None = path if isinstance(path, Dataset) else whole_dataset(path, index)
    place: Any = path
    with nullcontext(path) if whole is not None else opened(place) as stream:
        if whole is not None:
            opts: dict[str, Any] = {}
            ds, source = whole, whole
            decoder = decoder_for(dataset_syntax(whole))
        else:
            ds, opts, source = _header(stream, whole_header)
            decoder = decoder_for(opts["transfer_syntax_uid"])
        runner = decoder._runner(source, True, plugin, opts, log=True)
        stated = runner.number_of_frames
        if index is not None and index >= stated:
            raise ValueError(f"There is no frame {index + 1}: (0028,0008) 'Number of Frames' is {stated}")
        workers = useful_workers(workers, stated if index is None else 1)
        arr, properties = decoder._array(runner, index, raw, workers, out)
    return ds, arr, properties, runner


def _header(stream: Any, whole: bool) -> tuple[Dataset, dict[str, Any], Any]:
    """Read the header; a file without a transfer syntax is taken for what its first element looks like."""
    from pydcm_pixels._utils.read import _BASIC_TAGS

    tags = None if whole else _BASIC_TAGS
    head = stream.read(132)
    stream.seek(0)
    try:
        return read_header(stream, tags, {})
    except AttributeError as exc:
        if "transfer_syntax_uid" not in str(exc):
            raise _reason(exc, stream, head) from None
    stream.seek(0)
    explicit = head[4:6].isalpha() and head[4:6].isupper()
    try:
        return read_header(stream, tags, {"transfer_syntax_uid": _EXPLICIT if explicit else _IMPLICIT})
    except AttributeError as exc:
        raise _reason(exc, stream, head) from None


def _reason(error: AttributeError, stream: Any, head: bytes) -> Exception:
    """Return the error to raise for a file without pixel data: it may be none of DICOM at all."""
    from pydcm.errors import InvalidDicomError

    if head[128:132] == b"DICM" or head[:1] in (
        b"\x02",
        b"\x08",
    ):  # which data sets without a preamble begin with
        return error
    name = getattr(stream, "name", None)
    return InvalidDicomError(f"{name or 'This'} is no DICOM file: no 'DICM' at byte 128, and no pixel data")


def _fill(out: np.ndarray, arr: np.ndarray) -> np.ndarray:
    import numpy as np

    if out.shape != arr.shape and (len(arr) != 1 or out.shape != arr.shape[1:]):
        raise ValueError(f"'out' has the shape {out.shape}, {arr.shape} is needed")
    target = out.reshape(arr.shape)
    if not np.shares_memory(target, arr):
        np.copyto(target, arr, casting="same_kind")
    if not np.shares_memory(target, out):
        np.copyto(out, target.reshape(out.shape))
    return out


def _rescaled(arr: np.ndarray, ds: Dataset, frames: Any) -> np.ndarray:
    """Return each frame after its modality LUT, or rescale, as float32."""
    import numpy as np

    from pydcm_pixels._processing.modality import apply_modality_lut

    out = np.empty(arr.shape, dtype="f4")
    for at, frame in enumerate(frames):
        item = group_item(ds, "PixelValueTransformationSequence", frame)
        out[at] = apply_modality_lut(arr[at], ds if item is None else item)
    return out


def _plain(value: Any) -> Any:
    """Return an element's value as plain Python numbers and strings."""
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    if hasattr(value, "__iter__"):
        return [_plain(one) for one in value]
    return float(value)


def _meta(ds: Dataset, frames: Any) -> dict[str, Any]:
    meta: dict[str, Any] = {name: _plain(ds.get(keyword)) for name, keyword in _META.items()}
    for name, (sequence, keyword) in _GEOMETRY.items():
        values = []
        for frame in frames:
            item = group_item(ds, sequence, frame)
            values.append(_plain((ds if item is None else item).get(keyword)))
        same = all(value == values[0] for value in values)
        meta[name] = values[0] if same else values
    meta["transfer_syntax_uid"] = _plain(ds.file_meta.get("TransferSyntaxUID"))
    return meta


def decode_uncompressed(ds: Dataset) -> np.ndarray:
    """Return the stored values of an uncompressed data set in memory.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        A data set with uncompressed pixel data; little endian if it does not say.

    Returns
    -------
    numpy.ndarray
        ``[frames, rows, columns]`` or ``[frames, rows, columns, samples]``, colours as they are stored.
    """
    from pydcm.uid import UID

    syntax = (getattr(ds, "file_meta", None) or {}).get("TransferSyntaxUID", None) or UID(_EXPLICIT)
    decoder = decoder_for(syntax)
    if decoder.is_encapsulated:
        raise ValueError(
            f"The pixel data is compressed ('{syntax.name}'), use decode() or Dataset.pixel_array"
        )
    arr, properties = decoder.as_array(ds, raw=True)
    return arr if properties["number_of_frames"] > 1 else arr[None]
