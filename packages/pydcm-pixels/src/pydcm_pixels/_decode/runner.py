"""One decoding run: where the encoded frames come from, who decodes them, what is known about them."""

from __future__ import annotations

import logging
import sys
from functools import cache
from io import BufferedIOBase
from math import ceil
from typing import TYPE_CHECKING, Any

from pydcm.tag import BaseTag
from pydcm_pixels._codecs.checks import StreamMismatchError
from pydcm_pixels._codecs.video import VIDEO_SYNTAXES, iter_video, nth_frame
from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI
from pydcm_pixels._coding.runner import RunnerBase, _encoding
from pydcm_pixels._decode.process import PROCESSORS
from pydcm_pixels._decode.streams import note_jpeg, note_jpeg2000, note_jpegls, note_jpegxl
from pydcm_pixels._decode.tables import trusted_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    import numpy as np

    from pydcm.dataset import Dataset
    from pydcm.uid import UID
    from pydcm_pixels._decode.options import DecodeFunction

LOGGER = logging.getLogger("pydicom.pixels")

_PIXEL_KEYWORDS = {
    BaseTag(0x7FE00010): "PixelData",
    BaseTag(0x7FE00008): "FloatPixelData",
    BaseTag(0x7FE00009): "DoubleFloatPixelData",
}
_TRANSFER_SYNTAX = BaseTag(0x00020010)
_J2K_PREFIX = "1.2.840.10008.1.2.4."
JPEG2000_SYNTAXES = frozenset(_J2K_PREFIX + last for last in ("90", "91", "92", "93", "201", "202", "203"))
JPEGLS_SYNTAXES = frozenset(_J2K_PREFIX + last for last in ("80", "81"))
JPEGXL_SYNTAXES = frozenset(_J2K_PREFIX + last for last in ("110", "111", "112"))
JPEG_SYNTAXES = frozenset(_J2K_PREFIX + last for last in ("50", "51", "53", "55", "57", "70"))
JPEG_LOSSY_SYNTAXES = frozenset(_J2K_PREFIX + last for last in ("50", "51", "53", "55"))
_NOTES = {
    **dict.fromkeys(JPEG2000_SYNTAXES, note_jpeg2000),
    **dict.fromkeys(JPEGLS_SYNTAXES, note_jpegls),
    **dict.fromkeys(JPEG_SYNTAXES, note_jpeg),
    **dict.fromkeys(JPEGXL_SYNTAXES, note_jpegxl),
}
_WIDTHS = {8: "1", 16: "2", 32: "4", 64: "8"}


@cache
def _dtype(name: str, little_endian: bool) -> np.dtype[Any]:
    try:
        import numpy as np
    except ImportError:
        raise ImportError("NumPy is required for 'DecodeRunner.pixel_dtype'") from None
    try:
        dtype = np.dtype(name)
    except TypeError:
        raise NotImplementedError(
            f"The data type '{name}' needed to contain the pixel data is not supported by NumPy"
        ) from None
    return dtype if little_endian == (sys.byteorder == "little") else dtype.newbyteorder("S")


