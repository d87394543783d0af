"""What is wrong with files and series."""

from __future__ import annotations

__all__ = ["LeftOut", "SeriesError"]


class LeftOut(Exception):
    """A file is no part of any volume; the message says why."""


class SeriesError(ValueError):
    """The images of a series make no volume; the message says what differs and what to do."""
