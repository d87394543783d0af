"""What decoders and encoders share."""

from __future__ import annotations

from pydcm_pixels._coding.coder import CoderBase
from pydcm_pixels._coding.photometric import PhotometricInterpretation
from pydcm_pixels._coding.runner import RunnerBase, RunnerOptions

__all__ = ["Buffer", "CoderBase", "PhotometricInterpretation", "RunnerBase", "RunnerOptions"]

Buffer = bytes | bytearray | memoryview
