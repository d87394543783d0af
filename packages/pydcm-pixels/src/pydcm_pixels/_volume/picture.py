"""Volumes to look at: three planes in a notebook, a figure, an animation."""

from __future__ import annotations

import base64
import html
import os
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from matplotlib.figure import Figure

    from pydcm_pixels._volume.model import Volume

__all__ = ["as_html", "save_animation", "show"]

_HEIGHT = 180  # pixels of a plane in a notebook
_SAMPLE = 200_000  # voxels that decide about the window
_COLOURS = ("tab:red", "tab:green", "tab:blue", "tab:orange", "tab:purple", "tab:cyan")
# For each plane: the axis it is perpendicular to, and where its columns and rows should lead
_PLANES = (("axial", "S", "L", "P"), ("coronal", "P", "L", "I"), ("sagittal", "L", "P", "I"))


def window_of(volume: Volume, window: Sequence[float] | None = None) -> tuple[float, float]:
    """Return the lowest and highest value shown: of (centre, width), else the 0.5 and 99.5 percentiles."""
    if window is not None:
        centre, width = window
        return centre - width / 2, centre + width / 2
    values = volume.pixels.reshape(-1) if volume.pixels.flags.c_contiguous else volume.pixels.ravel()
    values = values[:: max(values.size // _SAMPLE, 1)]
    if values.dtype.kind == "c":
        values = np.abs(values)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = np.percentile(values, (0.5, 99.5))
    return (float(low), float(high)) if high > low else (float(low), float(low) + 1)


def _three_dimensional(volume: Volume) -> Volume:
    return volume[0] if volume.axes[0] == "t" else volume


def plane(volume: Volume, name: str, at: Sequence[int] | None = None) -> tuple[np.ndarray, float, float]:
    """Return an orthogonal plane through voxel `at` (x, y, z; the middle by default) as radiologists see it.

    Returns
    -------
    numpy.ndarray
        ``[row, column]`` or ``[row, column, c]``: patient's left on the right of the picture, top is up or front.
    float, float
        Distance of its rows and of its columns in mm.
    """
    from pydcm_pixels._volume.geometry import nearest_axes

    volume = _three_dimensional(volume)
    _, _, columns_to, rows_to = next(each for each in _PLANES if each[0] == name)
    places = {}
    for index, (world, sign) in enumerate(nearest_axes(volume.affine[:3, :3])):
        places["LPS"[world]] = ("xyz"[index], sign)
        places["RAI"[world]] = ("xyz"[index], -sign)
    column, row = places[columns_to], places[rows_to]
    through = next(axis for axis in "xyz" if axis not in (column[0], row[0]))
    point = [n // 2 for n in volume.size] if at is None else at
    picture = volume.pixels[
        tuple(point["xyz".index(axis)] if axis == through else slice(None) for axis in volume.axes)
    ]
    left = [axis for axis in volume.axes if axis != through]
    picture = np.moveaxis(picture, (left.index(row[0]), left.index(column[0])), (0, 1))
    picture = picture[:: row[1], :: column[1]]
    spacing = dict(zip("xyz", volume.spacing, strict=True))
    return picture, spacing[row[0]], spacing[column[0]]


def _grey(picture: np.ndarray, low: float, high: float) -> np.ndarray:
    if picture.dtype.kind == "c":
        picture = np.abs(picture)
    if picture.ndim == 3 and picture.dtype == np.uint8:
        return picture
    scaled = (np.nan_to_num(picture.astype(np.float32), nan=low) - low) * (255.0 / (high - low))
    return np.clip(scaled, 0, 255).astype(np.uint8)


def _resized(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    rows = np.arange(height) * picture.shape[0] // height
    columns = np.arange(width) * picture.shape[1] // width
    return picture[rows][:, columns]


def three_planes(volume: Volume, height: int = _HEIGHT) -> np.ndarray:
    """Return the three planes side by side: uint8 ``[row, column]`` or ``[row, column, 3]``."""
    low, high = window_of(volume)
    parts = []
    for name, *_ in _PLANES:
        picture, down, across = plane(volume, name)
        picture = _grey(picture, low, high)
        if picture.ndim == 3:
            picture = picture[..., :3] if picture.shape[-1] >= 3 else picture[..., 0]
        width = round(height * picture.shape[1] * across / (picture.shape[0] * down))
        parts.append(_resized(picture, height, min(max(width, 1), 4 * height)))
    return np.concatenate(parts, axis=1)


def as_html(volume: Volume) -> str:
    """Return three planes and the geometry as HTML for notebooks."""
    from imagecodecs import png_encode

    spacing = " × ".join(f"{value:.4g}" for value in volume.spacing)
    origin = ", ".join(f"{value:.2f}" for value in volume.origin)
    rows = [
        ("axes", f"[{', '.join(volume.axes)}] {' × '.join(map(str, volume.shape))}, {volume.dtype}"),
        ("spacing", f"{spacing} mm (x, y, z)"),
        ("origin", f"({origin}) mm, LPS"),
        ("x, y, z lead to", volume.axcodes),
    ]
    rows += [
        (key, volume.meta[key]) for key in ("modality", "description", "acquired") if volume.meta.get(key)
    ]
    table = "".join(
        f"<tr><th style='text-align:left'>{key}</th><td>{html.escape(str(value))}</td></tr>"
        for key, value in rows
    )
    picture = ""
    if volume.pixels.size:
        content = base64.b64encode(png_encode(np.ascontiguousarray(three_planes(volume)))).decode()
        picture = f"<img alt='axial, coronal and sagittal plane' src='data:image/png;base64,{content}'/>"
    return f"<div><b>Volume</b><br/>{picture}<table>{table}</table></div>"


def show(
    volume: Volume,
    *,
    window: Sequence[float] | None = None,
    at: Sequence[int] | None = None,
    mask: Volume | np.ndarray | None = None,
    alpha: float = 0.4,
    figure: Figure | None = None,
) -> Figure:
    """Draw the three orthogonal planes through a voxel with matplotlib.

    Parameters
    ----------
    volume : Volume
        What to draw; of a 4-D one the first volume.
    window : (centre, width), optional
        Of grey values; by default from the 0.5 to the 99.5 percentile.
    at : (x, y, z), optional
        Voxel that the planes go through; the middle by default.
    mask : Volume or numpy.ndarray, optional
        Labels on the same grid, each drawn in a colour of its own; 0 is nothing. :func:`pydcm.volume.from_nifti` reads one.
    alpha : float, optional
        How opaque the mask is.
    figure : matplotlib.figure.Figure, optional
        Draw into this one.

    Returns
    -------
    matplotlib.figure.Figure
        With three axes in mm.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If the mask is not on the volume's grid.
    """
    try:
        import matplotlib.pyplot as plt
        from matplotlib.colors import ListedColormap
    except ImportError as exc:
        raise ImportError("show() draws with matplotlib:  pip install matplotlib") from exc

    volume = _three_dimensional(volume)
    labels = None
    if mask is not None:
        labels = mask if hasattr(mask, "affine") else volume._like(np.asarray(mask), axes="zyx")
        if not volume.same_grid(labels, 1e-2):  # type: ignore[arg-type]
            raise ValueError("the mask is on another grid than the volume; bring it onto the volume's first")
    low, high = window_of(volume, window)
    drawing = plt.figure(figsize=(12, 4), layout="constrained") if figure is None else figure
    for axes, (name, *_) in zip(drawing.subplots(1, 3), _PLANES, strict=True):
        picture, down, across = plane(volume, name, at)
        extent = (0, picture.shape[1] * across, picture.shape[0] * down, 0)
        axes.imshow(_grey(picture, low, high), cmap="gray", vmin=0, vmax=255, extent=extent)
        if labels is not None:
            shapes, *_ = plane(labels, name, at)  # type: ignore[arg-type]
            drawn = np.ma.masked_equal(shapes.astype(np.int64), 0)
            colours = ListedColormap(_COLOURS)
            axes.imshow((drawn - 1) % len(_COLOURS), cmap=colours, vmin=0, vmax=len(_COLOURS) - 1, alpha=alpha,
                        extent=extent, interpolation="nearest")  # fmt: skip
        axes.set_title(name)
        axes.set_xlabel("mm")
    return drawing


def save_animation(
    volume: Volume,
    path: str | PathLike[str],
    *,
    window: Sequence[float] | None = None,
    fps: float = 15,
    overwrite: bool = True,
) -> None:
    """Write slices (of a 4-D volume: its middle slice in time) as an animation.

    Parameters
    ----------
    volume : Volume
        What to show.
    path : str or PathLike
        ``.gif`` (with Pillow) or ``.mp4`` (with PyAV).
    window : (centre, width), optional
        Of grey values; by default from the 0.5 to the 99.5 percentile.
    fps : float, optional
        Pictures per second.
    overwrite : bool, optional
        ``False`` refuses to replace a file.

    Raises
    ------
    ImportError
        If the library is not installed.
    ValueError
        If the name has another ending.
    """
    low, high = window_of(volume, window)
    pixels = volume.pixels if volume.axes[0] != "t" else volume.pixels[:, volume.pixels.shape[1] // 2]
    frames = [_grey(each, low, high) for each in pixels]
    name = os.fspath(path)
    if not overwrite and os.path.exists(name):
        raise FileExistsError(f"{name} is there already")
    from pydcm_pixels.display import save_frames

    save_frames(frames, name, fps=fps)
