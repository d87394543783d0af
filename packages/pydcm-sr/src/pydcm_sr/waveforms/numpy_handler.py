"""Waveform data as NumPy arrays (PS3.3 §C.10.9).

A multiplex group holds the samples of channels that were taken together. In *Waveform Data* the
channels alternate: the first sample of every channel, then the second of every channel, and so on.
"""

from __future__ import annotations

from collections.abc import Generator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

    from pydcm.dataset import Dataset

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "WAVEFORM_DTYPES",
    "generate_multiplex",
    "is_available",
    "multiplex_array",
]

HANDLER_NAME = "Numpy Waveform"
DEPENDENCIES = {"numpy": ("https://numpy.org/", "NumPy")}
HAVE_NP = find_spec("numpy") is not None

WAVEFORM_DTYPES = {
    (8, "SB"): "int8",
    (8, "UB"): "uint8",
    (8, "MB"): "uint8",
    (8, "AB"): "uint8",
    (16, "SS"): "int16",
    (16, "US"): "uint16",
    (32, "SL"): "int32",
    (32, "UL"): "uint32",
    (64, "SV"): "int64",
    (64, "UV"): "uint64",
}
"""NumPy type by *Waveform Bits Allocated* and *Waveform Sample Interpretation* (PS3.3 §C.10.9.1.5).

Companded samples (``MB``, ``AB``) are given as they are stored.
"""

_REQUIRED = (
    "NumberOfWaveformChannels",
    "NumberOfWaveformSamples",
    "WaveformBitsAllocated",
    "WaveformSampleInterpretation",
    "WaveformData",
)


def is_available() -> bool:
    """Return whether NumPy is installed."""
    return HAVE_NP


def multiplex_array(ds: Dataset, index: int, as_raw: bool = True) -> np.ndarray:
    """Return the samples of one multiplex group.

    Parameters
    ----------
    ds : Dataset
        A data set with a *Waveform Sequence*.
    index : int
        The position of the group in the sequence.
    as_raw : bool, optional
        True (default) for the samples as stored; False for physical values, in the unit of each
        channel's *Channel Sensitivity*: sample x sensitivity x correction factor + baseline.

    Returns
    -------
    numpy.ndarray
        Shape (samples, channels); of the type in :data:`WAVEFORM_DTYPES`, or float64 for
        physical values. The array is the caller's to change.

    Raises
    ------
    AttributeError
        If the data set has no waveform, or the group lacks a required element.
    IndexError
        If there is no such group.
    KeyError
        If bits allocated and sample interpretation do not go together.
    ValueError
        If there are fewer samples than the group announces.
    """
    return _group_array(_groups(ds)[index], index, as_raw)


def generate_multiplex(ds: Dataset, as_raw: bool = True) -> Generator[np.ndarray, None, None]:
    """Yield the samples of every multiplex group in turn.

    Parameters and errors are those of :func:`multiplex_array`.

    Yields
    ------
    numpy.ndarray
        Shape (samples, channels).
    """
    for index, group in enumerate(_groups(ds)):
        yield _group_array(group, index, as_raw)


def _groups(ds: Dataset) -> Any:
    if "WaveformSequence" not in ds:
        raise AttributeError("No (5400,0100) Waveform Sequence element found in the dataset")
    return ds.WaveformSequence


def _group_array(group: Dataset, index: int, as_raw: bool) -> np.ndarray:
    import numpy as np

    missing = [keyword for keyword in _REQUIRED if keyword not in group]
    if missing:
        raise AttributeError(
            f"Unable to convert the waveform multiplex group with index {index} as the following "
            f"required elements are missing from the sequence item: {', '.join(missing)}"
        )
    n_channels = int(group.NumberOfWaveformChannels)
    n_samples = int(group.NumberOfWaveformSamples)
    kind = (int(group.WaveformBitsAllocated), str(group.WaveformSampleInterpretation))
    if kind not in WAVEFORM_DTYPES:
        raise KeyError(
            f"Unable to convert the waveform multiplex group with index {index}: no samples of "
            f"{kind[0]} bits have the interpretation '{kind[1]}'"
        )
    dtype = np.dtype(WAVEFORM_DTYPES[kind]).newbyteorder(_byte_order(group))
    # There may be a byte of padding at the end
    stored = memoryview(group.WaveformData)[: n_samples * n_channels * dtype.itemsize]
    if len(stored) < n_samples * n_channels * dtype.itemsize:
        raise ValueError(
            f"Unable to convert the waveform multiplex group with index {index}: {n_samples} samples "
            f"of {n_channels} channels need {n_samples * n_channels * dtype.itemsize} bytes, but "
            f"Waveform Data has {len(stored)}"
        )
    raw = np.frombuffer(stored, dtype=dtype).reshape(n_samples, n_channels)
    if as_raw:
        return raw.astype(dtype.newbyteorder("="))
    values = raw.astype(np.float64)
    for channel, definition in zip(range(n_channels), group.ChannelDefinitionSequence):
        sensitivity = _number(definition, "ChannelSensitivity", 1.0)
        correction = _number(definition, "ChannelSensitivityCorrectionFactor", 1.0)
        values[:, channel] *= sensitivity * correction
        values[:, channel] += _number(definition, "ChannelBaseline", 0.0)
    return values


def _byte_order(group: Dataset) -> Literal["<", ">"]:
    """Return the byte order of the samples: that of the data set they were read from."""
    little = getattr(group, "original_encoding", (None, None))[1]
    return ">" if little is False else "<"


def _number(definition: Dataset, keyword: str, default: float) -> float:
    value = definition.get(keyword)
    return default if value is None or value == "" else float(value)
