"""Run-time options.

They are plain module attributes (``config.use_DS_numpy``) and the properties of :data:`settings`. Every
assignment to either replaces :data:`_generation`, which lets compiled code notice with one pointer comparison
that its fast paths, valid for the defaults, must be looked at again.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Generator
    from typing import Any

    from .dataelem import RawDataElement

    ElementCallback = Callable[..., RawDataElement]

    # Made on first access, see __getattr__
    logger: logging.Logger
    have_numpy: bool
    pixel_data_handlers: list[Any]

# ------------------------------------------------------------------------------------ change notice
_generation: object = object()
"""A fresh object after every change of an option or hook. Compare by identity, and keep a reference to what
was compared."""


def _bump() -> None:
    """Announce that an option has changed."""
    global _generation
    _generation = object()


class _ConfigModule(ModuleType):
    """The class of this module: assigning to an attribute announces the change."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        _bump()

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        _bump()


_module: Any = sys.modules[__name__]
_module.__class__ = _ConfigModule

# --------------------------------------------------------------------------------------- validation
IGNORE = 0
"""Validation mode: values are not validated."""

WARN = 1
"""Validation mode: a warning is issued for an invalid value."""

RAISE = 2
"""Validation mode: an exception is raised for an invalid value."""

enforce_valid_values = False
"""Deprecated, set :attr:`Settings.reading_validation_mode`. If ``True``, an unset validation mode means
:data:`RAISE`."""

_use_future = False
"""Whether the behaviour of pydicom's next major version is imitated; set through :func:`future_behavior`."""


class Settings:
    """The options that are checked when they are set; use the one instance :data:`settings`."""

    def __init__(self) -> None:
        self._reading_validation_mode: int | None = None
        self._writing_validation_mode: int | None = RAISE if _use_future else None
        self._infer_sq_for_un_vr = True
        self._buffered_read_size = 8192

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        _bump()

    @property
    def buffered_read_size(self) -> int:
        """How many bytes are read at a time from a value that is a file-like object (default 8192).

        Raises
        ------
        ValueError
            If set to less than 1.
        """
        return self._buffered_read_size

    @buffered_read_size.setter
    def buffered_read_size(self, size: int) -> None:
        if size <= 0:
            raise ValueError("The read size must be greater than 0")
        self._buffered_read_size = size

    @property
    def reading_validation_mode(self) -> int:
        """What to do about invalid values that are read: :data:`WARN` (default), :data:`RAISE` or
        :data:`IGNORE`."""
        return self._effective(self._reading_validation_mode)

    @reading_validation_mode.setter
    def reading_validation_mode(self, value: int) -> None:
        self._reading_validation_mode = value

    @property
    def writing_validation_mode(self) -> int:
        """What to do about invalid values that are set or written, as for :attr:`reading_validation_mode`."""
        return self._effective(self._writing_validation_mode)

    @writing_validation_mode.setter
    def writing_validation_mode(self, value: int) -> None:
        self._writing_validation_mode = value

    @staticmethod
    def _effective(mode: int | None) -> int:
        if mode is None:
            return RAISE if enforce_valid_values else WARN
        return mode

    @property
    def infer_sq_for_un_vr(self) -> bool:
        """Whether a UN element of undefined length is read as a sequence (PS3.5 §6.2.2, default ``True``).

        Turn it off for files that use UN with undefined length for something else.
        """
        return self._infer_sq_for_un_vr

    @infer_sq_for_un_vr.setter
    def infer_sq_for_un_vr(self, value: bool) -> None:
        self._infer_sq_for_un_vr = value


settings = Settings()
"""The one instance of :class:`Settings`."""


@contextmanager
def disable_value_validation() -> Generator[None]:
    """Neither validate values read nor values set inside the ``with`` block."""
    before = settings._reading_validation_mode, settings._writing_validation_mode
    try:
        settings.reading_validation_mode = IGNORE
        settings.writing_validation_mode = IGNORE
        yield
    finally:
        settings._reading_validation_mode, settings._writing_validation_mode = before


