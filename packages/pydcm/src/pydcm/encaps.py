"""Encapsulated (compressed) pixel data: take it apart into frames and put it together (PS3.5 §A.4).

* One frame: :func:`get_frame`; all of them: :func:`generate_frames`; in any order, from files of any size:
  :func:`frame_index`.
* The other way: :func:`encapsulate`, :func:`encapsulate_extended`, and their variants for buffers.
"""

from __future__ import annotations

from ._encaps._buffered import EncapsulatedBuffer, _BufferedItem
from ._encaps._encapsulate import (
    encapsulate,
    encapsulate_buffer,
    encapsulate_extended,
    encapsulate_extended_buffer,
    fragment_frame,
    itemize_fragment,
    itemize_frame,
)
from ._encaps._frames import generate_fragmented_frames, generate_frames, get_frame
from ._encaps._index import FrameIndex, frame_index
from ._encaps._items import generate_fragments, parse_basic_offsets, parse_fragments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "EncapsulatedBuffer",
    "FrameIndex",
    "_BufferedItem",
    "encapsulate",
    "encapsulate_buffer",
    "encapsulate_extended",
    "encapsulate_extended_buffer",
    "fragment_frame",
    "frame_index",
    "generate_fragmented_frames",
    "generate_fragments",
    "generate_frames",
    "get_frame",
    "itemize_fragment",
    "itemize_frame",
    "parse_basic_offsets",
    "parse_fragments",
]


def __getattr__(name: str) -> Any:
    from . import config
    from ._encaps._deprecated import DEPRECATED

    if name not in DEPRECATED or config._use_future:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .misc import warn_and_log

    warn_and_log(f"{name} is deprecated and will be removed in v4.0", DeprecationWarning, stacklevel=2)
    return DEPRECATED[name]