class DecodeRunner(RunnerBase):
    """Manages the decoding of one data set's pixel data; made by `Decoder`, seen by plugins.

    Parameters
    ----------
    tsyntax : pydcm.uid.UID
        The transfer syntax of the encoded pixel data.
    """

    _undeletable = ("transfer_syntax_uid", "pixel_keyword")

    def __init__(self, tsyntax: UID) -> None:
        super().__init__(tsyntax)
        self._src: Any = None
        self._decoders: dict[str, DecodeFunction] = {}
        opts = self._opts
        opts["as_rgb"] = True
        opts["allow_excess_frames"] = True
        self._element: Any = None
        self.workers = 1
        # What has been warned of, and the bits per sample of the last stream that says it, 0 if none did.
        self.warned: set[str] = set()
        self.precision = 0
        # How frames are stored whose streams do not say it, once the first of them has been decoded.
        self.stated: dict[str, Any] | None = None
        # Where the frames are in a file, if each is one fragment.
        self._spans: list[tuple[int, int]] | None = None
        # A video's frames that come next, and the index of the first of them.
        self._video: tuple[Iterator[Any], int] | None = None
        if self._encapsulated:
            opts["pixel_keyword"] = "PixelData"
        else:
            opts["view_only"] = False
        self._note_stream = _NOTES.get(tsyntax)
        if tsyntax in JPEG2000_SYNTAXES:
            opts["apply_j2k_sign_correction"] = True
        elif tsyntax in JPEGLS_SYNTAXES:
            opts["apply_jls_sign_correction"] = True
        else:
            opts["correct_unused_bits"] = True

    @property
    def src(self) -> Any:
        """The pixel data: bytes-like, or a file-like at the start of the element's value."""
        return self._src

    def set_source(self, src: Dataset | bytes | bytearray | memoryview | BinaryIO) -> None:
        """Take the pixel data, and for a data set its description, from `src`."""
        from pydcm.dataset import Dataset

        if isinstance(src, Dataset):
            self._set_options_ds(src)
            value = self._element.value
            self._src = b"" if value is None else value  # an element without a value
            self._src_type = "BinaryIO" if isinstance(self._src, BufferedIOBase) else "Dataset"
            return
        self._src = src
        self._src_type = "BinaryIO" if hasattr(src, "read") else "Buffer"

    def _set_options_ds(self, ds: Dataset) -> None:
        super()._set_options_ds(ds)
        syntax = (getattr(ds, "file_meta", None) or {}).get(_TRANSFER_SYNTAX, None)
        syntax = getattr(syntax, "value", syntax)
        if syntax and syntax != self.transfer_syntax:
            raise ValueError(
                f"The dataset's transfer syntax '{syntax.name}' doesn't match the pixel data decoder"
            )
        present = [tag for tag in _PIXEL_KEYWORDS if tag in ds]
        if not present:
            raise AttributeError(
                "The dataset has no 'Pixel Data', 'Float Pixel Data' or 'Double Float Pixel Data' element, no pixel "
                "data to decode"
            )
        if len(present) > 1:
            raise AttributeError(
                "One and only one of 'Pixel Data', 'Float Pixel Data' or 'Double Float Pixel Data' may be present in "
                "the dataset"
            )
        self._element = ds[present[0]]
        self._opts["pixel_keyword"] = _PIXEL_KEYWORDS[present[0]]
        self._opts["pixel_vr"] = self._element.VR

    def set_decoders(self, decoders: dict[str, DecodeFunction]) -> None:
        """Set the functions to try, in their order, and forget which one decoded last."""
        self._decoders = decoders
        if hasattr(self, "_previous"):
            del self._previous

    def clone(self) -> DecodeRunner:
        """Return a runner with the same state, for another thread."""
        twin = type(self)(self.transfer_syntax)
        twin._opts = dict(self._opts)
        twin._src, twin._src_type, twin._decoders = self._src, self._src_type, self._decoders
        twin.warned, twin.precision, twin.stated = self.warned, self.precision, self.stated
        if hasattr(self, "_previous"):
            twin._previous = self._previous
        return twin

    @property
    def decoded_by(self) -> str | None:
        """The name of the plugin that decoded the last frame, ``None`` before that and for native data."""
        previous = getattr(self, "_previous", None)
        return previous[0] if previous else None

    def get_data(self, src: Any, offset: int, length: int) -> Any:
        """Return at most `length` bytes of `src` from `offset` on; a file-like keeps its position."""
        if not self.is_binary:
            return src[offset : offset + length]
        position = src.tell()
        src.seek(offset)
        data = src.read(length)
        src.seek(position)
        return data

    # Frames ---------------------------------------------------------------------------------------------------------

    def encoded_frame(self, index: int) -> bytes:
        """Return the encoded frame at `index`, its fragments joined; of video the decoded frame."""
        if self._spans is not None:
            return next(self._read_spans(self._spans[index : index + 1]))
        if self.transfer_syntax in VIDEO_SYNTAXES:
            frame: Any = self._video_frame(index)
            return frame
        from pydcm.encaps import get_frame

        source, extended = trusted_source(self, index)
        return get_frame(source, index, number_of_frames=self.number_of_frames, extended_offsets=extended)

    def encoded_frames(self) -> Iterator[bytes]:
        """Return an iterator over all encoded frames; of video over the decoded ones."""
        if self._spans is not None:
            return self._read_spans(self._spans)
        from pydcm.encaps import generate_frames

        if self.transfer_syntax in VIDEO_SYNTAXES:
            position = self._src.tell() if self.is_binary else 0
            stream = b"".join(generate_frames(self._src, number_of_frames=1))
            if self.is_binary:
                self._src.seek(position)
            frames: Any = iter_video(stream, self.rows, self.columns, self.bits_stored)
            return frames

        source, extended = trusted_source(self)
        return generate_frames(source, number_of_frames=self.number_of_frames, extended_offsets=extended)

    def _video_frame(self, index: int) -> Any:
        """Return a decoded frame of a video: from where the last one was, or from the beginning if it was before that."""
        if self._video is None or index < self._video[1]:
            self._video = (iter(self.encoded_frames()), 0)
        frames, at = self._video
        self._video = None
        frame = nth_frame(frames, index, at)
        self._video = (frames, index + 1)
        return frame

    def _read_spans(self, spans: list[tuple[int, int]]) -> Iterator[bytes]:
        for start, end in spans:
            self._src.seek(start)
            data = self._src.read(end - start)
            if len(data) < end - start:
                raise ValueError(f"The file ends {end - start - len(data)} bytes before the end of the frame")
            yield data

    def decode(self, index: int) -> bytes | bytearray:
        """Return the decoded frame at `index`."""
        frame: bytes | bytearray = self.decode_to(self.encoded_frame(index), as_bytes=True)
        return frame

    def iter_decode(self) -> Iterator[bytes | bytearray]:
        """Yield the decoded frames."""
        yield from self.iter_decode_to(as_bytes=True)

    def iter_decode_to(self, as_bytes: bool = False) -> Iterator[Any]:
        """Yield each decoded frame as an array from plugins that have them, unless `as_bytes`; else as bytes."""
        position = self._src.tell() if self.is_binary else None
        for index, src in enumerate(self.encoded_frames()):
            yield self.decode_to(src, index=index, as_bytes=as_bytes)
        if position is not None:
            self._src.seek(position)

    def decode_to(
        self, src: bytes, *, out: np.ndarray | None = None, index: int | None = None, as_bytes: bool = False
    ) -> Any:
        """Decode one encoded frame with the plugin that decoded the last one, or with the first that can.

        Parameters
        ----------
        src : bytes
            The encoded frame.
        out : numpy.ndarray, optional
            A contiguous array that plugins able to do so decode into.
        index : int, optional
            The frame's index, for messages.
        as_bytes : bool, optional
            Whether to have bytes in the plugin's own sample order instead of an array.

        Returns
        -------
        bytes, bytearray or numpy.ndarray
            The decoded frame; `out` itself if the plugin used it.
        """
        if self._note_stream is not None:
            self._note_stream(self, src)
        previous = getattr(self, "_previous", None)
        if previous is not None and index is not None:
            try:
                return self._call(previous[1], src, out, as_bytes)
            except StreamMismatchError as exc:
                raise RuntimeError(f"Unable to decode the frame at index {index}: {exc}") from exc
            except Exception:
                LOGGER.warning(
                    f"The decoding plugin '{previous[0]}' failed to decode the frame at index {index}"
                )
        return self._try_all(src, out, as_bytes, index)

    def _call(self, function: Any, src: bytes, out: np.ndarray | None, as_bytes: bool) -> Any:
        into = None if as_bytes else getattr(function, "decode_array", None)
        return function(src, self) if into is None else into(src, self, out)

    def _try_all(self, src: bytes, out: np.ndarray | None, as_bytes: bool, index: int | None) -> Any:
        failures = []
        options = dict(self._opts)
        for name, function in self._decoders.items():
            try:
                frame = self._call(function, src, out, as_bytes)
            except StreamMismatchError as exc:
                raise RuntimeError(f"Unable to decode the frame: {exc}") from exc
            except Exception as exc:
                LOGGER.debug("The decoding plugin '%s' failed", name, exc_info=exc)
                failures.append(f"{name}: {exc}")
                # What a failed plugin noted about the frame must not reach the next one.
                self._opts.clear()
                self._opts.update(options)
                continue
            previous = getattr(self, "_previous", None)
            if previous is not None and previous[1] != function:
                from pydcm.misc import warn_and_log

                warn_and_log(
                    f"The decoding plugin has changed from '{previous[0]}' to '{name}' during the decoding process - "
                    "you may get inconsistent inter-frame results, consider passing "
                    f"'decoding_plugin=\"{name}\"' instead"
                )
            elif failures:
                LOGGER.warning("Decoded with '%s' after other plugins failed: %s", name, "; ".join(failures))
            self._previous = (name, function)
            return frame
        listing = "\n  ".join(failures)
        where = f"\nThis is about the frame at index {index}" if index is not None else ""
        raise RuntimeError(
            f"Unable to decode as exceptions were raised by all available plugins:\n  {listing}{where}"
        )

    # Arrays ---------------------------------------------------------------------------------------------------------

    @property
    def pixel_dtype(self) -> np.dtype[Any]:
        """The dtype of the stored values.

        Raises
        ------
        NotImplementedError
            If NumPy has no such type.
        """
        keyword = self.pixel_keyword
        if keyword == "FloatPixelData":
            name = "f4"
        elif keyword == "DoubleFloatPixelData":
            name = "f8"
        else:
            allocated = self.bits_allocated
            if allocated == 1:
                name = "u1"
            else:
                name = "ui"[self.pixel_representation]
                if allocated > 0 and allocated % 8 == 0:
                    name += _WIDTHS.get(allocated) or str(allocated // 8)
        return _dtype(name, _encoding(self._opts["transfer_syntax_uid"])[1])

    def reshape(self, arr: np.ndarray, as_frame: bool = False) -> np.ndarray:
        """Return the flat `arr` as ``(rows, columns[, samples])``, with the frames first if there are several.

        Parameters
        ----------
        arr : numpy.ndarray
            The samples of one frame or of all frames.
        as_frame : bool, optional
            Whether `arr` is one frame of several.
        """
        samples = self.samples_per_pixel
        shape: tuple[int, ...] = (self.rows, self.columns)
        several = not as_frame and self.number_of_frames > 1
        if several:
            shape = (self.number_of_frames, *shape)
        if samples == 1:
            return arr.reshape(shape)
        if self.planar_configuration == 0:
            return arr.reshape((*shape, samples))
        if several:
            return arr.reshape((shape[0], samples, *shape[1:])).transpose(0, 2, 3, 1)
        return arr.reshape((samples, *shape)).transpose(1, 2, 0)

    def process(self, arr: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
        """Return `arr` after the colour conversion asked for, and the Image Pixel values that this changed."""
        changes: dict[str, Any] = {}
        for function in PROCESSORS:
            arr = function(arr, self, changes)
        return arr, changes

    def pixel_properties(self, as_frame: bool = False) -> dict[str, Any]:
        """Return the Image Pixel values that describe the decoded data."""
        samples = self.samples_per_pixel
        photometric = self.photometric_interpretation
        properties = {
            "bits_allocated": self.bits_allocated,
            "columns": self.columns,
            "number_of_frames": 1 if as_frame else self.number_of_frames,
            "photometric_interpretation": photometric.value if type(photometric) is PI else str(photometric),
            "rows": self.rows,
            "samples_per_pixel": samples,
        }
        if samples > 1:
            properties["planar_configuration"] = self.planar_configuration
        if self.pixel_keyword == "PixelData":
            properties["bits_stored"] = self.bits_stored
            properties["pixel_representation"] = self.pixel_representation
        return properties

    def _test_for(self, test: str) -> bool:
        """Return whether a correction is called for: ``be_swap_ow``, ``sign_correction``, ``shift_correction``."""
        opts = self._opts
        if test == "be_swap_ow":
            return bool(opts.get("be_swap_ow")) or (
                not self._little_endian
                and self.bits_allocated // 8 == 1
                and self.pixel_keyword == "PixelData"
                and opts.get("pixel_vr") == "OW"
            )
        if test == "sign_correction":
            if self.transfer_syntax in JPEG2000_SYNTAXES:
                grey = self.photometric_interpretation in (PI.MONOCHROME1, PI.MONOCHROME2)
                return grey and bool(opts.get("apply_j2k_sign_correction"))
            return (
                self.transfer_syntax in JPEGLS_SYNTAXES
                and self.pixel_representation == 1
                and bool(opts.get("apply_jls_sign_correction"))
            )
        if test == "shift_correction":
            return (
                bool(opts.get("correct_unused_bits"))
                and self.pixel_keyword == "PixelData"
                and self.bits_allocated > self.bits_stored
                # Lossy streams may overshoot *Bits Stored*: cutting bits off would turn white into black.
                and not (self.transfer_syntax in JPEG_LOSSY_SYNTAXES and self.pixel_representation == 0)
            )
        raise ValueError(f"Unknown test '{test}'")

    # Checks ---------------------------------------------------------------------------------------------------------

    def validate(self) -> None:
        """Check the options, and the length of a source that is in memory."""
        self._validate_options()
        if self.is_dataset or self.is_buffer:
            self._validate_buffer()

    def _validate_options(self) -> None:
        super()._validate_options()
        offsets = self.extended_offsets
        if offsets and len(offsets[0]) != len(offsets[1]):
            from pydcm.misc import warn_and_log

            warn_and_log(
                "The number of items in (7FE0,0001) 'Extended Offset Table' and (7FE0,0002) 'Extended Offset Table "
                "Lengths' don't match - the extended offset table will be ignored"
            )
            self.del_option("extended_offsets")

    def _validate_buffer(self) -> None:
        from pydcm.misc import warn_and_log

        frame_length = self.frame_length(unit="bytes")
        expected = ceil(frame_length * self.number_of_frames)
        padded = expected + expected % 2
        actual = len(self._src)
        if self._encapsulated:
            if actual in (expected, padded):
                warn_and_log(
                    "The number of bytes of compressed pixel data matches the expected number for uncompressed data - "
                    "check that the transfer syntax has been set correctly"
                )
        elif actual < expected:
            raise ValueError(
                f"The number of bytes of pixel data is less than expected ({actual} vs {padded} bytes) - the dataset "
                "may be corrupted, have an invalid group 0028 element value, or the transfer syntax may be incorrect"
            )
        elif actual > padded:
            self._explain_excess(actual, expected, frame_length)

    def _explain_excess(self, actual: int, expected: int, frame_length: int | float) -> None:
        from pydcm.misc import warn_and_log

        if self.photometric_interpretation == PI.YBR_FULL_422:
            full = expected // 2 * 3
            if actual >= full + full % 2:
                raise ValueError(
                    f"The number of bytes of pixel data is a third larger than expected ({actual} vs {expected} bytes) "
                    "which indicates the set (0028,0004) 'Photometric Interpretation' value of 'YBR_FULL_422' is "
                    "incorrect and may need to be changed to either 'RGB' or 'YBR_FULL'"
                )
        elif self.get_option("allow_excess_frames", False):
            whole = int(actual // frame_length)
            if whole > self.number_of_frames:
                warn_and_log(
                    f"The number of bytes of pixel data is sufficient to contain {whole} frames which is larger than "
                    f"the given (0028,0008) 'Number of Frames' value of {self.number_of_frames}. The returned data "
                    "will include these extra frames and if it's correct then you should update 'Number of Frames' "
                    "accordingly, otherwise pass 'allow_excess_frames=False' to return only the first "
                    f"{self.number_of_frames} frames."
                )
                self.set_option("number_of_frames", whole)
                return
        warn_and_log(
            f"The pixel data is {actual} bytes long, which indicates it contains {actual - expected} bytes of excess "
            "padding to be removed"
        )

    def __str__(self) -> str:
        lines = [f"DecodeRunner for '{self.transfer_syntax.name}'", "Options"]
        lines += [f"  {name}: {value}" for name, value in self._opts.items()]
        if self._decoders:
            lines.append("Decoders")
            lines += [f"  {name}" for name in self._decoders]
        return "\n".join(lines)
