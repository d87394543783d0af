"""The decoding plugin ``gdcm`` (python-gdcm); it holds the GIL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._coding.photometric import PhotometricInterpretation as PI
from pydcm_pixels._decode.runner import JPEG2000_SYNTAXES, JPEGLS_SYNTAXES
from pydcm_pixels._utils.foreign import gdcm_version, import_gdcm

if TYPE_CHECKING:
    from pydcm_pixels._decode.runner import DecodeRunner

_PREFIX = "1.2.840.10008.1.2.4."
_EXTENDED = _PREFIX + "51"
_NEAR_LOSSLESS = _PREFIX + "81"
DECODER_DEPENDENCIES = {
    _PREFIX + last: ("gdcm>=3.0.10",) for last in ("50", "51", "57", "70", "80", "81", "90", "91")
}


def is_available(uid: str) -> bool:
    """Return whether this plugin can decode `uid` here."""
    return uid in DECODER_DEPENDENCIES and gdcm_version() >= (3, 0)


def _decode_frame(src: bytes, runner: DecodeRunner) -> bytes:
    """Return the decoded frame; refuses what GDCM is known to get wrong."""
    uid = runner.transfer_syntax
    stored = runner.bits_stored
    if uid == _EXTENDED and stored != 8:
        raise NotImplementedError("GDCM does not support 'JPEG Extended' for samples with 12-bit precision")
    if uid == _NEAR_LOSSLESS and runner.pixel_representation == 1 and stored < 8:
        raise ValueError(
            "Unable to decode signed lossy JPEG-LS pixel data with a sample precision less than 8 bits"
        )
    if uid in JPEGLS_SYNTAXES and stored in (6, 7):
        raise ValueError(
            "Unable to decode unsigned JPEG-LS pixel data with a sample precision of 6 or 7 bits"
        )

    gdcm = import_gdcm()
    if runner.samples_per_pixel > 1:
        runner.set_option("planar_configuration", 0)  # whatever the data set says
    if uid in JPEGLS_SYNTAXES:
        stored = runner.get_option("jls_precision", stored)
    elif uid in JPEG2000_SYNTAXES:
        stored = runner.get_option("j2k_precision", stored)
    if uid in JPEGLS_SYNTAXES or uid in JPEG2000_SYNTAXES:
        runner.set_option("bits_allocated", 8 if stored <= 8 else 16 if stored <= 16 else 32)

    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((runner.columns, runner.rows, 1))
    image.SetDataElement(_as_element(gdcm, src))
    stated = runner.photometric_interpretation
    kind = gdcm.PhotometricInterpretation.GetPIType(str(stated))
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    if runner.samples_per_pixel > 1:
        image.SetPlanarConfiguration(0)
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str.__str__(uid))))
    image.SetPixelFormat(
        gdcm.PixelFormat(
            runner.samples_per_pixel, runner.bits_allocated, stored, stored - 1, runner.pixel_representation
        )
    )
    # SWIG hands the bytes out as text with surrogates.
    frame: bytes = image.GetBuffer().encode("utf-8", "surrogateescape")
    if uid in JPEG2000_SYNTAXES and stated in (PI.YBR_ICT, PI.YBR_RCT):
        runner.set_option("photometric_interpretation", PI.RGB)
    return frame


def _as_element(gdcm: Any, src: bytes) -> Any:
    """Return GDCM's Pixel Data element with the frame as its only fragment."""
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(src)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    return element
