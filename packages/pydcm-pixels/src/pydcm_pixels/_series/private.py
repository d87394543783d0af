"""Private elements by creator, also where a PACS has moved their block."""

from pydcm_pixels._core._fields import find_private

__all__ = ["find_private"]
