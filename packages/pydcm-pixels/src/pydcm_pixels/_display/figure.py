"""Images in figures of matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import PathLike

    from matplotlib.axes import Axes

    from pydcm.dataset import Dataset


def show(
    ds: Dataset | str | PathLike[str],
    frame: int = 1,
    *,
    window: tuple[float, float] | str | None = None,
    index: int = 0,
    overlays: bool = True,
    icc: bool = False,
    ax: Axes | None = None,
    **options: Any,
) -> Axes:
    """Draw one frame with matplotlib, as a viewer shows it and with pixels as high and wide as they are.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset, str or PathLike
        A data set with pixel data, or a file.
    frame : int, optional
        The frame, counted from 1.
    window, index, overlays, icc
        As for :func:`render`, but overlays are drawn by default.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    **options
        More options for ``Axes.imshow``.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn on; without ticks, the title says which frame of how many.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If there is no such frame.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as exc:
        raise ImportError("show() draws with matplotlib:  pip install matplotlib") from exc
    from pydcm_pixels._display.shape import pixel_aspect
    from pydcm_pixels._utils.shapes import get_nr_frames
    from pydcm_pixels.display import header_of, render

    picture = render(ds, frame, window=window, index=index, overlays=overlays, icc=icc)
    ds = header_of(ds)
    axes: Any = plt.figure(layout="constrained").add_subplot() if ax is None else ax
    drawn: dict[str, Any] = {"aspect": pixel_aspect(ds, frame), "interpolation": "nearest"}
    if picture.ndim == 2:
        drawn.update(cmap="gray", vmin=0, vmax=255)
    axes.imshow(picture, **{**drawn, **options})
    axes.set_axis_off()
    n_frames = get_nr_frames(ds, warn=False)
    title = [str(ds.get("Modality") or ""), f"frame {frame} of {n_frames}" if n_frames > 1 else ""]
    axes.set_title(", ".join(part for part in title if part))
    return axes
