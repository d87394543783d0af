"""Which window a picture is shown with (PS3.3 §C.11.2.1.2)."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def _not_a_window(window: object) -> ValueError:
    return ValueError(f"'window' must be (center, width) or 'auto', not {window!r}")


def _stated(source: Any, keyword: str, index: int) -> float | None:
    """Return value `index` of an element, the only one if there is one, ``None`` without a usable value."""
    value = source.get(keyword)
    if value is None or isinstance(value, str):
        return float(value) if value else None
    if hasattr(value, "__getitem__"):
        if index >= len(value) > 1:
            raise ValueError(
                f"There is no window with the index {index}, '{keyword}' has {len(value)} values"
            )
        value = value[min(index, len(value) - 1)] if len(value) else None
    return None if value is None else float(value)


def chosen_window(
    values: np.ndarray,
    source: Any,
    window: tuple[float, float] | str | None,
    index: int,
    hidden: np.ndarray | None,
) -> tuple[float, float, str]:
    """Return center, width and function of the window to use.

    Parameters
    ----------
    values : numpy.ndarray
        What the modality LUT made of the samples.
    source : Dataset
        The data set, or the functional group, that may state windows.
    window : tuple[float, float] or str, optional
        The caller's choice: center and width, ``"auto"``, or ``None`` for what `source` states.
    index : int
        Which of the stated windows.
    hidden : numpy.ndarray, optional
        Where values do not count for an automatic window.

    Raises
    ------
    ValueError
        For a `window` that is none, or an `index` that is not there.
    """
    import numpy as np

    if window is not None and not isinstance(window, str):
        try:
            center, width = (float(part) for part in window)
        except (TypeError, ValueError):
            raise _not_a_window(window) from None
        if not (isfinite(center) and isfinite(width)):
            raise _not_a_window(window)
        return center, width, "LINEAR_EXACT" if width < 1 else "LINEAR"
    if window is None:
        function = str(source.get("VOILUTFunction") or "LINEAR").upper()
        stated = _stated(source, "WindowCenter", index), _stated(source, "WindowWidth", index)
        if stated[0] is not None and stated[1] is not None:
            if stated[1] >= 1 or (stated[1] > 0 and function != "LINEAR"):
                return stated[0], stated[1], function
    elif window != "auto":
        raise _not_a_window(window)
    shown = values if hidden is None or hidden.all() else values[~hidden]
    if shown.dtype.kind == "f":
        shown = shown[np.isfinite(shown)]
    low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 0.0)
    return (low + high) / 2, max(high - low, 1e-6), "LINEAR_EXACT"
