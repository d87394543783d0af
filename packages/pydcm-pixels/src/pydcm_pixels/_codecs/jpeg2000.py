"""JPEG 2000 Part 1, and Part 2 where the stream allows (ISO/IEC 15444-1, -2), with OpenJPEG."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.checks import (
    StreamMismatchError,
    check_header,
    check_loss,
    check_nbytes,
    check_precision,
    fit_output,
    has_end,
    is_unexpected_loss,
    not_a_stream,
    warn_no_end,
)
from pydcm_pixels._codestream.jpeg2000 import codestream_header, components_alike, end_of_tiles
from pydcm_pixels._codestream.jpeg2000_marks import impossible_header

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._codestream.jpeg2000 import CodestreamHeader


_START_OF_TILES = b"\xff\x90\x00\x0a"
_MOST_HEADER = 4096


def checked_header(frame: bytes, description: dict[str, Any]) -> CodestreamHeader:
    """Return the stream's header after comparing it with the description."""
    end = frame.find(_START_OF_TILES, 0, _MOST_HEADER) + len(_START_OF_TILES)
    known = _agreed_header(
        bytes(frame[:end]),
        description["rows"],
        description["columns"],
        description["samples_per_pixel"],
        description["bits_allocated"],
        description.get("transfer_syntax_uid", ""),
    )
    if known is not None:
        check_nbytes("JPEG 2000", description, frame)
        return known
    return _compared_header(frame, description)


@lru_cache(maxsize=64)  # the frames of an image, and the images of a series, mostly have the same header
def _agreed_header(
    head: bytes, rows: int, columns: int, samples: int, allocated: int, syntax: str
) -> CodestreamHeader | None:
    """Return the header of streams that begin with `head` if there is nothing to warn of, else ``None``."""
    description = {
        "rows": rows,
        "columns": columns,
        "samples_per_pixel": samples,
        "bits_allocated": allocated,
    }
    try:
        header = _compared_header(head, description)
    except ValueError:
        return None
    return None if is_unexpected_loss(syntax, not header.reversible) else header


def _compared_header(frame: bytes, description: dict[str, Any]) -> CodestreamHeader:
    header = codestream_header(frame)
    if header is None:
        raise not_a_stream("JPEG 2000", frame)
    check_header("JPEG 2000", description, header.height, header.width, header.components)
    check_precision("JPEG 2000", description, header.precision)
    check_nbytes("JPEG 2000", description, frame)
    check_loss("JPEG 2000", description, not header.reversible)
    problem = impossible_header(frame)
    if problem is not None:
        raise StreamMismatchError(f"The JPEG 2000 stream is broken: {problem}")
    if not components_alike(frame):
        raise StreamMismatchError(
            "The JPEG 2000 stream has components of different size, precision or sign, which images of one "
            "(0028,0101) 'Bits Stored' cannot have"
        )
    return header


def with_end(frame: bytes) -> bytes:
    """Return the stream with an end marker, put there with a warning if only that was missing.

    Raises
    ------
    StreamMismatchError
        If the stream is cut short: some decoders show what is left of it as if it were the image.
    """
    if has_end(frame):
        return frame
    end = end_of_tiles(frame)
    if end > len(frame):
        raise StreamMismatchError(
            f"The JPEG 2000 stream is truncated: {end - len(frame)} bytes of its last tile-part are missing"
        )
    warn_no_end("JPEG 2000")
    return frame[:end] + b"\xff\xd9"


def decode(frame: bytes, /, *, out: np.ndarray | None = None, **description: Any) -> np.ndarray:
    """Decode a JPEG 2000 stream; a component transformation in the stream is undone.

    Parameters as for :func:`pydcm_pixels._codecs.jpeg.decode`.
    """
    from imagecodecs import jpeg2k_decode

    header = checked_header(frame, description)
    out = fit_output(out, description, header.precision, header.is_signed)
    return jpeg2k_decode(with_end(frame), planar=False, numthreads=1, out=out)


_LOSSLESS = "1.2.840.10008.1.2.4.90"


def is_reversible(description: dict[str, Any]) -> bool:
    """Return whether the stream is to be reversible: always in *JPEG 2000 Lossless*, elsewhere on request."""
    return description["transfer_syntax_uid"] == _LOSSLESS or bool(description.get("reversible"))


