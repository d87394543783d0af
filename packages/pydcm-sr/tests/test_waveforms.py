"""Waveform data as arrays: types, physical values, byte order, and files that are wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm.dataset import Dataset
from pydcm_sr.waveforms import generate_multiplex, multiplex_array, numpy_handler


def waveform(samples: np.ndarray, interpretation: str, **changes: Any) -> Dataset:
    """Return a data set with one multiplex group of samples of shape (samples, channels)."""
    group = Dataset()
    group.NumberOfWaveformSamples, group.NumberOfWaveformChannels = samples.shape
    group.WaveformBitsAllocated = samples.dtype.itemsize * 8
    group.WaveformSampleInterpretation = interpretation
    group.add_new(0x54001010, "OW", samples.astype(samples.dtype.newbyteorder("<")).tobytes())
    group.ChannelDefinitionSequence = [Dataset() for _ in range(samples.shape[1])]
    for keyword, value in changes.items():
        setattr(group, keyword, value)
    ds = Dataset()
    ds.WaveformSequence = [group]
    return ds


@pytest.mark.parametrize(("kind", "dtype"), numpy_handler.WAVEFORM_DTYPES.items())
def test_every_type_of_sample(kind: tuple[int, str], dtype: str) -> None:
    limits = np.iinfo(dtype)
    samples = np.array([[limits.min, 1, 2], [3, 4, limits.max]], dtype)
    array = multiplex_array(waveform(samples, kind[1]), 0)
    np.testing.assert_array_equal(array, samples)
    assert array.dtype == dtype
    array[0, 0] = 7


@given(
    st.integers(1, 9).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(-(2**15), 2**15 - 1), min_size=n, max_size=n), min_size=1, max_size=9
        )
    ),
    st.booleans(),
)
def test_channels_alternate(rows: list[list[int]], padded: bool) -> None:
    samples = np.array(rows, "int16")
    ds = waveform(samples, "SS")
    if padded:
        ds.WaveformSequence[0].WaveformData += b"\0\0"
    np.testing.assert_array_equal(multiplex_array(ds, 0), samples)


def test_physical_values() -> None:
    samples = np.array([[1, 2, 3], [4, 5, 6]], "int16")
    ds = waveform(samples, "SS")
    first, second, _ = ds.WaveformSequence[0].ChannelDefinitionSequence
    first.ChannelSensitivity = "0.5"
    first.ChannelSensitivityCorrectionFactor = "2.0"
    first.ChannelBaseline = "10"
    second.ChannelBaseline = "-1"
    second.ChannelSensitivity = None
    values = multiplex_array(ds, 0, as_raw=False)
    assert values.dtype == np.float64
    np.testing.assert_allclose(values, [[11, 1, 3], [14, 4, 6]])


def test_every_group_in_turn() -> None:
    ds = waveform(np.zeros((2, 1), "uint8"), "UB")
    ds.WaveformSequence.append(waveform(np.ones((3, 2), "int32"), "SL").WaveformSequence[0])
    groups = list(generate_multiplex(ds))
    assert [group.shape for group in groups] == [(2, 1), (3, 2)]
    np.testing.assert_array_equal(groups[1], multiplex_array(ds, 1))
    np.testing.assert_array_equal(groups[1], multiplex_array(ds, -1))
    with pytest.raises(IndexError):
        multiplex_array(ds, 2)


def test_no_waveform() -> None:
    message = r"No \(5400,0100\) Waveform Sequence element found in the dataset"
    with pytest.raises(AttributeError, match=message):
        multiplex_array(Dataset(), 0)
    with pytest.raises(AttributeError, match=message):
        next(generate_multiplex(Dataset()))


def test_missing_elements_are_named() -> None:
    ds = waveform(np.zeros((2, 1), "uint8"), "UB")
    del ds.WaveformSequence[0].NumberOfWaveformSamples
    del ds.WaveformSequence[0].WaveformData
    with pytest.raises(
        AttributeError, match="index 0 .* sequence item: NumberOfWaveformSamples, WaveformData"
    ):
        multiplex_array(ds, 0)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"NumberOfWaveformSamples": 2**32 - 1, "NumberOfWaveformChannels": 65535}, ValueError, "has 4"),
        ({"WaveformBitsAllocated": 24}, KeyError, "24 bits"),
        ({"WaveformSampleInterpretation": "SS"}, KeyError, "'SS'"),
    ],
)
def test_files_that_are_wrong(changes: dict[str, Any], error: type[Exception], message: str) -> None:
    ds = waveform(np.zeros((2, 2), "uint8"), "UB", **changes)
    with pytest.raises(error, match=message):
        multiplex_array(ds, 0)


def test_fewer_definitions_than_channels_and_more() -> None:
    for n_definitions in (1, 5):
        ds = waveform(np.ones((2, 3), "uint8"), "UB")
        ds.WaveformSequence[0].ChannelDefinitionSequence = [Dataset() for _ in range(n_definitions)]
        assert multiplex_array(ds, 0, as_raw=False).shape == (2, 3)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"])
def test_files_of_either_byte_order(syntax: str) -> None:
    from io import BytesIO

    from pydcm import dcmread
    from pydcm.dataset import FileMetaDataset
    from pydcm.uid import UID, TwelveLeadECGWaveformStorage

    samples = np.array([[1, -2], [300, -400]], "int16")
    ds = waveform(samples, "SS")
    if syntax == "1.2.840.10008.1.2.2":
        # Encoded data are written as they are, in the byte order of the transfer syntax
        ds.WaveformSequence[0].WaveformData = samples.astype(">i2").tobytes()
    ds.SOPClassUID, ds.SOPInstanceUID = TwelveLeadECGWaveformStorage, "1.2.3"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    buffer = BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    buffer.seek(0)
    again = dcmread(buffer)
    np.testing.assert_array_equal(multiplex_array(again, 0), samples)
    np.testing.assert_allclose(again.waveform_array(0), samples)


def test_handler() -> None:
    assert numpy_handler.is_available()
    assert numpy_handler.HANDLER_NAME == "Numpy Waveform"
    assert "numpy" in numpy_handler.DEPENDENCIES
