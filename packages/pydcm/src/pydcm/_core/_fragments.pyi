from array import array

from typing_extensions import Buffer

END: int
DELIMITER: int
LIMIT: int
NO_LENGTH: int
NO_ITEM_LENGTH: int
NO_ITEM: int

def walk(
    data: Buffer, start: int, little_endian: bool, limit: int
) -> tuple[array[int], array[int], int, int]: ...
def frames_by_marker(data: Buffer, offsets: array[int], lengths: array[int]) -> array[int]: ...
