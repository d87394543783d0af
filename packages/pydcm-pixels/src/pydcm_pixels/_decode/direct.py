"""The one frame of a plain file, decoded without a run when nothing that a run would look at can matter.

As soon as something is not plain the answer is ``None`` and a run decides: which plugin, what a stream says otherwise
than the data set, what to warn of.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydcm.plugins import preferred
from pydcm_pixels._codecs.checks import has_end
from pydcm_pixels._coding.foreign import DECODERS
from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI
from pydcm_pixels._core._streams import codestream_header, jpeg_header
from pydcm_pixels._decode.framing import NotPlainError, all_of_several, one_of_several, only_frame
from pydcm_pixels._decode.process import PROCESSORS, convert_colour
from pydcm_pixels._decode.streams import colours_agree

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from pydcm_pixels._decode.decoder import Decoder
    from pydcm_pixels._decode.framing import Extended, FileParts, MemoryParts

_PREFIX = "1.2.840.10008.1.2."
_PLUGINS = "pydcm_pixels.pixels.decoders."
_TRANSFORMED = frozenset({PI.YBR_RCT, PI.YBR_ICT})
LUMA_CHROMA = frozenset({PI.YBR_FULL, PI.YBR_FULL_422})
_dtypes: dict[tuple[int, int], np.dtype[Any]] = {}


def _jpeg_precision(frame: bytes, opts: dict[str, Any]) -> int:
    """Return the bits per sample of a JPEG stream that has an end and plainly the data set's colours, else 0."""
    header = jpeg_header(frame)
    if header is None or not has_end(frame):
        return 0
    if opts["samples_per_pixel"] == 3 and not colours_agree(header[5], opts["photometric_interpretation"]):
        return 0
    return header[1]


def _lossy_jpeg_precision(frame: bytes, opts: dict[str, Any]) -> int:
    """Return the same for a lossy process, 0 if there is a sign to extend."""
    return 0 if opts["pixel_representation"] else _jpeg_precision(frame, opts)


def _lossless_jpeg_precision(frame: bytes, opts: dict[str, Any]) -> int:
    """Return the same for a lossless process, 0 if the stream is by another one."""
    header = jpeg_header(frame)
    return 0 if header is None or header[0] & 3 != 3 else _jpeg_precision(frame, opts)


def _jpegls_precision(frame: bytes, opts: dict[str, Any]) -> int:
    """Return the bits per sample of a JPEG-LS stream, 0 if there is a sign to extend."""
    precision = _jpeg_precision(frame, opts)
    return 0 if opts["pixel_representation"] and precision != opts["bits_allocated"] else precision


def _jpeg2000_precision(frame: bytes, opts: dict[str, Any]) -> int:
    """Return the bits per sample of a JPEG 2000 stream that has an end, the data set's sign and its colour, else 0."""
    header = codestream_header(frame, 0)
    if header is None or header[4] != opts["pixel_representation"] or not has_end(frame):
        return 0
    if opts["samples_per_pixel"] == 3:
        if opts["photometric_interpretation"] in (LUMA_CHROMA if header[6] else _TRANSFORMED):
            return 0
    return header[3]


def _jpegxl_precision(frame: bytes, opts: dict[str, Any]) -> int:
    """Return what samples may take, for want of a look into the stream: values that do not fit need a run to tell."""
    allocated: int = opts["bits_allocated"]
    return allocated


