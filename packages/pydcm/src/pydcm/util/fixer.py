"""Repair elements while they are read, through :data:`pydcm.config.data_element_callback`.

:mod:`pydcm.hooks` offers the same for new programs.
"""

from __future__ import annotations

from .. import config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..dataelem import RawDataElement


def fix_separator_callback(raw_elem: RawDataElement, **kwargs: Any) -> RawDataElement:
    r"""Return a raw element with backslashes in the place of a wrong separator.

    Parameters
    ----------
    raw_elem : RawDataElement
        The element.
    **kwargs
        ``invalid_separator``, ``for_VRs`` and ``process_unknown_VRs``, see :func:`fix_separator`.

    Returns
    -------
    RawDataElement
        The element itself if it is not concerned.
    """
    vr = raw_elem.VR
    if vr is None:
        from ..datadict import dictionary_VR

        try:
            vr = dictionary_VR(raw_elem.tag)
        except KeyError:
            concerned = kwargs["process_unknown_VRs"]
        else:
            concerned = vr in kwargs["for_VRs"]
    else:
        concerned = vr in kwargs["for_VRs"]
    if not concerned or raw_elem.value is None:
        return raw_elem

    separator, value = kwargs["invalid_separator"], raw_elem.value
    # Spaces at either end are padding, not separators
    inner = value.strip() if separator == b" " else value
    fixed = inner.replace(separator, b"\\") + b" " * (len(value) - len(inner))
    return raw_elem._replace(value=fixed)


def fix_separator(
    invalid_separator: bytes, for_VRs: tuple[str, ...] = ("DS", "IS"), process_unknown_VRs: bool = True
) -> None:
    """From now on, read elements that use a wrong separator between values.

    Parameters
    ----------
    invalid_separator : bytes
        The separator, one byte.
    for_VRs : tuple of str, optional
        The VRs whose elements are repaired.
    process_unknown_VRs : bool, optional
        Whether elements of implicit VR are repaired that the dictionary does not have.
    """
    config.data_element_callback = fix_separator_callback
    config.data_element_callback_kwargs = {
        "invalid_separator": invalid_separator,
        "for_VRs": for_VRs,
        "process_unknown_VRs": process_unknown_VRs,
    }


def fix_mismatch_callback(raw_elem: RawDataElement, **kwargs: Any) -> RawDataElement:
    """Return a raw element with a VR that its value can be converted by.

    Parameters
    ----------
    raw_elem : RawDataElement
        The element.
    **kwargs
        ``with_VRs``, see :func:`fix_mismatch`.

    Returns
    -------
    RawDataElement
        The element itself if its VR will do or no other does.
    """
    if raw_elem.VR is None or _converts(raw_elem.VR, raw_elem):
        return raw_elem
    for vr in kwargs["with_VRs"]:
        if _converts(vr, raw_elem):
            raw_elem = raw_elem._replace(VR=vr)
    return raw_elem


def _converts(vr: str, raw_elem: RawDataElement) -> bool:
    from ..values import convert_value

    try:
        convert_value(vr, raw_elem)
    except ValueError:
        return False
    return True


def fix_mismatch(with_VRs: tuple[str, ...] = ("PN", "DS", "IS")) -> None:
    """From now on, read elements whose value does not fit their VR by another one.

    Parameters
    ----------
    with_VRs : tuple of str, optional
        The VRs to try.
    """
    config.data_element_callback = fix_mismatch_callback
    config.data_element_callback_kwargs = {"with_VRs": with_VRs}
