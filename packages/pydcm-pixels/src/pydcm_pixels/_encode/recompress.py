"""JPEG streams to JPEG XL and back, bit for bit: *JPEG XL JPEG Recompression* (PS3.5 §8.2.15, ISO/IEC 18181-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydcm.dataset import Dataset
    from pydcm.uid import UID

RECOMPRESSED = "1.2.840.10008.1.2.4.111"
# The start-of-frame marker of each JPEG syntax that JPEG XL can take in.
_MARKERS = {"1.2.840.10008.1.2.4.50": 0xC0, "1.2.840.10008.1.2.4.51": 0xC1}


def is_recompression(source: UID, target: UID) -> bool:
    """Return whether frames of `source` become those of `target` without being decoded.

    Raises
    ------
    ValueError
        If the target is JPEG XL made from JPEG, and the source is no JPEG.
    """
    if target != RECOMPRESSED:
        return source == RECOMPRESSED and target in _MARKERS
    if source not in _MARKERS:
        raise ValueError(
            f"'{target.name}' is made from JPEG streams, not from '{source.name}': convert to 'JPEG Baseline' "
            "(1.2.840.10008.1.2.4.50) first, or use 'JPEG XL Lossless' (1.2.840.10008.1.2.4.110)"
        )
    return True


def recompress(ds: Dataset, target: str) -> list[bytes]:
    """Return the frames of `ds`, JPEG as JPEG XL or JPEG XL as the JPEG it was made from.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset
        With a transfer syntax for which :func:`is_recompression` says yes. It is not changed.
    target : str
        The transfer syntax to go to.

    Raises
    ------
    ValueError
        If a frame is no JPEG stream that JPEG XL can take in, or was not made from one.
    """
    from pydcm.encaps import generate_frames

    frames = generate_frames(
        ds.PixelData,
        number_of_frames=int(ds.get("NumberOfFrames") or 1),
        extended_offsets=(
            (ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths)
            if "ExtendedOffsetTable" in ds and "ExtendedOffsetTableLengths" in ds
            else None
        ),
    )
    convert: Callable[[bytes], bytes]
    if target == RECOMPRESSED:
        is_rgb = ds.get("PhotometricInterpretation") == "RGB"
        convert = lambda frame: to_jpeg_xl(frame, is_rgb=is_rgb)  # noqa: E731
    else:
        convert = lambda frame: to_jpeg(frame, target)  # noqa: E731
    return [convert(frame) for frame in frames]


def to_jpeg_xl(frame: bytes, *, is_rgb: bool = False) -> bytes:
    """Return a JPEG stream as JPEG XL, after making sure that the very same stream can be had back.

    Parameters
    ----------
    frame : bytes
        The JPEG stream, 8-bit baseline or extended.
    is_rgb : bool, optional
        Whether the data set calls the components RGB. The stream must say so too, in an Adobe segment: JPEG XL goes
        by the stream alone.
    """
    from imagecodecs import jpegxl_decode_jpeg, jpegxl_encode_jpeg

    from pydcm_pixels._codecs.checks import not_a_stream
    from pydcm_pixels._codecs.samples import even
    from pydcm_pixels._codestream.jpeg import adobe_transform, frame_header, get_jpg_parameters

    header = frame_header(frame)
    if header is None:
        raise not_a_stream("JPEG", frame)
    marker, precision, *_ = header
    if precision != 8 or marker not in (0xC0, 0xC1, 0xC2):
        raise ValueError(
            f"JPEG XL takes in 8-bit baseline, extended and progressive JPEG streams, not {precision}-bit ones with the "
            f"start of frame FF{marker:02X}: use 'JPEG XL' or 'JPEG XL Lossless' instead"
        )
    if is_rgb and adobe_transform(get_jpg_parameters(frame).get("app", {})) != 0:
        raise ValueError(
            "The data set calls the components of the JPEG stream RGB but the stream has no Adobe segment that says so: "
            "JPEG XL would take them for YCbCr"
        )
    try:
        encoded = bytes(jpegxl_encode_jpeg(frame, numthreads=1))
        back = bytes(jpegxl_decode_jpeg(encoded, numthreads=1))
    except Exception as exc:
        raise ValueError(f"libjxl cannot take in this JPEG stream: {exc}") from exc
    if back != frame:
        raise RuntimeError(
            "JPEG XL did not give back the JPEG stream that it was given, nothing has been written"
        )
    return even(encoded)


def to_jpeg(frame: bytes, target: str) -> bytes:
    """Return the JPEG stream that a JPEG XL frame was made from.

    Parameters
    ----------
    frame : bytes
        The JPEG XL stream, with the box that holds what it takes to rebuild the JPEG one.
    target : str
        The transfer syntax that the stream is to have.
    """
    from imagecodecs import jpegxl_decode_jpeg

    from pydcm_pixels._codecs.samples import even
    from pydcm_pixels._codestream.jpeg import frame_header

    try:
        stream = bytes(jpegxl_decode_jpeg(frame, numthreads=1))
    except Exception as exc:
        raise ValueError(f"The JPEG XL frame was not made from a JPEG stream: {exc}") from exc
    header: Any = frame_header(stream)
    if header is None or header[0] not in (0xC0, _MARKERS[target]):
        raise ValueError(
            "The JPEG XL frame was made from a JPEG stream of another process than the one asked for"
        )
    return even(stream)
