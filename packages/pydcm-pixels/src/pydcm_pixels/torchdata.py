"""Data sets for training: the files of a folder, or its volumes, as samples; torch itself is optional."""

from pydcm_pixels._training.cache import ArrayCache
from pydcm_pixels._training.instances import DICOMDataset, scan
from pydcm_pixels._training.mapping import SeriesResult, SeriesResults, map_series
from pydcm_pixels._training.volumes import VolumeDataset

__all__ = [
    "ArrayCache",
    "DICOMDataset",
    "SeriesResult",
    "SeriesResults",
    "VolumeDataset",
    "map_series",
    "scan",
]
