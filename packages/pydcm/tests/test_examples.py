"""The examples that come with pydcm."""

import subprocess
import sys
from pathlib import Path

import pytest

from pydcm import FileDataset, examples
from pydcm.encaps import generate_frames
from pydcm.fileset import FileSet

NAMES = sorted(examples._FILES)


@pytest.mark.parametrize("name", NAMES)
def test_every_example_can_be_read(name):
    ds = getattr(examples, name)
    assert isinstance(ds, FileDataset) and getattr(examples, name) is not ds
    assert Path(ds.filename) == examples.get_path(name)
    list(ds.iterall())
    if name != "no_meta":
        assert ds.file_meta.TransferSyntaxUID.is_transfer_syntax


@pytest.mark.parametrize("name", NAMES)
def test_every_example_can_be_written(name, tmp_path):
    ds = getattr(examples, name)
    ds.save_as(tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == examples.get_path(name).read_bytes()


@pytest.mark.parametrize("name", ["ct", "mr", "rgb_color", "palette_color", "overlay", "rt_dose", "no_meta"])
def test_native_pixels_have_the_right_length(name):
    ds = getattr(examples, name)
    frames = int(ds.get("NumberOfFrames", 1))
    assert len(ds.PixelData) == frames * ds.Rows * ds.Columns * ds.SamplesPerPixel * ds.BitsAllocated // 8


def test_compressed_examples():
    ds = examples.ybr_color
    frames = list(generate_frames(ds.PixelData, number_of_frames=int(ds.NumberOfFrames)))
    assert ds.PhotometricInterpretation == "YBR_FULL_422" and len(frames) == 10
    assert all(frame.startswith(b"\xff\xd8\xff") for frame in frames)
    ds = examples.jpeg2k
    (frame,) = generate_frames(ds.PixelData, number_of_frames=1)
    assert ds.PhotometricInterpretation == "YBR_RCT" and frame.startswith(b"\xff\x4f\xff\x51")


def test_radiotherapy_examples_belong_together():
    plan, dose, structures = examples.rt_plan, examples.rt_dose, examples.rt_ss
    assert dose.ReferencedRTPlanSequence[0].ReferencedSOPInstanceUID == plan.SOPInstanceUID
    assert plan.ReferencedStructureSetSequence[0].ReferencedSOPInstanceUID == structures.SOPInstanceUID
    assert [roi.ROIName for roi in structures.StructureSetROISequence] == ["BODY", "PTV", "CORD"]
    assert plan.FrameOfReferenceUID == dose.FrameOfReferenceUID == structures.FrameOfReferenceUID


def test_waveform():
    rhythm, beat = examples.waveform.WaveformSequence
    assert rhythm.NumberOfWaveformChannels == beat.NumberOfWaveformChannels == 12
    assert len(rhythm.WaveformData) == 12 * rhythm.NumberOfWaveformSamples * 2


def test_file_set():
    fs = FileSet(examples.dicomdir)
    assert len(fs) == 5 and not fs.is_staged
    assert all(instance.load().SOPInstanceUID == instance.SOPInstanceUID for instance in fs)


def test_names():
    assert examples.get_path("ct").name == "CT_small.dcm"
    assert set(NAMES) < set(dir(examples))
    with pytest.raises(ValueError, match="No example dataset exists with the name 'foo'"):
        examples.get_path("foo")
    with pytest.raises(AttributeError, match="has no attribute 'foo'"):
        examples.foo


def test_they_are_small():
    files = [path for path in examples.get_path("ct").parent.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 600_000


def test_importing_reads_nothing():
    code = "import sys, pydcm.examples; assert not {'numpy', 'pydcm.filereader'} & set(sys.modules), sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)
