"""Replace how raw elements become data elements: how the VR is found and how the bytes are converted.

The two default callbacks, :func:`raw_element_vr` and :func:`raw_element_value`, are the complete conversion
in Python. Compiled code short-cuts them for clean values of standard elements, as long as both are
registered.
"""

from __future__ import annotations

from . import config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, MutableSequence
    from typing import Any, Protocol

    from .dataelem import RawDataElement
    from .dataset import Dataset
    from .tag import BaseTag

    class RawDataHook(Protocol):
        """What a callback looks like: it puts its result, ``"VR"`` or ``"value"``, into `data`."""

        def __call__(
            self,
            raw: RawDataElement,
            data: dict[str, Any],
            *,
            encoding: str | MutableSequence[str] | None = ...,
            ds: Dataset | None = ...,
            **kwargs: Any,
        ) -> None: ...


__all__ = [
    "Hooks",
    "hooks",
    "raw_element_value",
    "raw_element_value_fix_separator",
    "raw_element_value_retry",
    "raw_element_vr",
]


class Hooks:
    """The registered callbacks; use the one instance :data:`hooks`.

    Attributes
    ----------
    raw_element_vr : RawDataHook
        Finds the VR of a raw element. It is called first.
    raw_element_value : RawDataHook
        Converts the bytes of a raw element; finds the VR under ``"VR"`` in its `data` and may change it.
    raw_element_kwargs : dict[str, Any]
        Keyword arguments passed to both.
    """

    raw_element_vr: RawDataHook
    raw_element_value: RawDataHook
    raw_element_kwargs: dict[str, Any]

    def __init__(self) -> None:
        self.raw_element_kwargs = {}

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        config._bump()

    def register_callback(self, hook: str, func: Callable[..., Any]) -> None:
        """Make `func` the callback of `hook`, in place of the present one.

        Parameters
        ----------
        hook : {"raw_element_vr", "raw_element_value"}
            The hook.
        func : callable
            The callback, called like :func:`raw_element_vr` or :func:`raw_element_value`.

        Raises
        ------
        TypeError
            If `func` cannot be called.
        ValueError
            If there is no such hook.
        """
        if not callable(func):
            raise TypeError("'func' must be a callable function")
        if hook not in ("raw_element_vr", "raw_element_value"):
            raise ValueError(f"Unknown hook '{hook}'")
        setattr(self, hook, func)

    def register_kwargs(self, hook: str, kwargs: dict[str, Any]) -> None:
        """Set the keyword arguments that the callbacks get.

        Parameters
        ----------
        hook : {"raw_element_kwargs"}
            The hook.
        kwargs : dict[str, Any]
            The keyword arguments.

        Raises
        ------
        TypeError
            If `kwargs` is no :class:`dict`.
        ValueError
            If there is no such hook.
        """
        if not isinstance(kwargs, dict):
            raise TypeError(f"'kwargs' must be a dict, not '{type(kwargs).__name__}'")
        if hook != "raw_element_kwargs":
            raise ValueError(f"Unknown hook '{hook}'")
        self.raw_element_kwargs = kwargs


def _private_vr(ds: Dataset | None, tag: BaseTag) -> str:
    """Return the VR of a private element: LO for a private creator, else from the creator's dictionary, else
    UN."""
    if tag.is_private_creator:
        return "LO"
    block = tag.element >> 8
    # An element outside of any block belongs to nobody
    if ds is None or not block:
        return "UN"
    creator = ds.get(tag.group << 16 | block, "")
    if not creator:
        return "UN"
    from .datadict import private_dictionary_VR

    try:
        return private_dictionary_VR(tag, creator.value)
    except KeyError:
        return "UN"


def raw_element_vr(
    raw: RawDataElement,
    data: dict[str, Any],
    *,
    encoding: str | MutableSequence[str] | None = None,
    ds: Dataset | None = None,
    **kwargs: Any,
) -> None:
    """Find the VR of `raw`: the default callback of the ``"raw_element_vr"`` hook.

    A VR that was stored is kept, except that UN is replaced by the dictionary's if
    :data:`~pydcm.config.replace_un_with_known_vr` (PS3.5 §6.2.2). Otherwise it comes from the dictionaries,
    is UL for a group length, and UN if nothing is known.

    Parameters
    ----------
    raw : RawDataElement
        The element.
    data : dict[str, Any]
        Gets the VR under ``"VR"``.
    encoding : str or list of str, optional
        Not used.
    ds : Dataset, optional
        The data set the element belongs to, for its private creators.

    Raises
    ------
    KeyError
        If nothing is known about the tag and invalid values shall raise.
    """
    from .datadict import dictionary_VR

    vr: str | None = raw.VR
    tag = raw.tag
    if vr is None:
        try:
            vr = dictionary_VR(tag)
        except KeyError:
            vr = _vr_of_unknown(tag, ds)
    elif vr == "UN" and config.replace_un_with_known_vr:
        if tag.is_private:
            vr = _private_vr(ds, tag)
        elif raw.value is None or len(raw.value) < 0xFFFF:
            # A longer value is in UN because its own VR has only two bytes for the length
            try:
                vr = dictionary_VR(tag)
            except KeyError:
                pass
    data["VR"] = vr


