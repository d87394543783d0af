"""From the frames of a data set to those of another transfer syntax, decoded and encoded in threads."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from pydcm_pixels._encode.loss import ALWAYS_LOSSY, is_lossy
from pydcm_pixels._encode.recompress import RECOMPRESSED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    import numpy as np

    from pydcm.dataset import Dataset
    from pydcm.uid import UID
    from pydcm_pixels._decode.decoder import Decoder
    from pydcm_pixels._decode.runner import DecodeRunner

_JPEG = "1.2.840.10008.1.2.4."
# Syntaxes with a colour transformation inside the stream: RGB goes in, and the data set says which (PS3.5 §8.2.4,
# §8.2.14).
_WAVELETS = frozenset(_JPEG + number for number in ("90", "91", "201", "202", "203"))
# Plugins that hold the GIL and gain nothing from threads.
_SINGLE = frozenset({"pylibjpeg", "pyjpegls", "gdcm"})


class Encoded(NamedTuple):
    """Encoded frames.

    Attributes
    ----------
    frames : list[bytes]
        Each frame.
    properties : dict[str, Any]
        The Image Pixel values of the samples they were made from.
    photometric : str
        The *Photometric Interpretation* they have.
    nbytes : int
        How many bytes the samples had.
    """

    frames: list[bytes]
    properties: dict[str, Any]
    photometric: str
    nbytes: int


def stays_raw(source: UID) -> bool:
    """Return whether YBR samples stay as they are.

    Those of lossy JPEG, whose streams mostly hold half of the chroma, become RGB, which is what viewers make of them. The
    others stay, since a conversion to RGB and back loses a little.
    """
    return source not in ALWAYS_LOSSY and source != RECOMPRESSED


def decode_all(ds: Dataset, source: UID, plugin: str, threads: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Return all samples, perhaps as a view of the pixel data, with what describes them."""
    from pydcm_pixels._utils.read import decoder_for

    decoder = decoder_for(source)
    runner = decoder._runner(ds, True, plugin, {"view_only": True, "copy_is_fine": True}, log=True)
    return decoder._array(runner, None, stays_raw(source), threads)


def encode_all(
    ds: Dataset, source: UID, target: UID, options: dict[str, Any], plugins: tuple[str, str], threads: int
) -> Encoded:
    """Return the frames of `ds` encoded.

    Encapsulated frames are decoded and encoded one by one, two at most per thread, so that memory is needed for the
    encoded ones only.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        It is not changed.
    source, target : pydcm.uid.UID
        Its transfer syntax and the one to encode to.
    options : dict[str, Any]
        Options of the encoder.
    plugins : tuple[str, str]
        The names of the plugins that decode and encode, empty for any.
    threads : int
        How many threads to use.
    """
    from pydcm_pixels._utils.read import decoder_for

    decoding, encoding = plugins
    if encoding in _SINGLE:
        threads = 1
    decoder = decoder_for(source)
    if decoder.is_encapsulated and int(ds.get("NumberOfFrames") or 1) > 1:
        return _stream(decoder, ds, source, target, options, plugins, threads)
    arr, properties = decode_all(ds, source, decoding, threads)
    photometric = photometric_for(target, properties, options)
    arr = _in_colour(arr, properties, photometric)
    runner = _runner(target, arr, properties, photometric, encoding, options)
    n_frames = properties["number_of_frames"]
    if n_frames == 1:
        return Encoded([runner.encode(None)], properties, photometric, arr.nbytes)
    frames = [runner.encode(0)]  # alone, so that an error of all frames comes from one
    if threads == 1:
        frames += map(runner.encode, range(1, n_frames))
    else:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(threads, thread_name_prefix="pydcm-encode") as pool:
            frames += pool.map(runner.encode, range(1, n_frames))
    return Encoded(frames, properties, photometric, arr.nbytes)