def quality_layers(description: dict[str, Any]) -> tuple[list[float] | None, list[float] | None]:
    """Return the compression ratios or the signal-to-noise ratios that an irreversible stream is asked to have.

    Raises
    ------
    ValueError
        For a reversible stream with either of them, an irreversible one with none or both, or values that are none.
    """
    ratios = description.get("compression_ratios", description.get("j2k_cr"))
    noise = description.get("signal_noise_ratios", description.get("j2k_psnr"))
    if description["transfer_syntax_uid"] == _LOSSLESS:
        if ratios or noise:
            raise ValueError(
                "A lossy configuration option is being used with a transfer syntax of 'JPEG 2000 Lossless' - did you "
                "mean to use 'JPEG 2000' instead?"
            )
        return None, None
    if description.get("reversible"):
        if ratios or noise:
            raise ValueError(
                "'reversible' leaves no choice of 'j2k_cr' or 'j2k_psnr', please specify only one"
            )
        return None, None
    if not ratios and not noise:
        raise ValueError(
            "The 'JPEG 2000' transfer syntax requires a lossy configuration option such as 'j2k_cr' or 'j2k_psnr'"
        )
    if ratios and noise:
        raise ValueError(
            "Multiple lossy configuration options are being used with the 'JPEG 2000' transfer syntax, please specify "
            "only one"
        )
    _check_layers("j2k_cr", ratios, 1, "compression ratios of 1 or more")
    _check_layers("j2k_psnr", noise, 1, "signal-to-noise ratios of 1 dB or more")
    return ratios, noise


def _check_layers(name: str, values: Any, least: float, rule: str) -> None:
    """Raise ValueError unless `values` is nothing or a list of numbers that are not less than `least`."""
    from numbers import Real

    if not values:
        return
    if not isinstance(values, list | tuple) or not all(
        isinstance(value, Real) and least <= float(value) < 1e6 for value in values
    ):
        raise ValueError(f"A '{name}' value of '{values}' is invalid, it must be a list of {rule}")


def uses_mct(description: dict[str, Any]) -> bool:
    """Return whether the stream is to transform RGB into luma and chroma: YBR_RCT and YBR_ICT say so."""
    return description["photometric_interpretation"] in ("YBR_RCT", "YBR_ICT")


def encode(frame: bytes, /, **description: Any) -> bytes:
    """Encode little-endian, pixel-interleaved samples; RGB samples for YBR_RCT and YBR_ICT.

    *JPEG 2000 Lossless* is reversible, and so is *JPEG 2000* with `reversible`. An irreversible stream has one quality
    layer: `j2k_psnr` is its signal-to-noise ratio in whole dB, `j2k_cr` how many times smaller it is at least than the
    samples at *Bits Stored* bits each. Several layers are left to the other plugins.
    """
    from pydcm_pixels._codecs.samples import as_frame, even

    ratios, noise = quality_layers(description)
    if len(ratios or noise or ()) > 1:
        raise ValueError(
            "imagecodecs encodes JPEG 2000 with one quality layer, not several: give one 'j2k_cr' or 'j2k_psnr', or "
            "install pylibjpeg-openjpeg"
        )
    stored = description["bits_stored"]
    if stored > 16:
        raise ValueError(
            f"imagecodecs encodes JPEG 2000 with up to 16 bits, not {stored}; pylibjpeg-openjpeg up to 24"
        )
    arr = as_frame(frame, description, signed=True)
    if ratios:
        return even(_of_size(arr, description, arr.size * stored / 8 / ratios[0]))
    return even(_stream(arr, description, noise[0] if noise else 0))


def _stream(arr: np.ndarray, description: dict[str, Any], noise: float) -> bytes:
    """Return the codestream with a signal-to-noise ratio of so many dB, the best if it is 0."""
    from imagecodecs import jpeg2k_encode

    encoded = jpeg2k_encode(
        arr,
        level=int(noise),
        codecformat="J2K",
        bitspersample=description["bits_stored"],
        reversible=is_reversible(description),
        mct=uses_mct(description),
        planar=False,
        resolutions=max(1, min(6, min(arr.shape[:2]).bit_length())),
        numthreads=1,
    )
    return bytes(encoded)


_BEST_NOISE = 120  # dB, beyond what 16 bits can show: stands for as good as it gets


def _of_size(arr: np.ndarray, description: dict[str, Any], nbytes: float) -> bytes:
    """Return the best irreversible codestream of at most `nbytes` bytes.

    imagecodecs tells OpenJPEG a signal-to-noise ratio in whole dB, so the one that gives the size is searched for: a bit
    per sample is about 6 dB, which makes three to ten steps.
    """
    # The greatest ratio known to fit, the least known not to, and the stream of the former.
    low, high, fitting = 0, _BEST_NOISE + 1, b""
    guess, n_steps = 50, 0
    while high - low > 1:
        stream = _stream(arr, description, guess if guess < _BEST_NOISE else 0)
        if len(stream) <= nbytes:
            low, fitting = guess, stream
        else:
            high = guess
        # Near a bit per 6 dB as a rule; where it is not, halving what is left is quicker.
        n_steps += 1
        step = round(6.02 * 8 * (nbytes - len(stream)) / arr.size)
        guess = guess + step if n_steps < 4 else (low + high) // 2
        guess = min(max(guess, low + 1), high - 1)
    if not fitting:
        raise ValueError(
            f"A frame of {arr.shape[0]} rows and {arr.shape[1]} columns does not fit in {nbytes:.0f} bytes as JPEG 2000: "
            "ask for a smaller compression ratio"
        )
    return fitting