def _vr_of_unknown(tag: BaseTag, ds: Dataset | None) -> str:
    """Return the VR for a tag that the standard dictionary does not have."""
    if tag.is_private:
        return _private_vr(ds, tag)
    if tag.element == 0:
        return "UL"
    problem = f"VR lookup failed for the raw element with tag {tag}"
    if config.settings.reading_validation_mode == config.RAISE:
        raise KeyError(problem)
    from .misc import warn_and_log

    warn_and_log(f"{problem} - setting VR to 'UN'", stacklevel=2)
    return "UN"


def raw_element_value(
    raw: RawDataElement,
    data: dict[str, Any],
    *,
    encoding: str | MutableSequence[str] | None = None,
    ds: Dataset | None = None,
    **kwargs: Any,
) -> None:
    """Convert the bytes of `raw`: the default callback of the ``"raw_element_value"`` hook.

    Parameters
    ----------
    raw : RawDataElement
        The element.
    data : dict[str, Any]
        Has the VR under ``"VR"`` and gets the value under ``"value"``.
    encoding : str or list of str, optional
        The character encodings of text.
    ds : Dataset, optional
        Not used.

    Raises
    ------
    NotImplementedError
        If there is no such VR.
    BytesLengthException
        If the length does not fit the VR, unless :data:`~pydcm.config.convert_wrong_length_to_UN`: then the
        VR becomes UN with a warning.
    """
    from .errors import BytesLengthException
    from .tag import _LUT_DESCRIPTOR_TAGS
    from .values import convert_value

    try:
        value = convert_value(data["VR"], raw, encoding)
    except NotImplementedError as exc:
        raise NotImplementedError(f"{exc} in tag {raw.tag}") from exc
    except BytesLengthException as exc:
        problem = f"{exc} This occurred while trying to parse {raw.tag} according to VR '{raw.VR}'."
        if not config.convert_wrong_length_to_UN:
            raise BytesLengthException(
                f"{problem} To replace this error with a warning set "
                "pydicom.config.convert_wrong_length_to_UN = True."
            ) from exc
        from .misc import warn_and_log

        warn_and_log(f"{problem} Setting VR to 'UN'.")
        data["VR"] = "UN"
        value = raw.value

    if raw.tag in _LUT_DESCRIPTOR_TAGS and value and isinstance(value, list):
        # The first number is a count that may have been read as signed (PS3.3 §C.11.1.1)
        count = value[0]
        if isinstance(count, int) and count < 0:
            value[0] = count + 65536

    data["value"] = value


def raw_element_value_fix_separator(
    raw: RawDataElement,
    data: dict[str, Any],
    *,
    encoding: str | MutableSequence[str] | None = None,
    ds: Dataset | None,
    separator: str | bytes = b",",
    target_VRs: tuple[str, ...] | None = None,
    **kwargs: Any,
) -> None:
    r"""Convert like :func:`raw_element_value` after replacing a wrong separator of multiple values by a
    backslash.

    Register it for ``"raw_element_value"``, and `separator` and `target_VRs` through
    :meth:`Hooks.register_kwargs`, for instance ``{"separator": ":", "target_VRs": ("DS", "IS")}``.

    Parameters
    ----------
    raw, data, encoding, ds
        As for :func:`raw_element_value`.
    separator : str or bytes, optional
        The separator to replace, default a comma.
    target_VRs : tuple of str, optional
        The VRs whose values are repaired; none by default.
    """
    if target_VRs and data["VR"] in target_VRs and isinstance(raw.value, bytes):
        wrong = separator.encode("ascii") if isinstance(separator, str) else separator
        raw = raw._replace(value=raw.value.replace(wrong, b"\\"))
    raw_element_value(raw, data, encoding=encoding, ds=ds, **kwargs)


def raw_element_value_retry(
    raw: RawDataElement,
    data: dict[str, Any],
    *,
    encoding: str | MutableSequence[str] | None = None,
    ds: Dataset | None,
    target_VRs: dict[str, tuple[str, ...]] | None = None,
    **kwargs: Any,
) -> None:
    """Convert like :func:`raw_element_value` and, if that fails, try other VRs.

    Register it for ``"raw_element_value"``, and `target_VRs` through :meth:`Hooks.register_kwargs`, for
    instance ``{"target_VRs": {"DS": ("US", "SS")}}``.

    Parameters
    ----------
    raw, data, encoding, ds
        As for :func:`raw_element_value`.
    target_VRs : dict[str, tuple of str], optional
        For a VR, the VRs to try after it, in that order.

    Raises
    ------
    Exception
        What :func:`raw_element_value` raised, if no other VR will do.
    """
    try:
        raw_element_value(raw, data, encoding=encoding, ds=ds, **kwargs)
    except Exception:
        from .values import convert_value

        for candidate in (target_VRs or {}).get(data["VR"], ()):
            try:
                value = convert_value(candidate, raw)
            except Exception:  # any failure means: not this one
                continue
            data["VR"], data["value"] = candidate, value
            return
        raise


hooks: Hooks = Hooks()
"""The one instance of :class:`Hooks`."""
hooks.raw_element_value = raw_element_value
hooks.raw_element_vr = raw_element_vr
