"""Pictures as a viewer shows them: `render`, and files of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm_pixels._display.planes import has_embedded

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    import numpy as np

    from pydcm.dataset import Dataset

__all__ = ["export", "render"]


def render(
    ds: Dataset | str | PathLike[str],
    frame: int = 1,
    *,
    window: tuple[float, float] | str | None = None,
    index: int = 0,
    overlays: bool = False,
    icc: bool = False,
) -> np.ndarray:
    """Return one frame as a viewer shows it.

    Grey images go through modality LUT, VOI LUT or window, presentation LUT or MONOCHROME1's inversion (PS3.3 §C.11,
    §C.7.6.3.1.2), palette images through their palette, YBR becomes RGB. Padding values are shown as the darkest value
    and do not count for an automatic window.

    Parameters
    ----------
    ds : pydcm.dataset.Dataset, str or PathLike
        A data set with pixel data, or a file.
    frame : int, optional
        The frame, counted from 1.
    window : tuple[float, float] or str, optional
        Center and width, or ``"auto"`` for the range of the values; by default what the data set asks for, or
        ``"auto"`` if it asks for nothing.
    index : int, optional
        Which of the data set's windows or tables to use.
    overlays : bool, optional
        Whether to draw the overlay planes in white.
    icc : bool, optional
        Whether to apply the ICC profile of colours, the image's or its first optical path's, if there is one (needs
        Pillow).

    Returns
    -------
    numpy.ndarray
        uint8, ``(rows, columns)`` for grey, ``(rows, columns, 3)`` for colour.

    Raises
    ------
    ValueError
        If there is no such frame, or no such window or table.
    """
    from pydcm_pixels._display.picture import picture
    from pydcm_pixels._utils.read import pixel_array

    header = header_of(ds)
    _check_frames(header, [frame])
    look: Any = {"window": window, "index": index, "overlays": overlays, "icc": icc}
    if overlays and has_embedded(header):
        look["stored"] = pixel_array(ds, index=frame - 1, raw=True, correct_unused_bits=False)
    return picture(pixel_array(ds, index=frame - 1), header, frame - 1, **look)


def header_of(ds: Dataset | str | PathLike[str]) -> Dataset:
    """Return `ds`, or what a file has before its pixel data."""
    from pydcm.dataset import Dataset
    from pydcm.filereader import dcmread

    return ds if isinstance(ds, Dataset) else dcmread(ds, stop_before_pixels=True)


def _check_frames(ds: Dataset, frames: Iterable[int]) -> None:
    from pydcm_pixels._utils.shapes import get_nr_frames

    n_frames = get_nr_frames(ds, warn=False)
    for frame in frames:
        if not 1 <= frame <= n_frames:
            raise ValueError(f"There is no frame {frame}, the data set has {n_frames}")


def export(
    ds: Dataset | str | PathLike[str],
    path: str | PathLike[str],
    *,
    frames: Iterable[int] | None = None,
    fps: float = 10.0,
    **options: Any,
) -> None:
    """Write frames as a picture or a film, the kind going by the name: PNG, JPEG, TIFF, GIF (Pillow), MP4 (PyAV).

    Parameters
    ----------
    ds : pydcm.dataset.Dataset, str or PathLike
        A data set with pixel data, or a file.
    path : str or PathLike
        The file to write; it appears, or is replaced, only when all of it is written. Pictures of several frames, other
        than GIF and TIFF, are not possible.
    frames : Iterable[int], optional
        The frames, counted from 1; by default all for films, GIF and TIFF, otherwise the first.
    fps : float, optional
        Frames per second of a film or GIF.
    **options
        As for :func:`render`.
    """
    from itertools import repeat
    from pathlib import Path

    from pydcm_pixels._display.files import save_frames
    from pydcm_pixels._display.picture import picture
    from pydcm_pixels._utils.read import iter_pixels
    from pydcm_pixels._utils.shapes import get_nr_frames

    header = header_of(ds)
    suffix = Path(path).suffix.lower()
    film = suffix in (".gif", ".mp4", ".tif", ".tiff")
    chosen = (
        list(frames)
        if frames is not None
        else range(1, get_nr_frames(header, warn=False) + 1)
        if film
        else [1]
    )
    if not chosen:
        raise ValueError("There are no frames to write")
    if len(chosen) != 1 and not film:
        raise ValueError(f"A '{suffix}' file holds one picture, not {len(chosen)}; write '.gif' or '.mp4'")
    _check_frames(header, chosen)
    indices = [frame - 1 for frame in chosen]
    arrays = iter_pixels(ds, indices=indices)
    stored: Iterable[np.ndarray | None] = repeat(None, len(indices))
    if options.get("overlays") and has_embedded(header):
        stored = iter_pixels(ds, indices=indices, raw=True, correct_unused_bits=False)
    frames_of = zip(arrays, indices, stored, strict=True)
    pictures = (picture(arr, header, at, stored=bits, **options) for arr, at, bits in frames_of)
    save_frames(pictures, str(path), fps=fps)
