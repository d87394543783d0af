"""Small helpers that belong nowhere else."""

from __future__ import annotations

import sys
import warnings

from . import config

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    import os
    from typing import Any

    LOGGER: logging.Logger

__all__ = ["is_dicom", "size_in_bytes", "warn_and_log"]

_UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def __getattr__(name: str) -> Any:
    if name == "LOGGER":
        return config.logger
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def size_in_bytes(expr: int | float | str | None) -> float | int | None:
    """Return a size given as a number or as text such as ``"512 KiB"`` in bytes.

    Parameters
    ----------
    expr : int, float, str or None
        The size. Text is a number, perhaps followed by kB, MB, GB, KiB, MiB or GiB in any case.

    Returns
    -------
    int, float or None
        The number of bytes; ``None`` stands for no limit and is what ``None`` and infinity give.

    Raises
    ------
    ValueError
        If the text is not a size.
    """
    if expr is None or expr == float("inf"):
        return None
    if isinstance(expr, int | float):
        return expr
    try:
        return int(expr)
    except ValueError:
        pass
    text = expr.strip()
    number = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    unit = text[len(number) :]
    factor = _UNITS.get(unit.lower())
    if factor is None:
        raise ValueError(f"Unable to parse length with unit '{unit}'")
    return float(number) * factor


def is_dicom(file_path: str | os.PathLike[str]) -> bool:
    """Return whether a file has the prefix ``DICM`` after a preamble of 128 bytes (PS3.10 §7.1).

    Files without it may be DICOM all the same: data sets used to be stored bare.

    Parameters
    ----------
    file_path : str or os.PathLike
        The file.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    with open(file_path, "rb") as file:
        return file.read(132)[128:] == b"DICM"


def warn_and_log(msg: str, category: type[Warning] | None = None, stacklevel: int = 1) -> None:
    """Issue a warning and write it to the log as well.

    Parameters
    ----------
    msg : str
        The text.
    category : type[Warning], optional
        The class of warning, default :class:`UserWarning`.
    stacklevel : int, optional
        Whose line the warning names: 1 (default) for the caller of this function, 2 for the caller's caller.
    """
    # As long as nobody has imported logging nobody listens
    if "logging" in sys.modules:
        config.logger.warning(msg)
    warnings.warn(msg, category, stacklevel=stacklevel + 1)
