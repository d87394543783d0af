"""Elements as they stand in the file, for programs that look at a few of them in very many files.

Nothing is converted and nothing is kept.
"""

from __future__ import annotations

from pydcm._core._raw import creator_tags, file_size, glance, glances, same

__all__ = ["creator_tags", "file_size", "glance", "glances", "same"]
