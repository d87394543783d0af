"""Volumes to look at: three planes in a notebook, a figure, an animation."""

from __future__ import annotations

import base64
import html
import os
from typing import TYPE_CHECKING

import numpy as np

from pydcm_pixels._volume.geometry import OPPOSITE
from pydcm_pixels._volume.planes import (
    PLANES,
    as_grey,
    plane_of,
    real,
    three_dimensional,
    turned,
    window_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from matplotlib.figure import Figure

    from pydcm_pixels._volume.model import Volume

__all__ = ["as_html", "save_animation", "show"]

_HEIGHT = 180  # pixels of a plane in a notebook
_LONGEST = 2048  # pixels of a side of a film whose planes have to be stretched
_COLOURS = (
    "#d62728",
    "#2ca02c",
    "#1f77b4",
    "#ff7f0e",
    "#9467bd",
    "#17becf",
)  # of labels 1, 2, …, again from 7


def _resized(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    rows = np.arange(height) * picture.shape[0] // height
    columns = np.arange(width) * picture.shape[1] // width
    return picture[rows][:, columns]


def _square(picture: np.ndarray, down: float, across: float) -> np.ndarray:
    """Return a picture whose dots are square, of sides no longer than `_LONGEST` unless they are so already."""
    height, width = picture.shape[:2]
    smallest = max(min(down, across), height * down / _LONGEST, width * across / _LONGEST)
    return _resized(
        picture, max(round(height * down / smallest), 1), max(round(width * across / smallest), 1)
    )


def three_planes(volume: Volume, height: int = _HEIGHT) -> np.ndarray:
    """Return the three planes side by side: uint8 ``[row, column]`` or ``[row, column, 3]``."""
    low, high = window_of(volume)
    parts = []
    for name, *_ in PLANES:
        picture, down, across = plane_of(volume, name)
        picture = as_grey(picture, low, high)
        ratio = picture.shape[1] * across / (picture.shape[0] * down)
        width = min(max(round(height * ratio), 1), 2 * height)
        rows = min(max(round(width / ratio), 1), height)  # of few slices a strip
        part = np.zeros((height, width, *picture.shape[2:]), np.uint8)
        above = (height - rows) // 2
        part[above : above + rows] = _resized(picture, rows, width)
        parts.append(part)
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
        caption = "axial, coronal and sagittal plane, the patient's left on the right"
        picture = f'<img alt="{caption}" title="{caption}" src="data:image/png;base64,{content}"/>'
    return f"<div><b>Volume</b><br/>{picture}<table>{table}</table></div>"


def labels_on(volume: Volume, mask: Volume | np.ndarray | str | PathLike[str] | None) -> Volume | None:
    """Return a mask as a volume of whole numbers on the grid of `volume`, read from NIfTI if it is a path."""
    if mask is None:
        return None
    if isinstance(mask, str | os.PathLike):
        from pydcm_pixels._formats.nifti import from_nifti

        mask = from_nifti(mask)
    labels = mask if hasattr(mask, "affine") else volume._like(np.asarray(mask), axes="zyx")
    labels = three_dimensional(labels)  # type: ignore[arg-type]
    if not volume.same_grid(labels, 1e-2):  # it may have its rows in reverse order, as dcm2niix writes them
        labels = labels.reorient(volume.axcodes)
    if not volume.same_grid(labels, 1e-2):
        raise ValueError(
            f"the mask {labels!r} is on another grid than the volume {volume!r}; "
            "bring it there with transforms.resample_to_reference(mask, volume, is_label=True)"
        )
    voxels = real(labels.pixels)
    whole = np.rint(voxels) if voxels.dtype.kind == "f" else voxels
    if not np.allclose(voxels, whole, rtol=0, atol=1e-3):
        raise ValueError(
            "a mask has whole numbers, 0 for nothing, but this one has others, such as "
            f"{voxels[voxels != whole][0]}; transforms.as_discrete makes a mask of probabilities"
        )
    return labels._like(whole.astype(np.int64))


def _check_alpha(alpha: float) -> None:
    if not 0 <= alpha <= 1:
        raise ValueError(f"'alpha' is from 0, nothing to see of the mask, to 1, not {alpha!r}")


def show(
    volume: Volume,
    *,
    window: Sequence[float] | None = None,
    at: Sequence[int] | None = None,
    mask: Volume | np.ndarray | str | PathLike[str] | None = None,
    alpha: float = 0.4,
    figure: Figure | None = None,
) -> Figure:
    """Draw three orthogonal planes, see :meth:`pydcm_pixels._volume.model.Volume.show`."""
    try:
        import matplotlib.pyplot as plt
        from matplotlib.colors import ListedColormap
        from matplotlib.patheffects import withStroke
    except ImportError as exc:
        raise ImportError("show() draws with matplotlib:  pip install matplotlib") from exc

    volume = three_dimensional(volume)
    if not volume.pixels.size:
        raise ValueError(f"there are no voxels to show: {volume!r}")
    if at is not None and (
        len(at) != 3 or any(i not in range(n) for i, n in zip(at, volume.size, strict=True))
    ):
        raise ValueError(
            f"'at' is a voxel (x, y, z) of the {' x '.join(map(str, volume.size))} there are, not {at!r}"
        )
    _check_alpha(alpha)
    labels = labels_on(volume, mask)
    low, high = window_of(volume, window)
    drawing = plt.figure(figsize=(12, 4), layout="constrained") if figure is None else figure
    for axes, (name, *_) in zip(drawing.subplots(1, 3), PLANES, strict=True):
        picture, down, across = plane_of(volume, name, at)
        extent = (0, picture.shape[1] * across, picture.shape[0] * down, 0)
        axes.imshow(as_grey(picture, low, high), cmap="gray", vmin=0, vmax=255, extent=extent)
        if labels is not None:
            drawn = np.ma.masked_equal(plane_of(labels, name, at)[0], 0)
            colours = ListedColormap(_COLOURS)
            axes.imshow((drawn - 1) % len(_COLOURS), cmap=colours, vmin=0, vmax=len(_COLOURS) - 1, alpha=alpha,
                        extent=extent, interpolation="nearest")  # fmt: skip
        axes.set_title(name)
        axes.set_xlabel("mm")
        for x, y, letter in _edges(name):
            text = axes.text(
                x, y, letter, transform=axes.transAxes, ha="center", va="center", color="#ffd60a"
            )
            text.set_path_effects([withStroke(linewidth=2, foreground="black")])
    return drawing


def _edges(name: str) -> list[tuple[float, float, str]]:
    """Return where the letters of a plane's edges are, from left and bottom, and what is there of the patient."""
    right, bottom = next((columns_to, rows_to) for plane, _, columns_to, rows_to in PLANES if plane == name)
    left, top = (one.translate(OPPOSITE) for one in (right, bottom))
    return [(0.04, 0.5, left), (0.96, 0.5, right), (0.5, 0.96, top), (0.5, 0.04, bottom)]


def _tinted(picture: np.ndarray, labels: np.ndarray, alpha: float) -> np.ndarray:
    """Return a picture in colours on which labels are drawn."""
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=-1)
    palette = np.array(
        [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in _COLOURS], np.float32
    )
    inside = labels != 0
    mixed = picture[inside] * (1 - alpha) + palette[(labels[inside] - 1) % len(_COLOURS)] * alpha
    picture = picture.copy()
    picture[inside] = mixed.round().astype(np.uint8)
    return picture


def save_animation(
    volume: Volume,
    path: str | PathLike[str],
    *,
    plane: str | None = None,
    mask: Volume | np.ndarray | str | PathLike[str] | None = None,
    alpha: float = 0.4,
    window: Sequence[float] | None = None,
    fps: float = 15,
    overwrite: bool = True,
) -> None:
    """Write planes as an animation, see :meth:`pydcm_pixels._volume.model.Volume.save_animation`."""
    names = [each for each, *_ in PLANES]
    if plane is not None and plane not in names:
        raise ValueError(f"'plane' is one of {', '.join(names)}, not {plane!r}")
    if not volume.pixels.size:
        raise ValueError(f"there are no voxels to show: {volume!r}")
    name = os.fspath(path)
    if not overwrite and os.path.exists(name):
        raise FileExistsError(f"{name} is there already")
    _check_alpha(alpha)
    low, high = window_of(volume, window)
    labels = labels_on(volume, mask)

    through = 2 if plane is None else "xyz".index(turned(volume, plane)[2])
    middle = [n // 2 for n in volume.size]
    times = len(volume) if volume.axes[0] == "t" else 0
    frames = []
    for at in range(times or volume.size[through]):
        one, point = (
            (volume[at], middle) if times else (volume, [*middle[:through], at, *middle[through + 1 :]])
        )
        stored, down, across = plane_of(one, plane, point)
        picture = as_grey(stored, low, high)
        if labels is not None:
            picture = _tinted(picture, plane_of(labels, plane, point)[0], alpha)
        frames.append(_square(picture, down, across))
    from pydcm_pixels._display.files import save_frames

    save_frames(frames, name, fps=fps)