@contextmanager
def strict_reading() -> Generator[None]:
    """Raise for every invalid value read inside the ``with`` block."""
    before = settings._reading_validation_mode
    try:
        settings.reading_validation_mode = RAISE
        yield
    finally:
        settings._reading_validation_mode = before


INVALID_KEYWORD_BEHAVIOR = "WARN"
"""What setting a camel-case ``Dataset`` attribute that is no element keyword does: ``"WARN"`` (default),
``"RAISE"`` (:class:`ValueError`) or ``"IGNORE"``."""

INVALID_KEY_BEHAVIOR = "WARN"
"""What ``key in dataset`` does with a key that is neither a tag nor a keyword: ``"WARN"`` (default),
``"RAISE"`` (:class:`ValueError`) or ``"IGNORE"``."""

# ------------------------------------------------------------------------------ types of the values
use_DS_decimal: bool = False
"""Whether DS values are :class:`~decimal.Decimal` rather than :class:`float`; set through
:func:`DS_decimal`."""

use_DS_numpy: bool = False
"""Whether DS values that are read are numpy arrays; set through :func:`DS_numpy`."""

use_IS_numpy: bool = False
"""Whether IS values that are read are numpy arrays."""

allow_DS_float: bool = False
"""Whether a decimal DS may be made from a :class:`float`, whose digits are mostly artefacts."""

datetime_conversion: bool = False
"""Whether DA, DT and TM values are read as :class:`datetime.date`, :class:`~datetime.datetime` and
:class:`~datetime.time`. Range matching (PS3.4 §C.2.2.2.5) is impossible then."""

use_none_as_empty_text_VR_value: bool = False
"""Whether an empty value of a text VR is ``None`` rather than an empty string."""


def DS_numpy(use_numpy: bool = True) -> None:
    """Set whether DS values are read as numpy arrays.

    Parameters
    ----------
    use_numpy : bool, optional
        ``True`` (default): a multi-valued element gives a float64 array of shape (values,), a single value a
        :class:`numpy.float64`. Values that were already accessed keep their type.

    Raises
    ------
    ValueError
        If :data:`use_DS_decimal` is ``True`` as well.
    """
    if use_DS_decimal and use_numpy:
        raise ValueError("Cannot use numpy arrays to read DS elements if `use_DS_decimal` is True")
    _module.use_DS_numpy = use_numpy


def DS_decimal(use_Decimal_boolean: bool = True) -> None:
    """Set whether DS values are :class:`~decimal.Decimal` or :class:`float`.

    Parameters
    ----------
    use_Decimal_boolean : bool, optional
        ``True`` (default) for :class:`~pydcm.valuerep.DSdecimal`, ``False`` for
        :class:`~pydcm.valuerep.DSfloat`.

    Raises
    ------
    ValueError
        If :data:`use_DS_numpy` is ``True`` as well.
    """
    # The flag is set before the check, as existing code resets it after the error
    _module.use_DS_decimal = use_Decimal_boolean
    if use_DS_decimal and use_DS_numpy:
        raise ValueError("Cannot set use_DS_decimal True if use_DS_numpy is True")
    from . import valuerep

    valuerep.DSclass = valuerep.DSdecimal if use_DS_decimal else valuerep.DSfloat


# --------------------------------------------------------------------------------- reading, showing
data_element_callback: ElementCallback | None = None
"""Called with every :class:`~pydcm.dataelem.RawDataElement` that is read, before it is added to its data set.
Deprecated in favour of :mod:`pydcm.hooks`."""

data_element_callback_kwargs: dict[str, Any] = {}
"""Keyword arguments for :data:`data_element_callback`."""


def reset_data_element_callback() -> None:
    """Remove :data:`data_element_callback` and its keyword arguments."""
    _module.data_element_callback = None
    _module.data_element_callback_kwargs = {}


convert_wrong_length_to_UN: bool = False
"""Whether a value whose length does not fit its VR is kept as UN with a warning rather than raising."""

replace_un_with_known_vr: bool = True
"""Whether an element stored as UN gets the VR that the dictionary gives its tag (PS3.5 §6.2.2)."""

assume_implicit_vr_switch: bool = True
"""Whether two bytes that cannot be a VR, in an explicit VR data set, are taken to mean that the writer went
on in implicit VR."""

