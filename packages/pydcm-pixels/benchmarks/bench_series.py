"""From a folder to an array: 200 slices of 512x512 against dcm2niix's whole conversion and SimpleITK's series reader.

    python benchmarks/bench_series.py

CPU time (children included), interleaved, medians; wall-clock time for the threads; all find memory that is there (see
:func:`warm`). Peak memory is that of a process of its own. What is not installed is not shown.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Thread

import numpy as np

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import ExplicitVRLittleEndian, generate_uid
from pydcm_pixels._series.discovery import find_stacks
from pydcm_pixels._series.loading import load_series
from pydcm_pixels._series.memory import Provision, new_array
from pydcm_testing import timing

SLICES, SIZE = 200, 512
_MEMORY = """
import sys
from pydcm_pixels._series.discovery import find_stacks
from pydcm_pixels._series.loading import load_series
def peak():
    status = open("/proc/self/status").read()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
folder, small, how = sys.argv[1:]
find_stacks(small)[0].read()
before = peak()
(stack,) = find_stacks(folder)
if how == "stream":
    for part in stack.stream():
        pass
else:
    array = stack.read()
print(peak() - before, stack.n_voxels * 4)
"""


def write_series(folder: Path, slices: int = SLICES, size: int = SIZE) -> None:
    """Write a CT series; names are not in the order of the slices."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    image = rng.integers(0, 3000, (size, size)).astype("i2")
    series, study = generate_uid(), generate_uid()
    for at in range(slices):
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = "20240101"
        ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = "101500"
        ds.Modality, ds.Manufacturer, ds.SeriesDescription = "CT", "ACME", "thorax"
        ds.PatientName, ds.PatientID, ds.PatientPosition = "A^B", "1", "HFS"
        ds.StudyInstanceUID, ds.SeriesInstanceUID = study, series
        ds.FrameOfReferenceUID = study
        ds.SeriesNumber, ds.AcquisitionNumber, ds.InstanceNumber = 3, 1, at + 1
        ds.SliceThickness, ds.KVP = "1", "120"
        ds.ImagePositionPatient = [-200, -200, at - 100]
        ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        ds.PixelSpacing = [0.78125, 0.78125]
        ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = "1", "-1024", "HU"
        ds.Rows = ds.Columns = size
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated = ds.BitsStored = 16
        ds.HighBit, ds.PixelRepresentation = 15, 1
        ds.PixelData = np.roll(image, at, axis=0).tobytes()
        ds["PixelData"].VR = "OW"
        ds.save_as(folder / f"image{at * 37 % slices:04d}.dcm", enforce_file_format=True)


def cpu() -> float:
    """Return the CPU seconds of this process and its children; ``os.times`` would count hundredths."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def load(folder, workers=1):
    return load_series(folder, workers=workers)


def read_raw(names, workers=1):
    """Read files into memory and do nothing with them: how much faster two threads can be on this machine."""

    def part(some):
        buffer = bytearray(max(map(os.path.getsize, some)))
        for name in some:
            with open(name, "rb", buffering=0) as file:
                file.readinto(buffer)

    if workers == 1:
        part(names)
        return
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(part, [names[at::workers] for at in range(workers)]))


def warm(nbytes=SLICES * SIZE * SIZE * 4):
    """Give each of two processors memory for a volume and take it back.

    A virtual machine's host takes back what has not been used for a while. Getting it again costs ten times the rest, and it
    would always be the second processor's: what one has freed is kept for it.
    """
    gate = Barrier(2)

    def use(processor):
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {processor})
        memory = Provision(new_array((nbytes,), "u1"))
        gate.wait()
        memory.finish(1)

    processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    threads = [Thread(target=use, args=(processors[at % len(processors)],)) for at in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def program():
    """Return the path of dcm2niix, ``None`` if it is not installed."""
    beside = Path(sys.executable).with_name("dcm2niix")
    return str(beside) if beside.exists() else shutil.which("dcm2niix")


def peers(folder, out):
    """Return the other readers by name."""
    found = {}
    if dcm2niix := program():
        arguments = [dcm2niix, "-b", "n", "-z", "n", "-w", "1", "-f", "out", "-o", str(out), str(folder)]
        found["dcm2niix"] = lambda: subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    try:
        import SimpleITK
    except ImportError:
        return found

    def simpleitk():
        reader = SimpleITK.ImageSeriesReader()
        reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
        return reader.Execute()

    found["SimpleITK"] = simpleitk
    return found


def memory(folder, small, how):
    """Return peak memory and the size of the float32 volume, bytes."""
    answer = subprocess.run(
        [sys.executable, "-c", _MEMORY, str(folder), str(small), how],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return int(answer[0]), int(answer[1])


def rows():
    """Yield the rows of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder, small = Path(name, "series"), Path(name, "small")
        write_series(folder)
        write_series(small, 2)
        others = peers(folder, Path(name))
        ours, *theirs = timing.interleaved(
            lambda: load(folder), *others.values(), rounds=9, clock=cpu, before=warm
        )
        yield timing.Row(
            f"{SLICES} x {SIZE} x {SIZE}: folder to float32, CPU",
            ours,
            dict(zip(others, theirs, strict=True)),
            {"<dcm2niix": 1.0, "SimpleITK": 2.3},
        )
        headers, whole = timing.interleaved(lambda: find_stacks(folder), lambda: load(folder))
        yield timing.Row("headers only, CPU", headers, {"all": whole})
        names = sorted(map(str, folder.iterdir()))
        clock = {"rounds": 50, "clock": time.perf_counter, "before": warm}
        one, two = timing.interleaved(lambda: load(folder, 1), lambda: load(folder, 2), **clock)
        raw_one, raw_two = timing.interleaved(lambda: read_raw(names, 1), lambda: read_raw(names, 2), **clock)
        yield timing.Row("two threads, wall clock", two, {"one thread": one}, {"one thread": 1.6})
        yield timing.Row("the files' bytes alone, two threads", raw_two, {"one thread": raw_one})
        if sys.platform == "linux":
            peak, size = memory(folder, small, "read")
            yield timing.Row("peak memory, GB as s", peak / 1e9, {"volume": size / 1e9}, {"<volume": 1.1})
            peak, size = memory(folder, small, "stream")
            yield timing.Row("peak memory streamed, GB as s", peak / 1e9, {"volume": size / 1e9})


if __name__ == "__main__":
    timing.main(rows)
