"""Are the values of the Image Pixel module ones that pixel data can have? (PS3.3 §C.7.6.3)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._coding.photometric import PhotometricInterpretation, known_photometric

if TYPE_CHECKING:
    from pydcm_pixels._coding.runner import RunnerBase

_PIXEL_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


_ALLOCATED = (8, 16, 32, 64, 1, 24, 40, 48, 56)


def is_plainly_right(opts: dict[str, Any]) -> bool:
    """Return whether all is right with integer pixel data, as it nearly always is."""
    try:
        return (
            opts["bits_allocated"] in _ALLOCATED
            and 1 <= opts["bits_stored"] <= opts["bits_allocated"]
            and 0 < opts["columns"] <= 65535
            and 0 < opts["rows"] <= 65535
            and opts["number_of_frames"] >= 1
            and type(opts["photometric_interpretation"]) is PhotometricInterpretation
            and opts["pixel_keyword"] == "PixelData"
            and opts["pixel_representation"] in (0, 1)
            and (
                opts["samples_per_pixel"] == 1
                or (opts["samples_per_pixel"] == 3 and opts["planar_configuration"] in (0, 1))
            )
        )
    except (KeyError, TypeError):
        return False


def _needed(opts: dict[str, Any], name: str, element: str, title: str) -> Any:
    value = opts.get(name)
    if value is None:
        raise AttributeError(f"Missing required element: (0028,{element}) '{title}'")
    if element != "0004" and not hasattr(value, "__index__"):
        raise _wrong(element, title, value, "one whole number")
    return value


def _wrong(element: str, title: str, value: object, rule: str) -> ValueError:
    return ValueError(f"A (0028,{element}) '{title}' value of '{value}' is invalid, it must be {rule}")


def check_image_pixel(opts: dict[str, Any], runner: RunnerBase) -> None:
    """Check the options that describe the pixel data, in a fixed order.

    Raises
    ------
    AttributeError
        For a required element that is missing.
    ValueError
        For a value that is not allowed, naming element, value and rule.
    """
    if is_plainly_right(opts):
        return
    allocated = _needed(opts, "bits_allocated", "0100", "Bits Allocated")
    if not (allocated == 1 or (8 <= allocated <= 64 and allocated % 8 == 0)):
        raise _wrong("0100", "Bits Allocated", allocated, "1 or a multiple of 8 and in the range (1, 64)")
    if "Float" not in runner.pixel_keyword:
        stored = _needed(opts, "bits_stored", "0101", "Bits Stored")
        if not 1 <= stored <= allocated:
            raise _wrong(
                "0101",
                "Bits Stored",
                stored,
                f"in the range (1, 64) and no greater than the (0028,0100) 'Bits Allocated' value of '{allocated}'",
            )
    _check_size(_needed(opts, "columns", "0011", "Columns"), "0011", "Columns")
    frames = opts.get("number_of_frames")
    if frames is not None and (not hasattr(frames, "__index__") or frames < 1):
        raise _wrong("0008", "Number of Frames", frames, "greater than or equal to 1")
    photometric = _needed(opts, "photometric_interpretation", "0004", "Photometric Interpretation")
    if not isinstance(known_photometric(photometric), PhotometricInterpretation):
        raise ValueError(f"Unknown (0028,0004) 'Photometric Interpretation' value '{photometric}'")
    keyword = runner.pixel_keyword
    if keyword not in _PIXEL_KEYWORDS:
        raise ValueError(f"Unknown 'pixel_keyword' value '{keyword}'")
    if keyword == "PixelData":
        representation = _needed(opts, "pixel_representation", "0103", "Pixel Representation")
        if representation not in (0, 1):
            raise _wrong("0103", "Pixel Representation", representation, "0 or 1")
    _check_size(_needed(opts, "rows", "0010", "Rows"), "0010", "Rows")
    samples = _needed(opts, "samples_per_pixel", "0002", "Samples per Pixel")
    if samples not in (1, 3):
        raise _wrong("0002", "Samples per Pixel", samples, "1 or 3")
    if samples == 3:
        planar = _needed(opts, "planar_configuration", "0006", "Planar Configuration")
        if planar not in (0, 1):
            raise _wrong("0006", "Planar Configuration", planar, "0 or 1")


def _check_size(value: int, element: str, title: str) -> None:
    if not 0 < value <= 65535:
        raise _wrong(element, title, value, "in the range (1, 65535)")
