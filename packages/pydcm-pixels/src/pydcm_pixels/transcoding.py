"""`transcode`: a data set to another transfer syntax, everything but the pixel data as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._encode.derive import record_earlier_loss, record_lossy
from pydcm_pixels._encode.describe import describe, native_bytes
from pydcm_pixels._encode.encapsulated import MAX_OFFSET, check_fragments, store_frames
from pydcm_pixels._encode.loss import is_lossy
from pydcm_pixels._encode.nested import decode_nested, store_nested
from pydcm_pixels._encode.options import check_names
from pydcm_pixels._encode.overlays import embedded_overlays, store_overlays
from pydcm_pixels._encode.pipeline import decode_all, encode_all

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset
    from pydcm.uid import UID

__all__ = ["transcode"]


def transcode(
    ds: Dataset,
    transfer_syntax_uid: str,
    *,
    workers: int | None = None,
    generate_instance_uid: bool | None = None,
    encapsulate_ext: bool = False,
    fragments_per_frame: int = 1,
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
        Whether to write an extended offset table; frames that pass the 2**32 - 1 bytes of a basic one get it in any case.
    fragments_per_frame : int, optional
        Into how many fragments to cut each encoded frame, 1 by default. More are not possible for RLE (PS3.5 §G.2) and
        with an extended offset table (PS3.3 §C.7.6.3.1.8).
    encoding_plugin, decoding_plugin : str, optional
        The names of the plugins to use.
    **options
        Options of the encoder, see :class:`pydcm.pixels.encoders.base.EncodeOptions`. With `photometric_interpretation`
        ``"RGB"`` lossy JPEG keeps RGB samples, which otherwise become YBR_FULL_422.

    Returns
    -------
    pydcm.dataset.Dataset
        `ds` itself, everything but the pixel data and its description as it was. A lossy conversion adds *Lossy Image
        Compression*, its ratio and its method, and makes the image a derived one. So that it is not forgotten, a loss in
        lossy JPEG that the data set did not mention is added too.

    Raises
    ------
    NotImplementedError
        If the syntax cannot be decoded or encoded.
    ValueError
        If the syntax cannot hold such pixel data, or an option is wrong.

    Notes
    -----
    Encapsulated pixel data of items, such as icons, becomes uncompressed, which it may be in every transfer syntax.
    Frames go from JPEG to *JPEG XL JPEG Recompression* and back without being decoded: the JPEG stream stays the same.
    A change of the byte order turns every word in `ds`; write such a data set with :func:`pydcm.dcmwrite`, since
    :meth:`~pydcm.dataset.Dataset.save_as` refuses to.
    """
    from pydcm.uid import UID
    from pydcm.util.byteorder import swap_words
    from pydcm_pixels._encode.recompress import is_recompression, recompress
    from pydcm_pixels._utils.read import dataset_syntax
    from pydcm_pixels._utils.store import forget_pixels, new_instance_uid

    target, source = UID(transfer_syntax_uid), UID(dataset_syntax(ds))
    for syntax in (target, source):
        _check_syntax(syntax)
    if target == source:
        return ds
    if not encoding_plugin:  # which may have options of its own
        check_names(target, options)
    if _is_encapsulated(target) and "PixelData" not in ds:
        raise ValueError(
            f"'{target.name}' is for (7FE0,0010) 'Pixel Data', which the data set does not have: use 'Deflated Explicit VR "
            "Little Endian' (1.2.840.10008.1.2.1.99) to make it smaller"
        )
    check_fragments(target, fragments_per_frame, encapsulate_ext)
    nested = decode_nested(ds, source) if _is_encapsulated(source) else []
    lossy = False
    swap_pixels = True
    overlays: dict[int, np.ndarray] = {}
    if "PixelData" not in ds:
        pass
    elif is_recompression(source, target):
        store_frames(
            ds, recompress(ds, target), extended=encapsulate_ext, fragments_per_frame=fragments_per_frame
        )
    elif _is_encapsulated(source) or _is_encapsulated(target):
        lossy = is_lossy(target, options)
        threads = _threads(workers)
        overlays = embedded_overlays(ds)
        length = max(1, len(ds.PixelData or b""))
        if _is_encapsulated(target):
            plugins = (decoding_plugin, encoding_plugin)
            encoded = encode_all(ds, source, target, options, plugins, threads)
            store_frames(
                ds, encoded.frames, extended=encapsulate_ext, fragments_per_frame=fragments_per_frame
            )
            describe(ds, encoded.properties, encoded.photometric)
            record_earlier_loss(ds, source, encoded.nbytes / length)
            if lossy:
                ratio = encoded.nbytes / max(1, sum(map(len, encoded.frames)))
                record_lossy(ds, target, ratio, derived=generate_instance_uid is not False)
        else:
            arr, properties = decode_all(ds, source, decoding_plugin, threads)
            _store_native(ds, arr)
            record_earlier_loss(ds, source, arr.nbytes / length)
            describe(ds, properties, str(properties["photometric_interpretation"]))
        swap_pixels = not target.is_little_endian
        if swap_pixels:
            store_overlays(ds, overlays)
    store_nested(nested)
    if source.is_little_endian != target.is_little_endian:
        swap_words(ds, pixel_data=swap_pixels)
    if target.is_little_endian:
        store_overlays(ds, overlays)
    forget_pixels(ds)
    ds.file_meta.TransferSyntaxUID = target
    if generate_instance_uid or (generate_instance_uid is None and lossy):
        new_instance_uid(ds)
    return ds


def _check_syntax(syntax: UID) -> None:
    """Raise ValueError for what is no transfer syntax, or one that nobody knows here."""
    try:
        known = syntax.is_transfer_syntax
    except ValueError:
        known = False
    if not known:
        raise ValueError(
            f"'{syntax}' is no transfer syntax that is known here: give the UID of one, such as pydcm.uid.RLELossless "
            "or '1.2.840.10008.1.2.5'"
        )


def _is_encapsulated(syntax: UID) -> bool:
    """Return whether pixel data of this syntax is in frames; a deflated data set's is not."""
    return syntax.is_compressed and not syntax.is_deflated


def _store_native(ds: Dataset, arr: np.ndarray) -> None:
    from pydcm_pixels._utils.store import store_native

    nbytes = arr.size // 8 if ds.BitsAllocated == 1 else arr.nbytes
    if nbytes >= MAX_OFFSET:
        raise ValueError(
            f"The {nbytes} bytes of uncompressed pixel data are more than the 2**32 - 2 that an element can hold (PS3.5 "
            "§7.1.1): use 'Encapsulated Uncompressed Explicit VR Little Endian' (1.2.840.10008.1.2.1.98)"
        )
    store_native(ds, native_bytes(ds, arr))


def _threads(workers: int | None) -> int:
    from pydcm_pixels._decode.parallel import available_cpus

    return available_cpus() if workers is None else max(1, workers)