class Lane:
    """How the frames of one transfer syntax are decoded if everything is plain.

    Parameters
    ----------
    decoder : Decoder
        The decoder of the syntax; its first plugin has to be the one that this package puts there.
    tail : str
        The last numbers of the Transfer Syntax UID.
    codec : str, optional
        The module of the codec; none for uncompressed data.
    precision : callable, optional
        Returns the bits per sample that a stream has, 0 if the stream needs a closer look.
    fills : bool, optional
        Whether the bits above *Bits Stored* are filled.
    """

    __slots__ = ("codec", "decode", "decoder", "fills", "function", "is_rgb", "precision")

    def __init__(
        self,
        decoder: Decoder,
        tail: str,
        codec: str = "",
        precision: Callable[[bytes, dict[str, Any]], int] | None = None,
        fills: bool = True,
    ) -> None:
        self.decoder = decoder
        self.codec = codec
        self.precision = precision
        self.fills = fills
        self.is_rgb = tail == "4.111"
        self.decode: Any = None
        self.function: Any = None

    def _load(self) -> None:
        """Import the codec and the plugin through which a run would call it."""
        plugin = import_module(_PLUGINS + ("rle" if self.codec == "rle" else "imagecodecs"))
        self.decode = import_module("pydcm_pixels._codecs." + self.codec).decode
        self.function = plugin._decode_frame

    def is_first(self) -> bool:
        """Return whether this package's plugin is the one that a run would try first."""
        if self.decode is None:
            self._load()
        return not preferred(DECODERS) and next(iter(self.decoder._usable.values()), None) is self.function

    def stated_precision(self, frame: bytes, opts: dict[str, Any]) -> int:
        """Return the bits per sample of a stream, 0 if a run has to look at it."""
        stored, allocated = opts["bits_stored"], opts["bits_allocated"]
        if self.precision is None:
            return int(stored)
        precision = self.precision(frame, opts)
        if not stored <= precision <= allocated or (precision > 8) != (allocated == 16) or allocated > 16:
            return 0
        return precision

    def converts(self, opts: dict[str, Any], raw: bool) -> bool:
        """Return whether the codec makes RGB of the colours itself: those of lossy JPEG whose bits are all used."""
        return (
            self.codec == "jpeg"
            and not (self.fills or raw)
            and opts["samples_per_pixel"] == 3
            and opts["photometric_interpretation"] in LUMA_CHROMA
            and opts["bits_stored"] == opts["bits_allocated"] == 8
        )

    def one_frame(
        self,
        parts: FileParts | MemoryParts,
        offset: int,
        opts: dict[str, Any],
        raw: bool,
        extended: Extended = None,
    ) -> np.ndarray | None:
        """Return the only frame, ``None`` if a run has to look at it.

        Parameters
        ----------
        parts, offset
            The pixel data and where its value starts, as for :func:`~pydcm_pixels._decode.framing.only_frame`.
        opts : dict[str, Any]
            The Image Pixel values, as :func:`plain_image` has checked them; *Transfer Syntax UID* is added.
        raw : bool
            Whether to leave colours in the stored colour space.
        extended : tuple[bytes, bytes], optional
            The extended offset table and its lengths.
        """
        spans = only_frame(parts, offset) if extended is None else all_of_several(parts, offset, 1, extended)
        # Frames of the length that they would have uncompressed are warned of.
        if spans is None or 0 <= spans[-1][1] - offset - expected_length(opts) <= 1:
            return None
        try:
            pieces = [parts.read(*span) for span in spans]
        except NotPlainError:
            return None
        return self.decoded(pieces[0] if len(pieces) == 1 else b"".join(pieces), opts, raw)

    def one_of_several(
        self,
        parts: FileParts | MemoryParts,
        offset: int,
        opts: dict[str, Any],
        raw: bool,
        index: int,
        extended: Extended,
    ) -> np.ndarray | None:
        """Return the frame that an offset table points to, ``None`` if a run has to look at it."""
        span = one_of_several(parts, offset, opts["number_of_frames"], index, extended)
        if span is None:
            return None
        try:
            frame = parts.read(*span)
        except NotPlainError:
            return None
        return self.decoded(frame, {**opts, "number_of_frames": 1}, raw)

    def decoded(self, frame: bytes, opts: dict[str, Any], raw: bool) -> np.ndarray | None:
        """Return the only frame decoded as a run would do it, ``None`` if a run has to look at it."""
        precision = self.stated_precision(frame, opts)
        if precision == 0:
            return None
        opts["transfer_syntax_uid"] = self.decoder._uid
        options = {"to_rgb": True} if self.converts(opts, raw) else {}
        try:
            arr = self.decode(frame, **options, **opts)
        except Exception:  # a run says which plugin failed and why
            return None
        return finish(arr, opts, raw or self.is_rgb or bool(options), self.fills, precision)


def expected_length(opts: dict[str, Any]) -> int:
    """Return how many bytes all frames have uncompressed."""
    length: int = opts["rows"] * opts["columns"] * opts["samples_per_pixel"] * opts["bits_allocated"] // 8
    return length * int(opts["number_of_frames"])


