"""Volumes: series of images assembled in space and time, and the files they are exchanged in."""

from pydcm_pixels._bids.convert import convert_series
from pydcm_pixels._bids.sidecar import bids_sidecar
from pydcm_pixels._formats.dicom_series import to_dicom_series
from pydcm_pixels._formats.metaimage import from_metaimage, to_metaimage
from pydcm_pixels._formats.nifti import from_nifti, to_nifti
from pydcm_pixels._formats.nrrd import from_nrrd, to_nrrd
from pydcm_pixels._series.loading import list_series, load_4d, load_series
from pydcm_pixels._series.problems import SeriesError
from pydcm_pixels._series.report import SeriesList
from pydcm_pixels._series.stack import Stack
from pydcm_pixels._training.mapping import map_series
from pydcm_pixels._volume.model import Volume

__all__ = [
    "SeriesError",
    "SeriesList",
    "Stack",
    "Volume",
    "bids_sidecar",
    "convert_series",
    "from_metaimage",
    "from_nifti",
    "from_nrrd",
    "list_series",
    "load_4d",
    "load_series",
    "map_series",
    "to_dicom_series",
    "to_metaimage",
    "to_nifti",
    "to_nrrd",
]
