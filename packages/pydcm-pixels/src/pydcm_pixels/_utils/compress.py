"""Compressing and decompressing a data set in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._utils.options import IMAGE_PIXEL, as_pixel_options
from pydcm_pixels._utils.store import forget_pixels, new_instance_uid, set_high_bit, store_native

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset
    from pydcm.uid import UID

_MAX_OFFSET = 0xFFFFFFFF


def _transfer_syntax(ds: Dataset, message: str) -> UID:
    from pydcm.uid import UID

    syntax = ds.get("file_meta", {}).get("TransferSyntaxUID", "")
    if not syntax:
        raise AttributeError(message)
    return UID(syntax)


def _packed(frames: list[bytes]) -> list[bytes]:
    """Return single bits that are bytes as bits; frames follow each other without a gap (PS3.5 §8.1.1)."""
    import numpy as np

    from pydcm_pixels._utils.bits import pack_bits

    return [pack_bits(np.frombuffer(b"".join(frames), dtype="u1"), pad=False)]


def _remedies(missing: list[str]) -> str:
    return "\n".join(f"    {line}" for line in missing)


def compress(
    ds: Dataset,
    transfer_syntax_uid: str,
    arr: np.ndarray | None = None,
    *,
    encoding_plugin: str = "",
    encapsulate_ext: bool = False,
    generate_instance_uid: bool = True,
    jls_error: int | None = None,
    j2k_cr: list[float] | None = None,
    j2k_psnr: list[float] | None = None,
    **kwargs: Any,
) -> Dataset:
    """Compress the pixel data of `ds` in place.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        An uncompressed data set, or with `arr` one whose Image Pixel module describes that array.
    transfer_syntax_uid : str
        The syntax to compress to.
    arr : numpy.ndarray, optional
        Use this instead of the data set's own pixel data.
    encoding_plugin : str, optional
        The name of the plugin to use; by default those available are tried in turn.
    encapsulate_ext : bool, optional
        Whether to use an extended offset table. Frames that pass the 2**32 - 1 bytes of a basic offset table get one
        in any case.
    generate_instance_uid : bool, optional
        Whether to give the data set a new *SOP Instance UID* (default).
    jls_error : int, optional
        The largest difference per sample for *JPEG-LS Near Lossless*.
    j2k_cr, j2k_psnr : list[float], optional
        Compression ratios, or signal-to-noise ratios, of the quality layers of *JPEG 2000*.
    **kwargs
        Options of the encoder. Those that describe the image are taken from the data set only.

    Returns
    -------
    pydcm.dataset.Dataset
        `ds` itself. A lossy compression is added to its *Lossy Image Compression* elements and, with a new *SOP Instance
        UID*, makes it a derived image.
    """
    from pydcm.dataset import FileMetaDataset
    from pydcm.uid import JPEG2000, UID, JPEGLSNearLossless, RLELossless
    from pydcm.util.byteorder import swap_words
    from pydcm_pixels._encode.derive import record_lossy
    from pydcm_pixels._encode.encapsulated import store_frames
    from pydcm_pixels._encode.loss import is_lossy
    from pydcm_pixels._encode.overlays import embedded_overlays, store_overlays
    from pydcm_pixels._encode.registry import get_encoder
    from pydcm_pixels._encode.runner import BYTEWISE, KEEP_PLANES
    from pydcm_pixels._utils.read import dataset_syntax

    for option in IMAGE_PIXEL.values():
        kwargs.pop(option, None)
    uid = UID(transfer_syntax_uid)
    encoder = get_encoder(uid)
    if not encoder.is_available:
        raise RuntimeError(
            f"The pixel data encoder for '{uid.name}' is unavailable because all of its plugins are missing "
            f"dependencies:\n{_remedies(encoder.missing_dependencies)}"
        )
    if uid == JPEGLSNearLossless and jls_error is not None:
        kwargs["jls_error"] = jls_error
    if uid == JPEG2000:
        kwargs.update({k: v for k, v in (("j2k_cr", j2k_cr), ("j2k_psnr", j2k_psnr)) if v is not None})
    is_own = arr is None
    overlays = embedded_overlays(ds) if is_own and uid not in BYTEWISE else {}
    if is_own and as_pixel_options(ds).get("high_bit") is not None:
        from pydcm_pixels._utils.read import pixel_array

        arr = pixel_array(ds, raw=True)  # which moves the values down to where encoders take them from
    if arr is not None:
        options = as_pixel_options(ds, **kwargs)
        options.pop("high_bit", None)
        frames = encoder.iter_encode(arr, encoding_plugin=encoding_plugin, **options)
    else:
        current = _transfer_syntax(
            ds,
            "Unable to determine the initial compression state of the dataset as there's no (0002,0010) 'Transfer "
            "Syntax UID' element in the dataset's 'file_meta' attribute",
        )
        if current.is_compressed:
            raise ValueError("Only uncompressed datasets may be compressed")
        frames = encoder.iter_encode(ds, encoding_plugin=encoding_plugin, **kwargs)
    encoded = list(frames)
    if is_lossy(uid, kwargs):
        nbytes = len(ds.PixelData) if arr is None else arr.nbytes
        record_lossy(ds, uid, nbytes / max(1, sum(map(len, encoded))), derived=generate_instance_uid)
    store_frames(ds, encoded, extended=encapsulate_ext)
    if is_own and not dataset_syntax(ds).is_little_endian:
        swap_words(ds, pixel_data=False)
    store_overlays(ds, overlays)
    if "NumberOfFrames" in ds and ds.NumberOfFrames != len(encoded):
        ds.NumberOfFrames = len(encoded)  # it had no value
    if ds.get("PlanarConfiguration") and uid not in (RLELossless, *KEEP_PLANES):
        ds.PlanarConfiguration = 0
    set_high_bit(ds)
    forget_pixels(ds)
    if not hasattr(ds, "file_meta"):
        ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = uid
    if generate_instance_uid:
        new_instance_uid(ds)
    return ds


def decompress(
    ds: Dataset,
    *,
    as_rgb: bool = True,
    generate_instance_uid: bool = True,
    decoding_plugin: str = "",
    **kwargs: Any,
) -> Dataset:
    """Decompress the pixel data of `ds` in place, to *Explicit VR Little Endian*.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        A data set with compressed *Pixel Data*.
    as_rgb : bool, optional
        Whether to convert YBR to RGB (default).
    generate_instance_uid : bool, optional
        Whether to give the data set a new *SOP Instance UID* (default).
    decoding_plugin : str, optional
        The name of the plugin to use; by default those available are tried in turn.
    **kwargs
        Options of the decoder.

    Returns
    -------
    pydcm.dataset.Dataset
        `ds` itself.
    """
    from pydcm.uid import ExplicitVRLittleEndian
    from pydcm_pixels._decode.registry import get_decoder
    from pydcm_pixels._encode.nested import decode_nested, store_nested
    from pydcm_pixels._utils.shapes import get_nr_frames

    if "PixelData" not in ds:
        raise AttributeError("Unable to decompress as the dataset has no (7FE0,0010) 'Pixel Data' element")
    uid = _transfer_syntax(
        ds,
        "Unable to determine the initial compression state as there's no (0002,0010) 'Transfer Syntax UID' element in "
        "the dataset's 'file_meta' attribute",
    )
    if not uid.is_compressed:
        raise ValueError("The dataset is already uncompressed")
    use_handlers = kwargs.get("use_pdh", False)
    result: dict[str, Any] = {}
    if use_handlers:
        ds.convert_pixel_data(decoding_plugin)
        frames = [ds.pixel_array.tobytes()]
    else:
        decoder = get_decoder(uid)
        if not decoder.is_available:
            raise RuntimeError(
                f"Unable to decompress as the plugins for the '{uid.name}' decoder are all missing dependencies:\n"
                f"{_remedies(decoder.missing_dependencies)}"
            )
        kwargs.pop("index", None)
        frames = []
        n_frames = 0
        width = max(1, ds.BitsAllocated // 8)
        for arr, result in decoder.iter_array(ds, decoding_plugin=decoding_plugin, as_rgb=as_rgb, **kwargs):
            n_frames += 1
            if width in (1, 2, 4, 8):  # a stream of fewer bits comes as narrower samples than the data set's
                arr = arr.astype(f"<{arr.dtype.kind}{width}", copy=False)
            frames.append(arr.tobytes())
        stated = get_nr_frames(ds, warn=False)
        if n_frames < stated:
            raise ValueError(
                f"Unable to decompress as the pixel data holds {n_frames} frames but (0028,0008) 'Number of Frames' is "
                f"{stated}: set that to {n_frames} if these are all"
            )
        if ds.BitsAllocated == 1:
            frames = _packed(frames)
    length = sum(map(len, frames))
    if length >= _MAX_OFFSET:
        raise ValueError(
            "Unable to decompress as the length of the uncompressed pixel data will be greater than the maximum "
            "allowed by the DICOM Standard"
        )
    store_nested(decode_nested(ds, uid))
    store_native(ds, b"".join(frames))
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    if generate_instance_uid:
        new_instance_uid(ds)
    if not use_handlers:
        ds.PhotometricInterpretation = result["photometric_interpretation"]
        set_high_bit(ds)
        if result["samples_per_pixel"] > 1:
            ds.PlanarConfiguration = result["planar_configuration"]
        if "NumberOfFrames" in ds or n_frames > 1:
            ds.NumberOfFrames = n_frames
        forget_pixels(ds)
    return ds
