"""The installed-distribution record that stands in for pydicom's."""

from __future__ import annotations

from importlib.metadata import Distribution
from pathlib import Path
from typing import TYPE_CHECKING

from . import PYDICOM_VERSION

if TYPE_CHECKING:
    import os

__all__ = ["PydicomDistribution"]


class PydicomDistribution(Distribution):
    """A distribution called pydicom that has a name, a version and no files."""

    def read_text(self, filename: str) -> str | None:
        """Return the core metadata; no other file exists."""
        if filename != "METADATA":
            return None
        return (
            "Metadata-Version: 2.1\n"
            "Name: pydicom\n"
            f"Version: {PYDICOM_VERSION}\n"
            "Summary: Provided by pydcm, which stands in for it\n"
        )

    def locate_file(self, path: str | os.PathLike[str]) -> Path:
        """Return where a file would be: beside pydcm."""
        return Path(__file__).parent.parent / path
