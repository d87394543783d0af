"""Pictures as a viewer shows them: `render`, and files of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
        Whether to apply the ICC profile of a colour image, if it has one (needs Pillow).

    Returns
    -------
    numpy.ndarray
        uint8, ``(rows, columns)`` for grey, ``(rows, columns, 3)`` for colour.

    Raises
    ------
    ValueError
        If there is no such frame, or no such window or table.
    """
    from pydcm_pixels._utils.read import pixel_array

    header = header_of(ds)
    _check_frames(header, [frame])
    return _picture(pixel_array(ds, index=frame - 1), header, frame, window, index, overlays, icc)


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


def _picture(
    arr: np.ndarray,
    ds: Dataset,
    frame: int,
    window: tuple[float, float] | str | None = None,
    index: int = 0,
    overlays: bool = False,
    icc: bool = False,
) -> np.ndarray:
    """Return the stored values of one frame as a picture; see :func:`render`."""
    import numpy as np

    photometric = ds.PhotometricInterpretation
    if photometric == "PALETTE COLOR":
        from pydcm_pixels._processing.palette import apply_color_lut

        coloured = apply_color_lut(arr, ds)[..., :3]
        picture = (coloured >> 8).astype("u1") if coloured.dtype.itemsize == 2 else coloured
    elif arr.ndim == 3:
        picture = _to_bytes_by_depth(arr, int(ds.BitsStored))
        if icc and ds.get("ICCProfile"):
            from pydcm_pixels._processing.icc import apply_icc_profile

            picture = apply_icc_profile(np.ascontiguousarray(picture), ds)
    else:
        picture = _grey(arr, ds, frame - 1, window, index)
    if overlays:
        picture = _with_overlays(picture, ds, frame - 1)
    return np.ascontiguousarray(picture)


