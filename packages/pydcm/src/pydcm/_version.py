"""The version of this package, and of the standard that its tables are from."""

from __future__ import annotations

__version__ = "1.0.0"
__version_info__ = tuple(__version__.split("."))
__dicom_version__ = "2025a"
