"""What the stream of a frame says about precision, sign and colour goes before what the data set says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._codestream.jpeg import adobe_transform, get_jpg_parameters
from pydcm_pixels._codestream.jpeg2000 import codestream_header
from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI
from pydcm_pixels._core._streams import jpeg_header
from pydcm_pixels._decode import agreement

if TYPE_CHECKING:
    from pydcm_pixels._decode.runner import DecodeRunner

_BASELINE = "1.2.840.10008.1.2.4.50"
# What in a JPEG header, see `jpeg_header`, does not go with a colour space.
_DOUBTS = {"RGB": 1 | 8 | 16, "YBR_FULL": 2 | 4 | 16, "YBR_FULL_422": 2 | 4 | 16}
_LOSSY = frozenset("1.2.840.10008.1.2.4." + last for last in ("50", "51", "53", "55"))
_OTHER_YBR = frozenset({PI.YBR_PARTIAL_420, PI.YBR_PARTIAL_422, PI.YBR_ICT, PI.YBR_RCT})
_RGB_IDS = ([82, 71, 66], [114, 103, 98])


def colours_agree(colour: int, photometric: str) -> bool:
    """Return whether a JPEG header's `colour` is plainly no reason to doubt the *Photometric Interpretation*."""
    doubts = _DOUBTS.get(photometric)
    return doubts is not None and colour & doubts == 0


def note_jpeg2000(runner: DecodeRunner, src: bytes) -> None:
    """Note precision and sign of a JPEG 2000 stream, and its colour space if it has three components."""
    opts = runner.options
    header = codestream_header(src)
    if header is None:
        opts["j2k_is_signed"], opts["j2k_precision"] = runner.pixel_representation, runner.bits_stored
        return
    opts["j2k_is_signed"], opts["j2k_precision"] = header.is_signed, header.precision
    agreement.compare_precision(runner, header.precision)
    agreement.compare_sign(runner, header.is_signed)
    if opts["samples_per_pixel"] == 3:
        agreement.conform_to_transformation(runner, header.mct)


def note_jpegls(runner: DecodeRunner, src: bytes) -> None:
    """Note precision and colour space of a JPEG-LS stream."""
    header = jpeg_header(src)
    if header is not None and _agrees(runner, header[5]):
        runner.options["jls_precision"] = header[1]
        agreement.compare_precision(runner, header[1])
        return
    info = get_jpg_parameters(src)
    runner.options["jls_precision"] = info.get("precision", runner.bits_stored)
    if info:
        agreement.compare_precision(runner, info["precision"])
    _conform_colour_space(runner, info)


def note_jpeg(runner: DecodeRunner, src: bytes) -> None:
    """Note precision and colour space of a JPEG stream."""
    header = jpeg_header(src)
    if header is not None:
        agreement.compare_precision(runner, header[1])
        if _agrees(runner, header[5]):
            return
    if runner.samples_per_pixel == 3:
        _conform_colour_space(runner, get_jpg_parameters(src))
        stated = runner.photometric_interpretation
        if stated in _OTHER_YBR and runner.transfer_syntax in _LOSSY:
            evidence = "is JPEG, whose luma and chroma indicate that it should be 'YBR_FULL_422'"
            _correct_photometric(runner, stated, PI.YBR_FULL_422, evidence)


def note_jpegxl(runner: DecodeRunner, src: bytes) -> None:
    """Note that samples may take all of *Bits Allocated*: what they do take is looked at when they are there."""
    runner.precision = runner.bits_allocated


def _agrees(runner: DecodeRunner, colour: int) -> bool:
    return runner.samples_per_pixel == 1 or colours_agree(colour, runner.photometric_interpretation)


def _conform_colour_space(runner: DecodeRunner, info: dict[str, Any]) -> None:
    """Let the colour space of a JPEG or JPEG-LS stream go before the data set's, with a warning."""
    if runner.samples_per_pixel != 3:
        return
    stated = runner.photometric_interpretation
    if info.get("component_ids") in _RGB_IDS and stated != PI.RGB:
        _correct_photometric(runner, stated, PI.RGB, "uses component IDs that indicate it should be 'RGB'")
        return
    transform = adobe_transform(info.get("app", {}))
    if transform == 0 and "YBR_FULL" in stated:
        evidence = "contains an Adobe APP14 marker which indicates it should be 'RGB'"
        _correct_photometric(runner, stated, PI.RGB, evidence)
        return
    if transform == 1 and stated == PI.RGB:
        evidence = "contains an Adobe APP14 marker which indicates it should be 'YBR_FULL'"
        _correct_photometric(runner, stated, PI.YBR_FULL, evidence)
        return
    if "YBR" not in stated and any(app.startswith(b"JFIF") for app in info.get("app", {}).values()):
        # JFIF allows YCbCr and grey only.
        actual = PI.YBR_FULL_422 if runner.transfer_syntax == _BASELINE else PI.YBR_FULL
        evidence = f"contains a JFIF APP marker which indicates it should be '{actual}'"
        _correct_photometric(runner, stated, actual, evidence)


def _correct_photometric(runner: DecodeRunner, stated: str, actual: PI, evidence: str) -> None:
    from pydcm.misc import warn_and_log

    runner.set_option("photometric_interpretation", actual)
    warn_and_log(
        f"The (0028,0004) 'Photometric Interpretation' value is '{stated}' however the encoded image's codestream "
        f"{evidence}"
    )
