"""Files that hold the same image: exported twice, copied, or linked."""

from __future__ import annotations

import filecmp
import os
from typing import TYPE_CHECKING, NamedTuple

from pydcm_pixels._series import fields
from pydcm_pixels._series.dimensions import differing
from pydcm_pixels._series.frame import UNCOMPRESSED

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from pydcm_pixels._series.frame import Frame

__all__ = ["Copy", "note_of", "without_copies", "without_second_files"]

#: So many pairs of files are compared to say whether copies are true ones.
_COMPARED = 8


class Copy(NamedTuple):
    """A second copy of an image, and the one that is taken."""

    frame: Frame
    taken: Frame


def without_copies(
    slots: Sequence[Sequence[Frame]], copies: list[Copy], *, known: bool = True
) -> list[list[Frame]]:
    """Return positions with each image once; the others are added to `copies`.

    Images are the same if their *SOP Instance UID* is, and nothing else in their headers tells them apart. Where files of
    several positions share one it says nothing: programs that take names away from files may give all the same. So it
    does if positions are not known, unless the files are the same to the last byte.
    """
    places: dict[Hashable, int] = {}
    for at, slot in enumerate(slots):
        for frame in slot:
            if (key := _key(frame)) is not None and places.setdefault(key, at) != at:
                return [list(slot) for slot in slots]
    kept: list[list[Frame]] = []
    for slot in slots:
        taken: dict[Hashable, list[Frame]] = {}
        kept.append([])
        for frame in slot:
            alike = taken.setdefault(_key(frame), [])
            first = next((one for one in alike if _same(frame, one, known)), None)
            if _key(frame) is None or first is None:
                alike.append(frame)
                kept[-1].append(frame)
            elif _is_shorter(first, frame) and _is_cut_off(first):
                for frames in (alike, kept[-1]):
                    frames[next(at for at, one in enumerate(frames) if one is first)] = frame
                copies.append(Copy(first, frame))
            else:
                copies.append(Copy(frame, first))
    return kept


def without_second_files(frames: Sequence[Frame], copies: list[Copy]) -> list[Frame]:
    """Return frames without those of multi-frame files that are there twice; these are added to `copies`."""
    first: dict[Hashable, Frame] = {}
    kept = []
    cut_off = _cut_off_copies(frames)
    for frame in sorted(frames, key=lambda one: one.path in cut_off) if cut_off else frames:
        key = _key(frame) if frame.index is not None else None
        other = first.setdefault(key, frame) if key is not None else frame
        if other is frame or other.path == frame.path or not _same(frame, other, True):
            kept.append(frame)
        else:
            copies.append(Copy(frame, other))
    return kept


def _key(frame: Frame) -> Hashable:
    uid = fields.text(frame.ds, 0x00080018)
    return (uid, frame.index, frame.tile) if uid else None


def _same(frame: Frame, other: Frame, known: bool) -> bool:
    if frame.order != other.order or differing((frame, other)):
        return False
    return known or _same_content(frame.path, other.path)


def _same_content(path: str, other: str) -> bool:
    try:
        return path == other or filecmp.cmp(path, other, shallow=False)
    except OSError:
        return False


def _cut_off_copies(frames: Sequence[Frame]) -> set[str]:
    """Return the paths of multi-frame files that are shorter than others of the same name, and not whole."""
    named: dict[str, dict[str, Frame]] = {}
    for frame in frames:
        if frame.index is not None and (uid := fields.text(frame.ds, 0x00080018)):
            named.setdefault(uid, {}).setdefault(frame.path, frame)
    copies = [list(files.values()) for files in named.values() if len(files) > 1]
    return {
        one.path
        for files in copies
        for one in files
        if any(_is_shorter(one, other) for other in files) and _is_cut_off(one)
    }


def _is_shorter(frame: Frame, other: Frame) -> bool:
    try:
        return os.path.getsize(frame.path) < os.path.getsize(other.path)
    except OSError:
        return False


def _is_cut_off(frame: Frame) -> bool:
    """Say whether a file ends before its pixels do: half a download, of which there is a whole one too."""
    import warnings

    from pydcm.filereader import dcmread

    image = frame.image
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pixels = dcmread(image.path, force=True).get_item(0x7FE00010)
    except Exception:
        return True
    if image.is_float:
        return False
    return pixels is None or (
        image.syntax in UNCOMPRESSED and len(pixels.value or b"") < image.least_size(image.n_frames)
    )


def note_of(copies: Sequence[Copy]) -> str:
    """Return what there is to say of copies that were left out; nothing if they are links to the same files."""
    pairs = {(one.frame.path, one.taken.path) for one in copies}
    found = sorted(pair for pair in pairs if not _is_link(*pair))
    if not found:
        return ""
    path, taken = next((pair for pair in found[:_COMPARED] if not _same_content(*pair)), found[0])
    other = "" if _same_content(path, taken) else ", and other contents"
    many = f"{len(found)} files have" if len(found) > 1 else "one file has"
    return f"{many} the SOP Instance UID of another{other}: {path} is left out, {taken} is taken"


def _is_link(path: str, other: str) -> bool:
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False
