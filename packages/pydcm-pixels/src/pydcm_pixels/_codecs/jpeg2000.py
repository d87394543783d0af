"""JPEG 2000 Part 1, and Part 2 where the stream allows (ISO/IEC 15444-1, -2), with OpenJPEG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._codecs.checks import check_header, check_precision, fit_output, not_a_stream
from pydcm_pixels._codestream.jpeg2000 import codestream_header

if TYPE_CHECKING:
    import numpy as np

    from pydcm_pixels._codestream.jpeg2000 import CodestreamHeader


def checked_header(frame: bytes, description: dict[str, Any]) -> CodestreamHeader:
    """Return the stream's header after comparing it with the description."""
    header = codestream_header(frame)
    if header is None:
        raise not_a_stream("JPEG 2000", frame)
    check_header("JPEG 2000", description, header.height, header.width, header.components)
    check_precision("JPEG 2000", description, header.precision)
    return header


def decode(frame: bytes, /, *, out: np.ndarray | None = None, **description: Any) -> np.ndarray:
    """Decode a JPEG 2000 stream; a component transformation in the stream is undone.

    Parameters as for :func:`pydcm_pixels._codecs.jpeg.decode`.
    """
    from imagecodecs import jpeg2k_decode

    header = checked_header(frame, description)
    out = fit_output(out, description, header.precision, header.is_signed)
    return jpeg2k_decode(frame, planar=False, numthreads=1, out=out)


_LOSSLESS = "1.2.840.10008.1.2.4.90"


def quality_layers(description: dict[str, Any]) -> tuple[list[float] | None, list[float] | None]:
    """Return the compression ratios or the signal-to-noise ratios that an irreversible stream is asked to have.

    Raises
    ------
    ValueError
        For *JPEG 2000 Lossless* with either of them, or *JPEG 2000* with none or both.
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
    if not ratios and not noise:
        raise ValueError(
            "The 'JPEG 2000' transfer syntax requires a lossy configuration option such as 'j2k_cr' or 'j2k_psnr'"
        )
    if ratios and noise:
        raise ValueError(
            "Multiple lossy configuration options are being used with the 'JPEG 2000' transfer syntax, please specify "
            "only one"
        )
    return ratios, noise


def uses_mct(description: dict[str, Any]) -> bool:
    """Return whether the stream is to transform RGB into luma and chroma: YBR_RCT and YBR_ICT say so."""
    return description["photometric_interpretation"] in ("YBR_RCT", "YBR_ICT")


def encode(frame: bytes, /, **description: Any) -> bytes:
    """Encode little-endian, pixel-interleaved samples; RGB samples for YBR_RCT and YBR_ICT.

    `j2k_psnr` is the signal-to-noise ratio of an irreversible stream in dB (the last one given counts); ratios
    (`j2k_cr`) and several layers are left to the other plugins.
    """
    from imagecodecs import jpeg2k_encode

    from pydcm_pixels._codecs.samples import as_frame, even

    ratios, noise = quality_layers(description)
    if ratios or (noise and len(noise) > 1):
        raise ValueError(
            "imagecodecs encodes JPEG 2000 with one quality layer, by its signal-to-noise ratio only"
        )
    stored = description["bits_stored"]
    if stored > 16:
        raise ValueError(f"imagecodecs encodes JPEG 2000 with up to 16 bits, not {stored}")
    arr = as_frame(frame, description, signed=True)
    smallest = min(arr.shape[:2])
    return even(
        jpeg2k_encode(
            arr,
            level=int(noise[0]) if noise else 0,
            codecformat="J2K",
            bitspersample=stored,
            reversible=noise is None,
            mct=uses_mct(description),
            planar=False,
            resolutions=max(1, min(6, smallest.bit_length())),
            numthreads=1,
        )
    )
