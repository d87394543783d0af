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
    single: bool = False,
) -> None: ...
def touch(memory: Any) -> None: ...
