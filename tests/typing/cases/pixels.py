"""What type checkers must see of pixels; never run."""

from typing import Any, assert_type

import numpy as np

import pydcm
from pydcm.dataset import Dataset, FileDataset
from pydcm.pixels import apply_modality_lut, get_decoder, pixel_array, transcode
from pydcm.uid import JPEG2000Lossless

ds = pydcm.dcmread("scan.dcm")
assert_type(ds.pixel_array, np.ndarray[tuple[Any, ...], np.dtype[Any]])
hu: np.ndarray = apply_modality_lut(ds.pixel_array, ds)
one: np.ndarray = pixel_array("scan.dcm", index=0)
assert_type(transcode(ds, JPEG2000Lossless), Dataset)
get_decoder(JPEG2000Lossless).available_plugins
assert_type(pydcm.examples.ct, FileDataset)
ds.compress(JPEG2000Lossless)
ds.decompress()
ds.set_pixel_data(hu, "MONOCHROME2", 16)
