"""What is wrong with files and series."""

from __future__ import annotations

__all__ = ["CSA_NON_IMAGE", "RECORDINGS", "SPECTROSCOPY", "LeftOut", "SeriesError"]

#: Siemens' private class for what is no image: spectra, and recordings of heart and breath.
CSA_NON_IMAGE = "1.3.12.2.1107.5.9.1"
SPECTROSCOPY = "1.2.840.10008.5.1.4.1.1.4.2"
#: Classes whose files have no images, but what :func:`pydcm_pixels.volume.convert_series` may convert, and the reason to leave them out.
RECORDINGS = {
    SPECTROSCOPY: "no image: MR Spectroscopy Storage",
    "1.2.840.10008.5.1.4.1.1.66": "no image: Raw Data Storage",
    CSA_NON_IMAGE: "no image: Siemens CSA Non-Image Storage",
}


class LeftOut(Exception):
    """A file is no part of any volume; the message says why."""


class SeriesError(ValueError):
    """The images of a series make no volume; the message says what differs and what to do."""
