"""What pydcm does with a real file: read, print, change, write, decode; run by ``noxfile.py -s demo``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pydcm
from pydcm.cli import _picture


def main(folder: Path) -> None:
    """Show the steps on a CT image that comes with the package, and leave the results in `folder`."""
    source = pydcm.examples.get_path("ct")

    title(f"1. Read {source}")
    start = time.perf_counter()
    ds = pydcm.dcmread(source)
    print(
        f"read in {1000 * (time.perf_counter() - start):.2f} ms; nothing is converted before it is asked for"
    )

    title("2. Print it")
    print(ds)

    title("3. Change it and write it")
    changed = folder / "changed.dcm"
    ds.PatientName = "Doe^Jane"
    ds.PatientID = "DEMO-1"
    ds.save_as(changed)
    again = pydcm.dcmread(changed)
    print(f"{changed}: {again.PatientName}, {again.PatientID}, {again.Rows} x {again.Columns} pixels")

    title("4. Decode it to a picture")
    array = again.pixel_array
    print(f"pixel array: shape {array.shape}, {array.dtype}, from {array.min()} to {array.max()}")
    picture = _picture.eight_bit(again, 1)
    path = folder / "ct.png"
    path.write_bytes(_picture.png(picture))
    if sys.stdout.isatty():
        print(_picture.terminal(picture, 64))
    print(f"The picture is in {path}")


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}\n{'-' * len(text)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
