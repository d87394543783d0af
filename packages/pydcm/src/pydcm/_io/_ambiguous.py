"""Choosing the VR of elements for which the data dictionary offers several (PS3.5 annex A, PS3.6 §6 note)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydcm.valuerep import VR

if TYPE_CHECKING:
    from pydcm.dataelem import DataElement, RawDataElement
    from pydcm.dataset import Dataset

_PIXEL_DATA = 0x7FE00010
_LUT_DATA = 0x00283006

# 'US or SS': pixel values, signed as (0028,0103) Pixel Representation says.
_PIXEL_VALUES = frozenset(
    (
        0x00189810,  # Zero Velocity Pixel Value
        0x00221452,  # Mapped Pixel Value
        *range(0x00280104, 0x0028010A),  # Smallest and Largest Valid/Image/Series Pixel Value
        0x00280110,  # Smallest Image Pixel Value in Plane
        0x00280111,  # Largest Image Pixel Value in Plane
        0x00280120,  # Pixel Padding Value
        0x00280121,  # Pixel Padding Range Limit
        *range(0x00281101, 0x00281104),  # Red, Green, Blue Palette Color Lookup Table Descriptor
        0x00283002,  # LUT Descriptor
        0x00409211,  # Real World Value Last Value Mapped
        0x00409216,  # Real World Value First Value Mapped
        0x00603004,  # Histogram First Bin Value
        0x00603006,  # Histogram Last Bin Value
    )
)

# 'OB or OW': samples of (5400,1004) Waveform Bits Allocated.
_WAVEFORM_SAMPLES = frozenset((0x54000110, 0x54000112, 0x5400100A, 0x54001010))


def _is_overlay_data(tag: int) -> bool:
    """Is `tag` one of the (60xx,3000) Overlay Data elements?"""
    return tag & 0xFFE1FFFF == 0x60003000 and tag < 0x601F0000


def _set_words(elem: DataElement, vr: str, form: Literal["H", "h"], is_little_endian: bool) -> None:
    """Make `elem` an element of 16-bit numbers, unpacking a value that is still bytes."""
    from pydcm.values import convert_numbers

    elem.VR = vr
    if elem.VM == 0:
        return
    value: Any = elem.value
    first = value if elem.VM == 1 else value[0]
    if not isinstance(first, int):
        elem.value = convert_numbers(value, is_little_endian, form)


def _pixel_representation(ancestors: list[Dataset]) -> int:
    """Return the Pixel Representation that holds for the first of `ancestors`: the nearest one wins."""
    for ds in ancestors:
        value = getattr(ds, "PixelRepresentation", None)
        if value is not None:
            return value
    for ds in ancestors:
        # What the data set knew when it was read, possibly from a parent it is no longer part of.
        if hasattr(ds, "_pixel_rep"):
            return ds._pixel_rep
    ds = ancestors[0]
    # Without pixel data the choice has no consequences; with it the missing attribute is an error.
    if "PixelRepresentation" not in ds and "PixelData" not in ds:
        return 0
    return 0 if ds.PixelRepresentation == 0 else 1


def _correct_ambiguous_vr_element(
    elem: DataElement, ancestors: list[Dataset], is_little_endian: bool
) -> DataElement:
    """Set the VR of `elem`, an element of the first of `ancestors`, which are ordered from nearest to furthest."""
    ds = ancestors[0]
    tag = int(elem.tag)

    if tag == _PIXEL_DATA:
        if elem.is_undefined_length:
            elem.VR = VR.OB  # encapsulated: PS3.5 §A.4
        elif ds.original_encoding[0]:
            elem.VR = VR.OW  # implicit VR: PS3.5 §A.1
        else:
            elem.VR = VR.OW if ds.BitsAllocated > 8 else VR.OB  # PS3.5 §A.2
    elif tag in _PIXEL_VALUES:
        if _pixel_representation(ancestors) == 0:
            _set_words(elem, VR.US, "H", is_little_endian)
        else:
            _set_words(elem, VR.SS, "h", is_little_endian)
    elif tag in _WAVEFORM_SAMPLES:
        is_wide = ds.original_encoding[0] or ds.WaveformBitsAllocated > 8
        elem.VR = VR.OW if is_wide else VR.OB  # PS3.3 C.10.9.1
    elif tag == _LUT_DATA:
        if ds.LUTDescriptor[0] == 1:
            _set_words(elem, VR.US, "H", is_little_endian)  # a table of one entry: PS3.3 C.11.1.1.1
        else:
            elem.VR = VR.OW
    elif _is_overlay_data(tag):
        elem.VR = VR.OW  # PS3.5 §8.1.2

    return elem


def correct_ambiguous_vr_element(
    elem: DataElement | RawDataElement,
    ds: Dataset,
    is_little_endian: bool,
    ancestors: list[Dataset] | None = None,
) -> DataElement | RawDataElement:
    """Choose the VR of `elem` if the data dictionary leaves a choice.

    An element whose VR is clear is returned as it is, and so is one that nothing is known about how to choose for
    (retired ones and those of DICONDE). Where the VR becomes **US** or **SS** the bytes of the value become numbers.

    Parameters
    ----------
    elem : dataelem.DataElement or dataelem.RawDataElement
        The element.
    ds : dataset.Dataset
        The data set that `elem` is part of.
    is_little_endian : bool
        The byte order of the value.
    ancestors : list of dataset.Dataset, optional
        `ds` and the data sets around it, from nearest to furthest. `ds` alone by default.

    Returns
    -------
    dataelem.DataElement or dataelem.RawDataElement
        The element with its VR.

    Raises
    ------
    AmbiguousVRError
        If the attribute that decides is missing; it is an `AttributeError`.
    """
    from pydcm.dataelem import RawDataElement, convert_raw_data_element
    from pydcm.errors import AmbiguousVRError
    from pydcm.valuerep import AMBIGUOUS_VR

    if elem.VR not in AMBIGUOUS_VR:
        return elem

    if isinstance(elem, RawDataElement):
        elem = convert_raw_data_element(elem, ds=ds)
        ds.__setitem__(elem.tag, elem)

    try:
        return _correct_ambiguous_vr_element(elem, ancestors or [ds], is_little_endian)
    except (AttributeError, IndexError, TypeError) as exc:  # it is missing, or is not the number it should be
        raise AmbiguousVRError(f"Failed to resolve ambiguous VR for tag {elem.tag}: {exc}") from exc


def correct_ambiguous_vr(
    ds: Dataset, is_little_endian: bool, ancestors: list[Dataset] | None = None
) -> Dataset:
    """Choose the VR of every element of `ds` and of its sequences for which the data dictionary leaves a choice.

    Parameters
    ----------
    ds : dataset.Dataset
        The data set; it is changed.
    is_little_endian : bool
        The byte order of the values.
    ancestors : list of dataset.Dataset, optional
        `ds` and the data sets around it, from nearest to furthest. `ds` alone by default.

    Returns
    -------
    dataset.Dataset
        `ds`.

    Raises
    ------
    AttributeError
        If the attribute that decides for one of them is missing.
    """
    from pydcm.valuerep import AMBIGUOUS_VR

    chain = [ds] if ancestors is None else ancestors
    for elem in ds.elements():
        if elem.VR == VR.SQ:
            for item in ds[elem.tag].value:  # type: ignore[union-attr]
                chain.insert(0, item)
                try:
                    correct_ambiguous_vr(item, is_little_endian, chain)
                finally:
                    del chain[0]
        elif elem.VR in AMBIGUOUS_VR:
            correct_ambiguous_vr_element(elem, ds, is_little_endian, chain)
    return ds
