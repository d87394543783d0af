"""What the handler modules, which programs written for pydicom 2 use, have in common.

Decoding itself is that of the plugins behind :class:`~pydcm_pixels._decode.decoder.Decoder`; a handler picks one of them
and returns the samples of all frames as one flat array.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pydcm_pixels._utils.shapes import get_expected_length, get_nr_frames, pixel_dtype

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from pydcm.dataset import Dataset

NUMPY = {"numpy": ("https://numpy.org/", "NumPy")}


def installed(*modules: str) -> bool:
    """Return whether all of these modules are installed; imports none."""
    return all(find_spec(name) is not None for name in modules)


def needs_to_convert_to_RGB(ds: Dataset) -> bool:
    """Return ``False``: the handlers leave colours as they are."""
    return False


def should_change_PhotometricInterpretation_to_RGB(ds: Dataset) -> bool:
    """Return ``False``: the handlers leave the data set as it is."""
    return False


def require_elements(ds: Dataset, *keywords: str) -> None:
    """Raise AttributeError naming the elements that are missing."""
    missing = [keyword for keyword in keywords if keyword not in ds]
    if missing:
        raise AttributeError(
            "Unable to convert the pixel data as the following required elements are missing from the dataset: "
            f"{', '.join(missing)}"
        )


def decoded_frames(ds: Dataset, plugin: str) -> Iterator[np.ndarray]:
    """Yield each frame's samples as a flat array of the data set's type, in the order the plugin delivers them."""
    import numpy as np

    from pydcm import config
    from pydcm_pixels._decode.process import correct_sign
    from pydcm_pixels._decode.registry import get_decoder
    from pydcm_pixels._decode.runner import DecodeRunner

    decoder = get_decoder(ds.file_meta.TransferSyntaxUID)
    dtype = pixel_dtype(ds)
    runner = DecodeRunner(decoder.UID)
    runner.set_source(ds)
    runner.set_option("number_of_frames", get_nr_frames(ds, warn=False))
    runner.set_option("apply_j2k_sign_correction", config.APPLY_J2K_CORRECTIONS)
    runner.set_decoders(decoder._validate_plugins(plugin))
    for frame in runner.iter_decode():
        arr = np.frombuffer(bytearray(frame), runner.pixel_dtype)
        if runner._test_for("sign_correction"):
            arr = correct_sign(arr, runner)
        yield arr if arr.dtype == dtype else arr.astype(dtype)


def decoded_samples(ds: Dataset, plugin: str) -> np.ndarray:
    """Return the samples of all frames as a flat array."""
    import numpy as np

    total = get_expected_length(ds, "pixels")
    if ds.PhotometricInterpretation == "YBR_FULL_422":
        total = int(ds.Rows) * int(ds.Columns) * int(ds.SamplesPerPixel) * get_nr_frames(ds, warn=False)
    frames: list[Any] = []
    found = 0
    for frame in decoded_frames(ds, plugin):
        frames.append(frame)
        found += frame.size
        if found >= total:
            break
    return frames[0] if len(frames) == 1 else np.concatenate(frames)
