"""Waveforms such as ECG, EEG and audio; users know it as ``pydcm.waveforms``."""

from .numpy_handler import generate_multiplex, multiplex_array

__all__ = ["generate_multiplex", "multiplex_array"]
