"""A computed twelve-lead ECG (PS3.3 §A.34.3)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from common import code, new_instance, save

from pydcm.dataset import Dataset

TWELVE_LEAD_CLASS = "1.2.840.10008.5.1.4.1.1.9.1.1"

# Leads: meaning, code value of CID 3001 (SCPECG), and how strongly each wave P, Q, R, S, T shows
_LEADS = [
    ("Lead I", "5.6.3-9-1", (0.10, -0.05, 0.70, -0.10, 0.20)),
    ("Lead II", "5.6.3-9-2", (0.15, -0.08, 1.10, -0.15, 0.30)),
    ("Lead III", "5.6.3-9-61", (0.05, -0.03, 0.40, -0.05, 0.10)),
    ("Lead aVR", "5.6.3-9-62", (-0.13, 0.07, -0.90, 0.13, -0.25)),
    ("Lead aVL", "5.6.3-9-63", (0.03, -0.01, 0.15, -0.03, 0.05)),
    ("Lead aVF", "5.6.3-9-64", (0.10, -0.06, 0.75, -0.10, 0.20)),
    ("Lead V1", "5.6.3-9-3", (0.08, 0.00, 0.25, -0.90, -0.10)),
    ("Lead V2", "5.6.3-9-4", (0.08, 0.00, 0.45, -1.20, 0.35)),
    ("Lead V3", "5.6.3-9-5", (0.08, -0.02, 0.80, -0.80, 0.45)),
    ("Lead V4", "5.6.3-9-6", (0.09, -0.05, 1.30, -0.45, 0.45)),
    ("Lead V5", "5.6.3-9-7", (0.09, -0.07, 1.20, -0.20, 0.35)),
    ("Lead V6", "5.6.3-9-8", (0.08, -0.07, 0.95, -0.10, 0.28)),
]
# When each wave peaks after the beat begins, and how wide it is, in seconds
_WAVES = ((0.10, 0.022), (0.215, 0.008), (0.24, 0.011), (0.265, 0.010), (0.46, 0.045))
_MICROVOLTS_PER_STEP = 1.25


def beat(seconds: np.ndarray, weights: tuple[float, ...]) -> np.ndarray:
    """Return the potential in mV at times after the beginning of a beat."""
    return sum(w * np.exp(-(((seconds - at) / width) ** 2) / 2) for w, (at, width) in zip(weights, _WAVES))


def signal(seconds: np.ndarray) -> np.ndarray:
    """Return the twelve leads as steps of 1.25 uV, int16 (samples, 12)."""
    phase = seconds % 0.85
    noise = np.random.default_rng(5).normal(0, 0.006, (len(seconds), len(_LEADS)))
    drift = 0.04 * np.sin(2 * np.pi * 0.2 * seconds)
    millivolts = np.stack([beat(phase, weights) for *_, weights in _LEADS], axis=1) + noise + drift[:, None]
    return np.round(millivolts * 1000 / _MICROVOLTS_PER_STEP).astype("<i2")


def multiplex(samples: np.ndarray, frequency: float, label: str) -> Dataset:
    """Return a Waveform Sequence item (PS3.3 §C.10.9) for int16 (samples, 12)."""
    group = Dataset()
    group.WaveformOriginality = "ORIGINAL" if label == "RHYTHM" else "DERIVED"
    group.NumberOfWaveformChannels = samples.shape[1]
    group.NumberOfWaveformSamples = samples.shape[0]
    group.SamplingFrequency = frequency
    group.MultiplexGroupLabel = label
    group.ChannelDefinitionSequence = [channel(*lead) for lead in _LEADS]
    group.WaveformBitsAllocated = 16
    group.WaveformSampleInterpretation = "SS"
    group.WaveformPaddingValue = b"\x00\x80"
    group.WaveformData = samples.tobytes()
    return group


def channel(meaning: str, value: str, _weights: tuple[float, ...]) -> Dataset:
    """Return a Channel Definition item."""
    item = Dataset()
    source = code(value, "SCPECG", meaning)
    source.CodingSchemeVersion = "1.3"
    item.ChannelSourceSequence = [source]
    item.ChannelSensitivity = _MICROVOLTS_PER_STEP
    item.ChannelSensitivityUnitsSequence = [code("uV", "UCUM", "microvolt")]
    item.ChannelSensitivityCorrectionFactor = 1
    item.ChannelBaseline = 0
    item.ChannelSampleSkew = 0
    item.WaveformBitsStored = 16
    item.FilterLowFrequency = 0.05
    item.FilterHighFrequency = 100
    return item


def write_all(folder: Path) -> None:
    """Write the ECG: ten seconds of rhythm and one typical beat."""
    ds = new_instance(
        "waveform", TWELVE_LEAD_CLASS, "ECG", patient="Phantom^Heart", patient_id="ECG-1", study="ecg"
    )
    ds.AcquisitionDateTime = ds.ContentDate + ds.ContentTime
    ds.AcquisitionContextSequence = []
    ds.WaveformSequence = [
        multiplex(signal(np.arange(2000) / 200), 200, "RHYTHM"),
        multiplex(signal(np.arange(170) / 200), 200, "MEDIAN BEAT"),
    ]
    save(ds, folder / "waveform_ecg.dcm")
