"""Putting an array into a data set as its pixel data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset

_SAMPLES = {
    "MONOCHROME1": 1,
    "MONOCHROME2": 1,
    "PALETTE COLOR": 1,
    "RGB": 3,
    "YBR_FULL": 3,
    "YBR_FULL_422": 3,
}
_FLOAT_TAGS = (0x7FE00008, 0x7FE00009)


def new_instance_uid(ds: Dataset) -> None:
    """Give `ds` a new *SOP Instance UID*, in the file meta information as well."""
    from pydcm.uid import generate_uid

    uid = generate_uid()
    ds.SOPInstanceUID = uid
    ds.file_meta.MediaStorageSOPInstanceUID = uid


def forget_pixels(ds: Dataset) -> None:
    """Drop the decoded array that `ds` may keep."""
    ds._pixel_array = None
    ds._pixel_id = {}


def set_high_bit(ds: Dataset) -> None:
    """Put *High Bit* below *Bits Stored*, where samples end that have been decoded or encoded (PS3.5 §8.1.1)."""
    stored, high = ds.get("BitsStored"), ds.get("HighBit")
    if isinstance(stored, int) and high is not None and high != stored - 1:
        ds.HighBit = stored - 1


def drop_offsets(ds: Dataset) -> None:
    """Delete the extended offset table, if there is one."""
    for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        if keyword in ds:
            delattr(ds, keyword)


def store_native(ds: Dataset, data: bytes) -> None:
    """Make `data`, padded to an even length, the uncompressed *Pixel Data* of `ds` (PS3.5 §8.1.1, §A.4).

    An extended offset table, which tells where encapsulated frames begin, goes.
    """
    from pydcm.valuerep import VR

    drop_offsets(ds)

    ds.PixelData = data if len(data) % 2 == 0 else data + b"\x00"
    element = ds["PixelData"]
    element.VR = VR.OB if ds.BitsAllocated <= 8 else VR.OW
    element.is_undefined_length = False


def set_pixel_data(
    ds: Dataset,
    arr: np.ndarray,
    photometric_interpretation: str,
    bits_stored: int,
    *,
    generate_instance_uid: bool = True,
) -> None:
    """Make `arr` the pixel data of `ds` and set the Image Pixel module to match.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        Changed in place. Its transfer syntax becomes *Explicit VR Little Endian* when it had none or a compressed
        one.
    arr : numpy.ndarray
        int8, int16, uint8 or uint16; ``(rows, columns)`` or ``(frames, rows, columns)`` for one sample per pixel, and
        one axis more, of length 3, for colour.
    photometric_interpretation : str
        MONOCHROME1, MONOCHROME2, PALETTE COLOR, RGB, YBR_FULL or YBR_FULL_422 (for the last one `arr` is full-size
        and every second pixel's chroma is dropped).
    bits_stored : int
        The number of bits that hold a value; every value in `arr` must fit.
    generate_instance_uid : bool, optional
        Whether to give the data set a new *SOP Instance UID* (default).

    Raises
    ------
    AttributeError
        If there is float pixel data already.
    NotImplementedError
        For a big-endian transfer syntax.
    ValueError
        If the array does not fit its description.
    """
    from pydcm.dataset import FileMetaDataset
    from pydcm.uid import ExplicitVRLittleEndian

    for tag in _FLOAT_TAGS:
        if element := ds.get(tag):
            raise AttributeError(
                f"The dataset has an existing {element.tag} '{element.name}' element which indicates the (0008,0016) "
                "'SOP Class UID' value is not suitable for a dataset with 'Pixel Data'. The "
                f"'{element.name}' element should be deleted and the 'SOP Class UID' changed."
            )
    if not hasattr(ds, "file_meta"):
        ds.file_meta = FileMetaDataset()
    syntax = ds.file_meta.get("TransferSyntaxUID", None)
    if syntax and not syntax.is_little_endian:
        raise NotImplementedError(
            f"The dataset's transfer syntax '{syntax.name}' is big-endian, which is not supported"
        )
    changes = _describe(arr, photometric_interpretation, bits_stored)
    for keyword, value in changes.items():
        if value is not None:
            setattr(ds, keyword, value)
        elif keyword in ds:
            delattr(ds, keyword)
    if photometric_interpretation == "YBR_FULL_422":
        arr = _drop_chroma(arr)
    store_native(ds, arr.astype(arr.dtype.newbyteorder("<"), copy=False).tobytes())
    forget_pixels(ds)
    if not syntax or syntax.is_compressed:
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    if generate_instance_uid:
        new_instance_uid(ds)


def _describe(arr: np.ndarray, photometric: str, bits_stored: int) -> dict[str, Any]:
    """Return the Image Pixel elements for `arr`, with ``None`` for those that must go."""
    shape, dtype = arr.shape, arr.dtype
    if dtype.kind not in "ui" or dtype.itemsize > 2:
        raise ValueError(f"Unsupported ndarray dtype '{dtype}', must be int8, int16, uint8 or uint16")
    samples = _SAMPLES.get(photometric)
    if samples is None:
        raise ValueError(f"Unsupported 'photometric_interpretation' value '{photometric}'")
    least = 2 if samples == 1 else 3
    if arr.ndim not in (least, least + 1):
        raise ValueError(
            f"An ndarray with '{photometric}' data must have {least} or {least + 1} dimensions, not {arr.ndim}"
        )
    if samples == 3 and shape[-1] != 3:
        raise ValueError(
            f"An ndarray with '{photometric}' data must have shape (rows, columns, 3) or (frames, rows, columns, 3), "
            f"not {shape}"
        )
    if photometric == "YBR_FULL_422" and shape[-2] % 2:
        raise ValueError(
            f"An ndarray with 'YBR_FULL_422' data must have an even number of columns, not {shape[-2]}: two pixels share "
            "their chroma"
        )
    width = dtype.itemsize * 8
    if not 0 < bits_stored <= width:
        raise ValueError(
            f"Invalid 'bits_stored' value '{bits_stored}', must be greater than 0 and less than or equal to the "
            f"number of bits for the ndarray's itemsize '{width}'"
        )
    signed = dtype.kind == "i"
    lowest, highest = (
        (-(1 << bits_stored - 1), (1 << bits_stored - 1) - 1) if signed else (0, (1 << bits_stored) - 1)
    )
    smallest, largest = arr.min(), arr.max()
    if smallest < lowest or largest > highest:
        raise ValueError(
            f"The range of values in the ndarray [{smallest}, {largest}] is greater than that allowed by the "
            f"'bits_stored' value [{lowest}, {highest}]"
        )
    frames = shape[0] if arr.ndim > least else None
    rows, columns = shape[1:3] if frames is not None else shape[:2]
    return {
        "NumberOfFrames": frames,
        "Rows": rows,
        "Columns": columns,
        "SamplesPerPixel": samples,
        "PlanarConfiguration": 0 if samples > 1 else None,
        "PhotometricInterpretation": photometric,
        "BitsAllocated": width,
        "BitsStored": bits_stored,
        "HighBit": bits_stored - 1,
        "PixelRepresentation": int(signed),
    }


def _drop_chroma(arr: np.ndarray) -> np.ndarray:
    """Return full-size YBR pixels as Y1 Y2 Cb Cr, keeping the chroma of each pair's first pixel."""
    import numpy as np

    pairs = arr.reshape(-1, 6)
    return np.ascontiguousarray(pairs[:, (0, 3, 1, 2)])
