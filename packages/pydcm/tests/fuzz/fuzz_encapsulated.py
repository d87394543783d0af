"""Fuzz target: frames and fragments of encapsulated pixel data, with any offset tables."""

from __future__ import annotations

import io

from pydcm import encaps
from pydcm_testing.fuzzing import REFUSALS


def check(data: bytes) -> None:
    """Take the first bytes of `data` as number of frames and offset tables, the rest as pixel data."""
    if len(data) < 20:
        return
    n_frames = data[0] % 5 or None
    extended = (data[2:10], data[10:18]) if data[1] & 1 else None
    value = data[18:]
    calls = (
        lambda: encaps.parse_basic_offsets(value),
        lambda: encaps.parse_fragments(value),
        lambda: list(encaps.generate_fragments(value)),
        lambda: list(
            encaps.generate_fragmented_frames(value, number_of_frames=n_frames, extended_offsets=extended)
        ),
        lambda: list(encaps.generate_frames(value, number_of_frames=n_frames, extended_offsets=extended)),
        lambda: list(encaps.generate_frames(io.BytesIO(value), number_of_frames=n_frames)),
        lambda: encaps.get_frame(value, data[1] % 4, number_of_frames=n_frames, extended_offsets=extended),
    )
    for call in calls:
        try:
            result = call()
        except REFUSALS:
            continue
        if isinstance(result, list) and result and isinstance(result[0], bytes):
            assert sum(map(len, result)) <= 4 * len(value) + 64, "more than there is"