show_file_meta: bool = True
"""Whether the text of a data set begins with its file meta information."""

show_picture: bool = True
"""Whether notebooks show the image of a data set above its elements, if ``pydcm-pixels`` is installed."""

APPLY_J2K_CORRECTIONS: bool = True
"""Whether the pixel data handlers take precision and sign from the JPEG 2000 codestream rather than from the
data set."""

_HANDLERS = {
    "np_handler": "numpy_handler",
    "gdcm_handler": "gdcm_handler",
    "pillow_handler": "pillow_handler",
    "jpegls_handler": "jpeg_ls_handler",
    "pylibjpeg_handler": "pylibjpeg_handler",
    "rle_handler": "rle_handler",
}
"""Attributes of this module and the modules of :mod:`pydcm.pixel_data_handlers` they stand for, in the order
they are tried."""

# ------------------------------------------------------------------------------------------ logging
debugging: bool = False
"""Whether every element read is logged; set through :func:`debug`."""


def _set_up_logger() -> logging.Logger:
    """Return the logger, which bears the name existing programs configure, with a handler that keeps it
    silent."""
    import logging

    log = logging.getLogger("pydicom")
    if not any(isinstance(handler, logging.NullHandler) for handler in log.handlers):
        log.addHandler(logging.NullHandler())
    if log.level == logging.NOTSET:
        log.setLevel(logging.WARNING)
    return log


def debug(debug_on: bool = True, default_handler: bool = True) -> None:
    """Turn logging of the elements that are read and written on or off.

    What is logged contains values and hence may contain patient data.

    Parameters
    ----------
    debug_on : bool, optional
        ``True`` (default) to log, ``False`` to stop.
    default_handler : bool, optional
        ``True`` (default) to add a :class:`logging.StreamHandler` to the logger.
    """
    import logging

    log = _module.logger
    if default_handler:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(handler)
    log.setLevel(logging.DEBUG if debug_on else logging.WARNING)
    _module.debugging = bool(debug_on)


# ---------------------------------------------------------------------------------- lazy attributes
def __getattr__(name: str) -> Any:
    """Make the attributes that need something imported, on first access."""
    value: Any
    if name == "logger":
        value = _set_up_logger()
    elif name == "have_numpy":
        from importlib.util import find_spec

        value = find_spec("numpy") is not None
    elif name == "pixel_data_handlers":
        value = _handlers()
    elif name in _HANDLERS:
        from importlib import import_module

        value = import_module(f"{__package__}.pixel_data_handlers.{_HANDLERS[name]}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Past _ConfigModule: computing a default changes nothing
    globals()[name] = value
    return value


def _handlers() -> list[Any]:
    """Return the pixel data handlers in the order they are tried; none if pydcm-pixels is not installed."""
    from .errors import MissingPluginError

    try:
        return [getattr(_module, name) for name in _HANDLERS]
    except MissingPluginError:
        return []


if "logging" in sys.modules:
    # Who imported logging may configure our logger by name at any time; otherwise nobody can be listening yet
    logger = _set_up_logger()


# ------------------------------------------------------------------------------------------- future
def future_behavior(enable_future: bool = True) -> None:
    """Imitate the next major version of pydicom: deprecations raise and the stricter defaults apply.

    Parameters
    ----------
    enable_future : bool, optional
        ``True`` (default) to imitate it, ``False`` to go back.
    """
    _module._use_future = enable_future
    _module.INVALID_KEYWORD_BEHAVIOR = "RAISE" if enable_future else "WARN"
    settings._writing_validation_mode = RAISE if enable_future else None


def _future_from_environment() -> bool:
    """Return what the environment variable ``PYDICOM_FUTURE`` asks for."""
    wish = os.getenv("PYDICOM_FUTURE")
    if not wish or wish.lower() in ("false", "no", "off", "0"):
        return False
    if wish.lower() in ("true", "yes", "on", "1"):
        return True
    raise ValueError("Unknown setting for environment variable PYDICOM_FUTURE. Use True or False.")


if _future_from_environment():
    future_behavior()
