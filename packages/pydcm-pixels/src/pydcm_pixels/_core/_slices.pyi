from typing import Any

def read_frames(
    names: list[bytes],
    jobs: Any,
    scales: Any,
    frame_bytes: Any,
    total_bytes: Any,
    offsets: Any,
    out: Any,
    status: Any,
    code: int,
    shift: int,
    single: bool,
    state: Any,
    turn: Any,
) -> None: ...
def scale_frame(src: Any, out: Any, code: int, slope: float, intercept: float, single: bool) -> None: ...
def touch(memory: Any, state: Any) -> None: ...
