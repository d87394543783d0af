"""Make the example files and colour palettes that pydcm ships.

    python packages/pydcm/tools/make_examples [directory]

writes them into ``packages/pydcm/src/pydcm/data``, or into `directory`. Everything in them is invented: the images are
drawn, the signals computed, the persons' names and numbers made up. Needs numpy, Pillow and imagecodecs. The files are
meant to pass dicom3tools' ``dciodvfy`` without an error.
"""

from __future__ import annotations

import sys
from pathlib import Path

import images
import palettes
import radiotherapy
import waveform

_DEFAULT = Path(__file__).resolve().parents[2] / "src" / "pydcm" / "data"


def main(target: Path) -> None:
    """Write all files below `target`."""
    samples = target / "test_files"
    samples.mkdir(parents=True, exist_ok=True)
    images.write_all(samples)
    radiotherapy.write_all(samples)
    waveform.write_all(samples)
    (target / "palettes").mkdir(exist_ok=True)
    palettes.write_all(target / "palettes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else _DEFAULT)
