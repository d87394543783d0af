"""One encoding run: the frames to encode, what is known about them, and who encodes them."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

from pydcm_pixels._coding.runner import RunnerBase, RunnerOptions
from pydcm_pixels._encode.options import check_values
from pydcm_pixels._encode.profiles import PROFILES, Profile

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from pydcm.dataset import Dataset
    from pydcm.uid import UID

LOGGER = logging.getLogger("pydicom.pixels")
_NEAR_LOSSLESS = "1.2.840.10008.1.2.4.81"
# Plugins that take any buffer, and syntaxes whose encoders know nothing of *Bits Stored*.
_OWN = frozenset({"imagecodecs", "pydicom"})
BYTEWISE = frozenset({"1.2.840.10008.1.2.5", "1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.1.98"})
# Syntaxes that keep the order of the samples which *Planar Configuration* states.
KEEP_PLANES = frozenset(
    {"1.2.840.10008.1.2.4.80", _NEAR_LOSSLESS, "1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.1.98"}
)


class EncodeOptions(RunnerOptions, total=False):
    """Options of `EncodeRunner` and of the encoding plugins.

    `byteorder` is that of the frames given to plugins, ``"<"``. `jls_error` is the largest difference per sample for
    JPEG-LS Near Lossless, `j2k_cr` and `j2k_psnr` are compression ratios or signal-to-noise ratios for JPEG 2000,
    which `reversible` makes lossless; `htj2k_step` is the quantisation step of lossy HTJ2K, `quality` a JPEG quality
    (1 to 100) and `distance` a JPEG XL one (0 is lossless, 1 visually so). `verify` says whether lossless frames are
    decoded again and compared: by default those of JPEG XL and HTJ2K.
    """

    byteorder: str
    jls_error: int
    j2k_cr: list[float]
    j2k_psnr: list[float]
    reversible: bool
    htj2k_step: float
    quality: int
    predictor: int
    distance: float
    effort: int
    deflate_level: int
    verify: bool


class EncodeRunner(RunnerBase):
    """Manages the encoding of one source; made by `Encoder`, seen by plugins.

    Parameters
    ----------
    tsyntax : pydcm.uid.UID
        The transfer syntax to encode to.
    """

    _undeletable = ("transfer_syntax_uid", "pixel_keyword", "byteorder")

    def __init__(self, tsyntax: UID) -> None:
        super().__init__(tsyntax)
        self._src: Any = None
        self._encoders: dict[str, Callable[[bytes, EncodeRunner], bytes | bytearray]] = {}
        self._opts["byteorder"] = "<"
        self._opts["pixel_keyword"] = "PixelData"

    @property
    def src(self) -> Any:
        """The pixel data, bytes-like or an array."""
        return self._src

    def set_source(self, src: np.ndarray | Dataset | bytes | bytearray | memoryview) -> None:
        """Take the pixel data, and for a data set its description, from `src`."""
        from pydcm.dataset import Dataset

        if isinstance(src, Dataset):
            from pydcm_pixels._encode.source import little_endian

            self._set_options_ds(src)
            self._src, self._src_type = little_endian(src), "Dataset"
            return
        if isinstance(src, bytes | bytearray | memoryview):
            self._src, self._src_type = src, "Buffer"
            return
        import numpy as np

        if not isinstance(src, np.ndarray):
            raise TypeError(
                f"'src' must be bytes, numpy.ndarray or pydicom.dataset.Dataset, not '{src.__class__.__name__}'"
            )
        order = src.dtype.byteorder
        if order == ">" or (order == "=" and sys.byteorder == "big"):
            src = src.astype(src.dtype.newbyteorder("<"))
        self._src, self._src_type = src, "Array"

    def set_encoders(self, encoders: dict[str, Any]) -> None:
        """Set the functions to try, in their order."""
        self._encoders = encoders

    def encode(self, index: int | None) -> bytes:
        """Return the encoded frame at `index`, or the only frame for ``None``."""
        from pydcm_pixels._encode.verify import verify

        failures = []
        for name, function in self._encoders.items():
            try:
                frame = self._frame_for(name, index)
                encoded = function(frame, self)
                verify(frame, encoded, self)  # type: ignore[arg-type]
                return encoded  # type: ignore[return-value]
            except Exception as exc:
                LOGGER.debug("The encoding plugin '%s' failed", name, exc_info=exc)
                failures.append(f"{name}: {exc}")
        listing = "\n  ".join(failures)
        raise RuntimeError(
            f"Unable to encode as exceptions were raised by all available plugins:\n  {listing}"
        )

    def _frame_for(self, plugin: str, index: int | None) -> Any:
        """Return a frame's samples for a plugin: our own take an array's memory as it is, others get bytes."""
        if self.bits_allocated == 1:
            return self._packed_frame(index or 0)
        # Where bytes are compressed instead of samples, all of *Bits Allocated* belongs to the frame.
        width = (self.bits_allocated + 7) // 8 if self.transfer_syntax in BYTEWISE else self._container()
        if not self.is_array:
            return self._frame_of_buffer(index, width)
        arr = self._frame_of_array(index, width)
        if plugin in _OWN and arr.flags.c_contiguous:
            return arr.reshape(-1).view("u1").data
        return arr.tobytes()

    def _container(self) -> int:
        """Return the bytes per sample of :meth:`get_frame`: the least power of two that holds *Bits Stored*."""
        stored = self.bits_stored
        return 1 if stored <= 8 else 2 if stored <= 16 else 4 if stored <= 32 else 8

    def get_frame(self, index: int | None) -> bytes:
        """Return a frame's samples as little-endian bytes, pixel by pixel unless the plugin needs planes."""
        if self.is_array:
            return self._frame_of_array(index, self._container()).tobytes()
        return self._frame_of_buffer(index, self._container())

    def _frame_of_array(self, index: int | None, width: int) -> np.ndarray:
        arr: np.ndarray = self._src if index is None else self._src[index]
        if arr.dtype.itemsize != width:
            arr = arr.astype(f"<{arr.dtype.kind}{width}")
        if self._in_planes() and self.transfer_syntax in KEEP_PLANES:
            arr = arr.transpose(2, 0, 1)
        return arr

    def _in_planes(self) -> bool:
        """Return whether *Planar Configuration* says that samples come plane by plane."""
        return self.samples_per_pixel == 3 and self.planar_configuration == 1

    def _frame_of_buffer(self, index: int | None, width: int) -> bytes:
        from pydcm_pixels._encode.source import frame_bytes, pixel_by_pixel, with_width, without_unused_bits

        data = frame_bytes(self._src, index, int(self.frame_length(unit="bytes")))
        frame = with_width(data, int(self.frame_length(unit="pixels")), width)
        if self._in_planes() and self.transfer_syntax not in KEEP_PLANES:
            frame = pixel_by_pixel(frame, width)
        if self.transfer_syntax in BYTEWISE:
            return frame
        return without_unused_bits(frame, width, self.bits_stored, self.pixel_representation == 1)

    def _packed_frame(self, index: int) -> bytes:
        """Return a frame of single bits, from its first bit on a byte of its own (PS3.5 §8.1.1, §A.4)."""
        from pydcm_pixels._utils.bits import pack_bits, unpack_bits

        n_bits = int(self.frame_length(unit="pixels"))
        if self.is_array:
            return pack_bits(self._src[index] if self.number_of_frames > 1 else self._src, pad=False)
        # Uncompressed frames follow each other bit by bit.
        first, skip = divmod(index * n_bits, 8)
        data = bytes(self._src[first : first + (skip + n_bits + 7) // 8])
        if 8 * len(data) < skip + n_bits:
            raise ValueError(f"There is insufficient pixel data to contain {index + 1} frames")
        if skip == 0 and n_bits % 8 == 0:
            return data
        bits: Any = unpack_bits(data)
        return pack_bits(bits[skip : skip + n_bits], pad=False)

    # Checks ---------------------------------------------------------------------------------------------------------

    def validate(self) -> None:
        """Check the options, the source, and whether the transfer syntax allows such pixel data."""
        self._validate_options()
        high = self._opts.get("high_bit")
        if high is not None and not self.is_array:
            raise ValueError(
                f"The (0028,0102) 'High Bit' is {high} but the (0028,0101) 'Bits Stored' is {self.bits_stored}: encode the "
                "decoded array, whose samples end where 'Bits Stored' says"
            )
        if self.is_array:
            self._validate_array()
        else:
            self._validate_buffer()
        self._validate_encoding_profile()
        check_values(self._opts)

    def _validate_buffer(self) -> None:
        expected = self.frame_length(unit="bytes") * self.number_of_frames
        if self.bits_allocated == 1:
            expected = (self.frame_length(unit="pixels") * self.number_of_frames + 7) // 8
        actual = len(self._src)
        if actual < expected:
            raise ValueError(
                "The length of the uncompressed pixel data doesn't match the expected length - "
                f"{actual} bytes actual vs. {expected} expected"
            )
        if self.is_dataset and actual > expected + expected % 2:
            from pydcm.misc import warn_and_log

            warn_and_log(
                f"The pixel data has {actual} bytes, of which only the {expected} are encoded that a (0028,0008) 'Number of "
                f"Frames' of {self.number_of_frames} stands for"
            )

    def _validate_array(self) -> None:
        arr = self._src
        if arr.ndim not in (2, 3, 4):
            raise ValueError(f"Unable to encode {arr.ndim}D ndarrays")
        expected: tuple[int, ...] = (self.rows, self.columns)
        if self.number_of_frames != 1:
            expected = (self.number_of_frames, *expected)
        if self.samples_per_pixel not in (None, 1):
            expected = (*expected, self.samples_per_pixel)
        if arr.shape != expected:
            raise ValueError(
                f"Mismatch between the expected ndarray shape {expected} and the actual shape {arr.shape}"
            )
        kind = arr.dtype.kind
        if kind not in "ui":
            raise ValueError(
                f"The ndarray's dtype '{arr.dtype}' is not supported, must be a signed or unsigned integer type"
            )
        signed = self.pixel_representation == 1
        if (kind == "i") != signed:
            raise ValueError(
                f"The ndarray's dtype '{arr.dtype}' is not consistent with a (0028,0103) 'Pixel Representation' of "
                f"'{self.pixel_representation}' ({'signed' if signed else 'unsigned'} integers)"
            )
        if 8 * arr.dtype.itemsize < self.bits_allocated:
            raise ValueError(
                f"The ndarray's dtype '{arr.dtype}' is not consistent with a (0028,0100) 'Bits Allocated' value of "
                f"'{self.bits_allocated}'"
            )
        if self.bits_stored < 8 * arr.dtype.itemsize or self.get_option("jls_error"):
            self._validate_range(int(arr.min()), int(arr.max()), signed)

    def _validate_range(self, lowest: int, highest: int, signed: bool) -> None:
        stored = self.bits_stored
        minimum, maximum = (-(1 << stored - 1), (1 << stored - 1) - 1) if signed else (0, (1 << stored) - 1)
        if lowest < minimum or highest > maximum:
            raise ValueError(
                f"The ndarray contains values that are outside the allowable range of ({minimum}, {maximum}) for a "
                f"(0028,0101) 'Bits Stored' value of '{stored}'"
            )
        error = self.get_option("jls_error", 0)
        if self.transfer_syntax == _NEAR_LOSSLESS and signed and error:
            # Signed values are coded as unsigned ones: an error at either end would wrap around.
            if lowest < minimum + error or highest > maximum - error:
                raise ValueError(
                    "The supported range of pixel values when performing lossy JPEG-LS encoding of signed integers with "
                    f"a (0028,0103) 'Bits Stored' value of '{stored}' and a 'jls_error' of '{error}' is "
                    f"({minimum + error}, {maximum - error})"
                )

    def _validate_encoding_profile(self) -> None:
        profiles = PROFILES.get(self.transfer_syntax)
        if profiles is None or any(map(self._fits, profiles)):
            return
        from pydcm.uid import UID

        others = [UID(uid).name for uid, known in PROFILES.items() if any(map(self._fits, known))]
        raise ValueError(
            "One or more of the following values is not valid for pixel data encoded with "
            f"'{self.transfer_syntax.name}':\n"
            f"  (0028,0002) Samples per Pixel: {self.samples_per_pixel}\n"
            f"  (0028,0006) Photometric Interpretation: {self.photometric_interpretation}\n"
            f"  (0028,0100) Bits Allocated: {self.bits_allocated}\n"
            f"  (0028,0101) Bits Stored: {self.bits_stored}\n"
            f"  (0028,0103) Pixel Representation: {self.pixel_representation}\n"
            "See Part 5, Section 8.2 of the DICOM Standard for more information\n"
            f"They are valid for: {', '.join(others) or 'no encoder'}; Deflated Image Frame Compression and Encapsulated "
            "Uncompressed take anything"
        )

    def _fits(self, profile: Profile) -> bool:
        return (
            profile.photometric == self.photometric_interpretation
            and profile.samples == self.samples_per_pixel
            and self.pixel_representation in profile.representations
            and self.bits_allocated in profile.allocated
            and self.bits_stored in profile.stored
        )

    def __str__(self) -> str:
        lines = [f"EncodeRunner for '{self.transfer_syntax.name}'", "Options"]
        lines += [f"  {name}: {value}" for name, value in self._opts.items()]
        if self._encoders:
            lines.append("Encoders")
            lines += [f"  {name}" for name in self._encoders]
        return "\n".join(lines)