def _to_bytes_by_depth(arr: np.ndarray, stored: int) -> np.ndarray:
    if stored < 8:  # spread over what a screen shows
        top = (1 << stored) - 1
        return (arr.clip(0, top).astype("u2") * 255 // top).astype("u1")
    return arr if arr.dtype == "u1" else (arr >> (stored - 8)).astype("u1")


def _padding(arr: np.ndarray, ds: Dataset) -> np.ndarray | None:
    """Return where the stored values are padding (PS3.3 §C.7.5.1.1.2), ``None`` if there is none."""
    value = ds.get("PixelPaddingValue")
    if value is None:
        return None
    limit = ds.get("PixelPaddingRangeLimit", value)
    low, high = sorted((int(value), int(limit)))
    mask = (arr >= low) & (arr <= high)
    return mask if mask.any() else None


def _grey(
    arr: np.ndarray, ds: Dataset, frame: int, window: tuple[float, float] | str | None, index: int
) -> np.ndarray:
    import numpy as np

    from pydcm_pixels._display.window import chosen_window
    from pydcm_pixels._processing.groups import group_item
    from pydcm_pixels._processing.modality import apply_modality_lut
    from pydcm_pixels._processing.voi import window_values

    padding = _padding(arr, ds)
    rescale = group_item(ds, "PixelValueTransformationSequence", frame)
    modality = ds if rescale is None else rescale
    tables = modality.get("ModalityLUTSequence")
    # An item without a table says nothing about the values.
    values = apply_modality_lut(arr, modality) if not tables or tables[0].get("LUTDescriptor") else arr
    voi = group_item(ds, "FrameVOILUTSequence", frame)
    source = ds if voi is None else voi
    tabled = source if _voi_tables(source) else ds
    if window is None and _voi_tables(tabled):
        picture = _through_table(values, tabled, index)
    else:
        if window is None and ds.get("BitsStored") == 1 and source.get("WindowCenter") is None:
            window = (0.5, 1.0) if values is arr else "auto"  # a frame may be all zeros, or all ones
        center, width, function = chosen_window(values, source, window, index, padding)
        picture = window_values(values, center, width, function, 0.0, 255.0)
    if ds.get("PresentationLUTSequence"):
        from pydcm_pixels._processing.presentation import to_p_values

        picture = to_p_values(picture / 255, ds) * 255
    elif _is_inverted(ds):
        picture = 255.0 - picture
    if padding is not None:
        picture[padding] = 0.0
    if values.dtype.kind == "f":
        picture[np.isnan(values)] = 0.0
    return (picture + 0.5).astype("u1")


def _voi_tables(ds: Dataset) -> list[Any]:
    """Return the VOI tables that have what a table needs."""
    return [
        item
        for item in ds.get("VOILUTSequence") or ()
        if item.get("LUTDescriptor") is not None and item.get("LUTData") is not None
    ]


def _through_table(values: np.ndarray, ds: Dataset, index: int) -> np.ndarray:
    """Return values mapped by a VOI table to 0-255."""
    import numpy as np

    from pydcm_pixels._processing.tables import descriptor
    from pydcm_pixels._processing.voi import apply_voi

    tables = ds.VOILUTSequence
    if index >= len(tables):
        raise ValueError(f"There is no VOI table with the index {index}, there are {len(tables)}")
    if values.dtype.kind == "f":
        values = np.clip(np.nan_to_num(values), -(2.0**31), 2.0**31 - 1)
    mapped = apply_voi(values.astype("i8").astype("i4"), ds, index).astype("f8")
    top = 2.0 ** descriptor(tables[index])[2] - 1
    result: np.ndarray = np.clip(mapped * (255 / top), 0, 255)
    return result


def _is_inverted(ds: Dataset) -> bool:
    shape = str(ds.get("PresentationLUTShape") or "").strip().upper()
    return shape == "INVERSE" or (not shape and ds.PhotometricInterpretation == "MONOCHROME1")


def _with_overlays(picture: np.ndarray, ds: Dataset, frame: int) -> np.ndarray:
    """Draw the overlay planes whose origin and size fit the picture (PS3.3 §C.9.2)."""
    from pydcm.misc import warn_and_log
    from pydcm_pixels.overlays.numpy_handler import get_overlay_array

    picture = picture.copy()
    for group in range(0x6000, 0x6020, 2):
        if (group, 0x3000) not in ds or ds[group, 0x3000].value is None:
            continue
        try:
            plane = get_overlay_array(ds, group)
        except (AttributeError, ValueError) as exc:
            warn_and_log(f"The overlay of group {group:04X} is not drawn: {exc}")
            continue
        if plane.ndim == 3:
            first = int(ds.get((group, 0x0051)).value) - 1 if (group, 0x0051) in ds else 0
            if not 0 <= frame - first < len(plane):
                continue
            plane = plane[frame - first]
        origin = ds[group, 0x0050].value if (group, 0x0050) in ds else (1, 1)
        top, left = int(origin[0]) - 1, int(origin[1]) - 1
        rows = slice(max(top, 0), min(top + plane.shape[0], picture.shape[0]))
        columns = slice(max(left, 0), min(left + plane.shape[1], picture.shape[1]))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            continue
        part = plane[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        picture[rows, columns][part > 0] = 255
    return picture


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
        The file to write; it appears, or is replaced, only when all of it is written. Pictures of several frames, other than GIF and TIFF, are not possible.
    frames : Iterable[int], optional
        The frames, counted from 1; by default all for films, GIF and TIFF, otherwise the first.
    fps : float, optional
        Frames per second of a film or GIF.
    **options
        As for :func:`render`.
    """
    from pathlib import Path

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
    arrays = iter_pixels(ds, indices=[frame - 1 for frame in chosen])
    pictures = (_picture(arr, header, frame, **options) for frame, arr in zip(chosen, arrays, strict=True))
    save_frames(pictures, str(path), fps=fps)


def save_frames(frames: Iterable[np.ndarray], path: str, *, fps: float) -> None:
    """Write pictures to one file, the kind going by its name: a film (MP4), or what Pillow makes of it (GIF, TIFF, PNG, …).

    Parameters
    ----------
    frames : iterable of numpy.ndarray
        uint8, ``(rows, columns)`` for grey, ``(rows, columns, 3)`` for colour.
    path : str
        The file to write.
    fps : float
        Frames per second of a film or GIF.

    Raises
    ------
    ValueError
        If `fps` is not above 0, or the name says no kind of picture.
    ImportError
        If Pillow, or PyAV for a film, is not installed.
    """
    import errno
    import os

    if not 0 < fps <= 1000:
        raise ValueError(f"'fps' has to be above 0 and at most 1000, it is {fps}")
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)
    unfinished = os.path.join(folder, f".{os.urandom(6).hex()}{os.path.splitext(path)[1]}")
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        _write(frames, unfinished, fps)
        os.replace(unfinished, target)
    except BaseException:
        os.unlink(unfinished)
        raise


def _write(frames: Iterable[np.ndarray], path: str, fps: float) -> None:
    if path.lower().endswith(".mp4"):
        _write_film(frames, path, fps)
        return
    try:
        from PIL import Image
    except ImportError:
        raise ImportError("Pillow is required to write pictures (pip install pydcm-pixels[pillow])") from None
    first, *rest = (Image.fromarray(frame) for frame in frames)
    if path.lower().endswith(".gif"):
        first.save(path, save_all=True, append_images=rest, duration=1000 / fps, loop=0)
    elif rest:
        first.save(path, save_all=True, append_images=rest)
    elif path.lower().endswith((".jpg", ".jpeg")):
        first.save(path, quality=95, subsampling=0)
    else:
        first.save(path)


def _write_film(frames: Iterable[np.ndarray], path: str, fps: float) -> None:
    try:
        import av
    except ImportError:
        raise ImportError("PyAV is required to write films (pip install pydcm-pixels[video])") from None
    from fractions import Fraction

    import numpy as np

    with av.open(path, mode="w") as container:
        stream: Any = None
        for picture in frames:
            kind = "gray" if picture.ndim == 2 else "rgb24"
            # 4:2:0 needs even sides
            odd = [(0, side % 2) for side in picture.shape[:2]]
            picture = np.pad(picture, [*odd, (0, 0)][: picture.ndim], mode="edge")
            if stream is None:
                stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
                stream.width, stream.height, stream.pix_fmt = picture.shape[1], picture.shape[0], "yuv420p"
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture.copy(), format=kind)):
                container.mux(packet)
        for packet in stream.encode() if stream is not None else ():
            container.mux(packet)
