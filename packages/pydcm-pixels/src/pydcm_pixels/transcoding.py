"""`transcode`: a data set to another transfer syntax, everything but the pixel data as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._encode.derive import record_derivation, record_loss
from pydcm_pixels._encode.loss import is_lossy

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset
    from pydcm.uid import UID

__all__ = ["transcode"]

_JPEG = "1.2.840.10008.1.2.4."
# Syntaxes with a colour transformation inside the stream: RGB goes in, and the data set says which (PS3.5 §8.2.4,
# §8.2.14).
_WAVELETS = frozenset(_JPEG + number for number in ("90", "91", "201", "202", "203"))
_FULL_OFFSETS = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")


def transcode(
    ds: Dataset,
    transfer_syntax_uid: str,
    *,
    workers: int | None = None,
    generate_instance_uid: bool | None = None,
    encapsulate_ext: bool = False,
    encoding_plugin: str = "",
    decoding_plugin: str = "",
    **options: Any,
) -> Dataset:
    """Convert the pixel data of `ds` to another transfer syntax, in place.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        A data set of any transfer syntax that can be decoded.
    transfer_syntax_uid : str
        The syntax to convert to, compressed or not.
    workers : int, optional
        Threads that decode and encode frames; by default as many as there are processors.
    generate_instance_uid : bool, optional
        Whether to give the data set a new *SOP Instance UID*; by default if the conversion is lossy, since only then the
        pixels are others (PS3.3 §C.7.6.1.1.5).
    encapsulate_ext : bool, optional
        Whether to write an extended offset table.
    encoding_plugin, decoding_plugin : str, optional
        The names of the plugins to use.
    **options
        Options of the encoder, such as `quality`, `jls_error`, `j2k_psnr` or `distance`.

    Returns
    -------
    pydcm.dataset.Dataset
        `ds` itself. A lossy conversion adds *Lossy Image Compression*, its ratio and its method.

    Raises
    ------
    NotImplementedError
        If the syntax cannot be decoded or encoded.
    """
    from pydcm.encaps import encapsulate, encapsulate_extended
    from pydcm.uid import UID
    from pydcm.valuerep import VR
    from pydcm_pixels._utils.read import dataset_syntax, decoder_for
    from pydcm_pixels._utils.store import forget_pixels, new_instance_uid, store_native

    target = UID(transfer_syntax_uid)
    source = dataset_syntax(ds)
    if target == source:
        return ds
    if not target.is_compressed and not source.is_compressed:
        raise ValueError(
            f"'{source.name}' and '{target.name}' are both uncompressed: set the transfer syntax and write the file"
        )
    lossy = is_lossy(target, options)
    decoder = decoder_for(source)
    runner = decoder._runner(ds, True, decoding_plugin, {}, log=True)
    arr, properties = decoder._array(runner, None, False, _threads(workers))
    before = arr.nbytes
    frames = arr if properties["number_of_frames"] > 1 else arr[None]
    if not target.is_compressed:
        _describe(ds, properties, str(properties["photometric_interpretation"]))
        store_native(ds, arr.tobytes())
        _drop(ds, *_FULL_OFFSETS)
    else:
        photometric = _photometric_for(target, properties, options)
        encoded = _encode(
            target,
            frames,
            {**properties, "photometric_interpretation": photometric},
            options,
            encoding_plugin,
            _threads(workers),
        )
        _describe(ds, properties, photometric)
        _drop(ds, *_FULL_OFFSETS)
        if encapsulate_ext or sum(len(frame) + 8 for frame in encoded[:-1]) > 0xFFFFFFFF:
            ds.PixelData, ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = encapsulate_extended(
                encoded
            )
        else:
            ds.PixelData = encapsulate(encoded)
        element = ds["PixelData"]
        element.is_undefined_length = True
        element.VR = VR.OB
        if lossy:
            ratio = before / max(1, sum(map(len, encoded)))
            record_loss(ds, target, ratio)
            if generate_instance_uid is not False:
                record_derivation(ds, target, ratio)
    forget_pixels(ds)
    ds.file_meta.TransferSyntaxUID = target
    if generate_instance_uid or (generate_instance_uid is None and lossy):
        new_instance_uid(ds)
    return ds


def _threads(workers: int | None) -> int:
    from pydcm_pixels._decode.parallel import available_cpus

    return available_cpus() if workers is None else max(1, workers)


def _photometric_for(target: UID, properties: dict[str, Any], options: dict[str, Any]) -> str:
    """Return the *Photometric Interpretation* of the encoded image."""
    photometric = str(properties["photometric_interpretation"])
    if properties["samples_per_pixel"] != 3 or photometric != "RGB":
        return photometric
    if target not in _WAVELETS:
        return photometric
    return "YBR_ICT" if is_lossy(target, options) else "YBR_RCT"


def _encode(
    target: UID,
    frames: np.ndarray,
    properties: dict[str, Any],
    options: dict[str, Any],
    plugin: str,
    workers: int,
) -> list[bytes]:
    """Return each frame encoded, in several threads where the plugin allows it."""
    from concurrent.futures import ThreadPoolExecutor

    from pydcm_pixels._encode.registry import get_encoder

    encoder = get_encoder(target)
    names = ("rows", "columns", "samples_per_pixel", "bits_allocated", "bits_stored", "pixel_representation")
    one = {name: properties[name] for name in names}
    one.update(photometric_interpretation=properties["photometric_interpretation"], number_of_frames=1)
    if one["samples_per_pixel"] > 1:
        one["planar_configuration"] = 0
    one.update(options)

    def encode(frame: np.ndarray) -> bytes:
        return encoder.encode(frame, encoding_plugin=plugin, **one)

    first = encode(frames[0])
    # pylibjpeg-openjpeg crashes when two threads encode; the other foreign ones hold the GIL and gain nothing.
    if plugin in ("pylibjpeg", "pyjpegls", "gdcm") or workers == 1 or len(frames) == 1:
        return [first, *map(encode, frames[1:])]
    with ThreadPoolExecutor(workers, thread_name_prefix="pydcm-encode") as pool:
        return [first, *pool.map(encode, frames[1:])]


def _describe(ds: Dataset, properties: dict[str, Any], photometric: str) -> None:
    """Set the Image Pixel elements that decoding or encoding has changed."""
    ds.PhotometricInterpretation = photometric
    if properties["samples_per_pixel"] > 1:
        ds.PlanarConfiguration = 0
    if "NumberOfFrames" in ds or properties["number_of_frames"] > 1:
        ds.NumberOfFrames = properties["number_of_frames"]


def _drop(ds: Dataset, *keywords: str) -> None:
    for keyword in keywords:
        if keyword in ds:
            delattr(ds, keyword)
