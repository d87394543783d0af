"""The encoding plugin ``gdcm`` (python-gdcm); it holds the GIL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm_pixels._utils.foreign import gdcm_version, import_gdcm

if TYPE_CHECKING:
    from pydcm_pixels._encode.runner import EncodeRunner

_RLE = "1.2.840.10008.1.2.5"
ENCODER_DEPENDENCIES = {_RLE: ("gdcm>=3.0.10",)}


def is_available(uid: str) -> bool:
    """Return whether this plugin can encode to `uid` here."""
    return uid in ENCODER_DEPENDENCIES and gdcm_version() >= (3, 0, 10)


def encode_pixel_data(src: bytes, runner: EncodeRunner) -> bytes:
    """Return the encoded frame."""
    if runner.get_option("byteorder", "<") == ">":
        raise ValueError("Unsupported option \"byteorder = '>'\"")
    return _rle_encode(src, runner)


def _rle_encode(src: bytes, runner: EncodeRunner) -> bytes:
    if runner.bits_allocated > 32:
        raise ValueError("Unable to encode more than 32-bit data")
    gdcm = import_gdcm()
    photometric = gdcm.PhotometricInterpretation
    kind = photometric.GetPIType(str(runner.photometric_interpretation))
    if kind == photometric.PI_END:
        raise ValueError(f"Invalid photometric interpretation '{runner.photometric_interpretation}'")
    writer = gdcm.ImageWriter()
    image = writer.GetImage()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((runner.columns, runner.rows, 1))
    image.SetPhotometricInterpretation(photometric(kind))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.ImplicitVRLittleEndian))
    image.SetPixelFormat(
        gdcm.PixelFormat(
            runner.samples_per_pixel,
            runner.bits_allocated,
            runner.bits_stored,
            runner.bits_stored - 1,
            runner.pixel_representation,
        )
    )
    if runner.samples_per_pixel > 1:
        image.SetPlanarConfiguration(0)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetByteStringValue(src)
    image.SetDataElement(element)

    change = gdcm.ImageChangeTransferSyntax()
    target = gdcm.TransferSyntax.GetTSType(str.__str__(runner.transfer_syntax))
    change.SetTransferSyntax(gdcm.TransferSyntax(target))
    change.SetInput(image)
    if not change.Change():
        raise RuntimeError("ImageChangeTransferSyntax.Change() returned a failure result")
    fragments = change.GetOutput().GetDataElement().GetSequenceOfFragments()
    if fragments is None or fragments.GetNumberOfFragments() != 1:
        raise RuntimeError("Unexpected number of fragments found in the 'Pixel Data'")
    data: str = fragments.GetFragment(0).GetByteValue().GetBuffer()
    return data.encode("utf-8", "surrogateescape")