def _stream(
    decoder: Decoder,
    ds: Dataset,
    source: UID,
    target: UID,
    options: dict[str, Any],
    plugins: tuple[str, str],
    threads: int,
) -> Encoded:
    """Decode and encode frame after frame."""
    from concurrent.futures import ThreadPoolExecutor

    runner = decoder._runner(ds, True, plugins[0], {}, log=True)
    n_frames = runner.number_of_frames
    raw = stays_raw(source)

    def frame(own: DecodeRunner, stream: bytes, index: int) -> tuple[bytes, dict[str, Any], str, int]:
        arr, properties = _decode_one(decoder, own, stream, index, raw)
        photometric = photometric_for(target, properties, options)
        arr = _in_colour(arr, properties, photometric)
        encoded = _runner(target, arr, properties, photometric, plugins[1], options).encode(None)
        return encoded, properties, photometric, arr.nbytes

    streams = _first(runner.encoded_frames(), n_frames)
    first, properties, photometric, nbytes = frame(runner.clone(), next(streams, b""), 0)
    frames = [first]
    pending: deque[Future[tuple[bytes, dict[str, Any], str, int]]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="pydcm-encode") as pool:
        try:
            for index, stream in enumerate(streams, start=1):
                pending.append(pool.submit(frame, runner.clone(), stream, index))
                while len(pending) >= 2 * threads:
                    frames.append(pending.popleft().result()[0])
            while pending:
                frames.append(pending.popleft().result()[0])
        except BaseException:
            for future in pending:
                future.cancel()
            raise
    if len(frames) < n_frames:
        raise ValueError(
            f"The encapsulated pixel data holds {len(frames)} frames but (0028,0008) 'Number of Frames' is {n_frames} - "
            "the data may be truncated"
        )
    return Encoded(frames, {**properties, "number_of_frames": n_frames}, photometric, nbytes * n_frames)


def _first(streams: Iterator[bytes], n_frames: int) -> Iterator[bytes]:
    """Yield so many frames, the rest is none of the image."""
    from itertools import islice

    return islice(streams, n_frames)


def _decode_one(
    decoder: Decoder, runner: DecodeRunner, stream: bytes, index: int, raw: bool
) -> tuple[np.ndarray, dict[str, Any]]:
    import numpy as np

    from pydcm_pixels._decode.encapsulated import decode_frame_into

    allocated = runner.bits_allocated
    flat = np.empty(int(runner.frame_length(unit="pixels")), dtype=runner.pixel_dtype)
    decode_frame_into(runner, stream, flat, index)
    runner.set_option("bits_allocated", allocated)
    return decoder._finish(runner, flat, True, raw, log_warning=index == 0)


def photometric_for(target: UID, properties: dict[str, Any], options: dict[str, Any]) -> str:
    """Return the *Photometric Interpretation* of the encoded image."""
    photometric = str(properties["photometric_interpretation"])
    if properties["samples_per_pixel"] != 3:
        return photometric
    if target == _JPEG + "50":
        # What the standard wants of lossy JPEG, unless the caller insists on RGB (PS3.5 §8.2.1).
        return str(options.get("photometric_interpretation", "YBR_FULL_422"))
    if photometric == "RGB" and target in _WAVELETS:
        return "YBR_ICT" if is_lossy(target, options) else "YBR_RCT"
    return photometric


def _in_colour(arr: np.ndarray, properties: dict[str, Any], photometric: str) -> np.ndarray:
    """Return 8-bit RGB samples as YBR where the encoder takes those."""
    is_bytes = arr.itemsize == 1 and properties["bits_stored"] == 8
    if photometric != "YBR_FULL_422" or properties["photometric_interpretation"] != "RGB" or not is_bytes:
        return arr
    from pydcm_pixels._processing.colour import convert_color_space

    return convert_color_space(arr, "RGB", "YBR_FULL")


def _runner(
    target: UID,
    arr: np.ndarray,
    properties: dict[str, Any],
    photometric: str,
    plugin: str,
    options: dict[str, Any],
) -> Any:
    """Return what encodes the frames of `arr`, after checking them."""
    from pydcm_pixels._encode.registry import get_encoder

    names = ("rows", "columns", "samples_per_pixel", "bits_allocated", "bits_stored", "pixel_representation")
    described = {name: properties[name] for name in names}
    described.update(photometric_interpretation=photometric, number_of_frames=properties["number_of_frames"])
    if described["samples_per_pixel"] > 1:
        described["planar_configuration"] = 0
    return get_encoder(target)._runner(arr, True, plugin, {**described, **options})