def finish(
    arr: np.ndarray, opts: dict[str, Any], raw: bool, fills: bool, precision: int
) -> np.ndarray | None:
    """Return samples, pixel by pixel, with the type, shape, sign and colours that a run would give them.

    ``None`` if there is something to warn of.
    """
    planned = layout(opts, raw)
    if planned is None:
        return None
    dtype, shape, to_rgb = planned
    if arr.dtype.itemsize != dtype.itemsize or not arr.flags.c_contiguous:
        return None
    if arr.dtype != dtype:
        arr = arr.view(dtype)
    if arr.shape != shape:
        arr = arr.reshape(shape)
    if not arr.flags.writeable:
        arr = arr.copy()
    allocated, stored = opts["bits_allocated"], opts["bits_stored"]
    if allocated > stored and (fills or precision > stored):
        from pydcm_pixels._core._bits import extend_sign, has_unused_bits

        flat = arr.reshape(-1)
        if has_unused_bits(flat, allocated - stored):
            if precision > stored:
                return None
            extend_sign(flat, allocated - stored)
    return as_rgb(arr) if to_rgb else arr


def as_rgb(arr: np.ndarray) -> np.ndarray:
    """Return a writeable array of YBR_FULL pixels as RGB, in place."""
    from pydcm_pixels._core._color import ybr_full_to_rgb

    flat = arr.reshape(-1)
    ybr_full_to_rgb(flat, flat)
    return arr


def layout(opts: dict[str, Any], raw: bool) -> tuple[np.dtype[Any], tuple[int, ...], bool] | None:
    """Return the type and the shape that a run would give an array, and whether its colours become RGB.

    ``None`` for what a run refuses, or for which there is no type.
    """
    allocated, representation = opts["bits_allocated"], opts["pixel_representation"]
    samples, frames = opts["samples_per_pixel"], opts["number_of_frames"]
    dtype = _dtypes.get((allocated, representation)) or _add_dtype(allocated, representation)
    to_rgb = samples == 3 and not raw and opts["photometric_interpretation"] in LUMA_CHROMA
    if dtype is None or (to_rgb and (allocated != 8 or representation)):
        return None
    shape = (opts["rows"], opts["columns"]) if samples == 1 else (opts["rows"], opts["columns"], samples)
    return dtype, shape if frames == 1 else (frames, *shape), to_rgb


def _add_dtype(allocated: int, representation: int) -> np.dtype[Any] | None:
    import numpy as np

    if allocated not in (8, 16, 32, 64):
        return None
    dtype = _dtypes[allocated, representation] = np.dtype(f"{'ui'[representation]}{allocated // 8}")
    return dtype


def is_standard_processing() -> bool:
    """Return whether colours are converted, as always, and nothing else is done to arrays."""
    return len(PROCESSORS) == 1 and PROCESSORS[0] is convert_colour


_STREAMS: dict[str, tuple[str, Any, bool]] = {
    "1": ("", None, True),
    "1.98": ("uncompressed", None, True),
    "8.1": ("deflated", None, True),
    "5": ("rle", None, True),
    "4.50": ("jpeg", _lossy_jpeg_precision, False),
    "4.51": ("jpeg", _lossy_jpeg_precision, False),
    "4.57": ("jpeg", _lossless_jpeg_precision, True),
    "4.70": ("jpeg", _lossless_jpeg_precision, True),
    "4.80": ("jpegls", _jpegls_precision, False),
    "4.81": ("jpegls", _jpegls_precision, False),
    "4.90": ("jpeg2000", _jpeg2000_precision, False),
    "4.91": ("jpeg2000", _jpeg2000_precision, False),
    "4.201": ("htj2k", _jpeg2000_precision, False),
    "4.202": ("htj2k", _jpeg2000_precision, False),
    "4.203": ("htj2k", _jpeg2000_precision, False),
    "4.110": ("jpegxl", _jpegxl_precision, True),
    "4.111": ("jpegxl", _jpegxl_precision, True),
    "4.112": ("jpegxl", _jpegxl_precision, True),
}


def make_lane(decoder: Decoder) -> Lane:
    """Return the lane of a decoder's transfer syntax; one without a codec for those that a run always decodes."""
    tail = str(decoder.UID).removeprefix(_PREFIX)
    return Lane(decoder, tail, *_STREAMS.get(tail, ("", None, True)))
