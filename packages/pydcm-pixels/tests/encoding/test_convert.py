"""``pydcm convert``: all but the pixels stays byte for byte."""

from __future__ import annotations

import shutil
import sys

import numpy as np
import pytest

import pydcm
from pydcm.cli import main as command_line
from pydcm.data import get_testdata_file
from pydcm.dataset import Dataset
from pydcm.uid import UID

PREFIX = "1.2.840.10008.1.2."
PIXELS = b"\xe0\x7f\x10\x00"
NAMES = {
    "rle": "5",
    "jpeg-lossless": "4.70",
    "jpeg-ls": "4.80",
    "j2k": "4.90",
    "htj2k": "4.201",
    "jpeg-xl": "4.110",
    "deflated-frames": "8.1",
    "encapsulated": "1.98",
}


@pytest.fixture
def convert(monkeypatch):
    """Return a function that runs ``pydcm convert`` and returns its exit status."""

    def convert(*arguments):
        monkeypatch.setattr(sys, "argv", ["pydcm", "convert", *map(str, arguments)])
        return command_line.run()

    return convert


@pytest.fixture
def made(make_dataset, smooth, tmp_path):
    """Return the path of a file with what a careless rewrite would change."""
    ds = make_dataset(smooth((33, 47), "u2", 12), bits_stored=12)
    ds.PatientName = "Nobody^At All"
    ds.add_new(0x00091001, "UN", b"\x01\x02\x03\x04")
    ds.add_new(0x00181030, "LO", "padded  ")
    item = Dataset()
    item.add_new(0x00080100, "SH", "A")
    ds.add_new(0x00081110, "SQ", [item, item])
    ds["ReferencedStudySequence"].is_undefined_length = True
    ds.add_new(0xFFFCFFFC, "OB", b"\x00" * 6)
    path = tmp_path / "made.dcm"
    ds.save_as(path, enforce_file_format=True)
    return path


def parts(path):
    """Return the bytes of a file's data set before and after the pixel data element, and the other meta elements."""
    raw = path.read_bytes()
    start = 144 + int.from_bytes(raw[140:144], "little")
    meta = {e.tag: e.value for e in pydcm.dcmread(path).file_meta if e.tag not in (0x00020000, 0x00020010)}
    at = raw.rindex(PIXELS + b"O", start)
    length = int.from_bytes(raw[at + 8 : at + 12], "little")
    end = raw.rindex(b"\xfe\xff\xdd\xe0\0\0\0\0") + 8 if length == 0xFFFFFFFF else at + 12 + length
    return raw[:132], meta, raw[start:at], raw[end:]


@pytest.mark.parametrize("name", NAMES)
def test_all_else_stays_byte_for_byte(name, made, convert, tmp_path):
    samples = [made]
    samples += [
        get_testdata_file(sample) for sample in ("CT_small.dcm", "MR_small.dcm", "examples_overlay.dcm")
    ]
    for number, path in enumerate(samples):
        source = tmp_path / f"{number}.dcm"
        shutil.copyfile(path, source)
        if name == "jpeg-xl" and pydcm.dcmread(source).PixelRepresentation:
            continue
        target = tmp_path / "target.dcm"
        assert convert(source, target, "--to", name, "--overwrite") == 0
        assert parts(target) == parts(source)
        again = pydcm.dcmread(target)
        assert again.file_meta.TransferSyntaxUID == PREFIX + NAMES[name]
        assert np.array_equal(again.pixel_array, pydcm.dcmread(source).pixel_array)
        # And back: the very same file, but for the padding of an odd number of bytes.
        assert convert(target, tmp_path / "back.dcm", "--to", "explicit", "--overwrite") == 0
        assert parts(tmp_path / "back.dcm") == parts(source)
        assert pydcm.dcmread(tmp_path / "back.dcm").PixelData == pydcm.dcmread(source).PixelData


def test_colour_changes_its_description_only(convert, tmp_path):
    source = get_testdata_file("examples_rgb_color.dcm")
    assert convert(source, tmp_path / "target.dcm", "--to", "j2k") == 0
    before, after = pydcm.dcmread(source), pydcm.dcmread(tmp_path / "target.dcm")
    changed = {e.keyword for e in after if e.keyword not in before or before[e.tag].value != e.value}
    assert changed == {"PhotometricInterpretation", "PixelData"}
    assert after.PhotometricInterpretation == "YBR_RCT"
    assert set(before.keys()) == set(after.keys())


@pytest.mark.parametrize(
    ("arguments", "tail", "keyword"),
    [
        (("jpeg", "--quality", "60"), "4.50", "ISO_10918_1"),
        (("j2k-lossy", "--ratio", "12.5"), "4.91", "ISO_15444_1"),
        (("j2k-lossy", "--psnr", "40"), "4.91", "ISO_15444_1"),
        (("jpeg-ls-near", "--near", "2"), "4.81", "ISO_14495_1"),
        (("jpeg-xl-lossy", "--distance", "2"), "4.112", "ISO_18181_1"),
        (("htj2k-lossy", "--step", "0.01"), "4.203", "ISO_15444_15"),
    ],
)
def test_lossy(arguments, tail, keyword, make_dataset, smooth, convert, tmp_path):
    arr = smooth((64, 80), "u1", 8)
    make_dataset(arr).save_as(tmp_path / "plain.dcm", enforce_file_format=True)
    assert convert(tmp_path / "plain.dcm", tmp_path / "out.dcm", "--to", *arguments) == 0
    before, after = pydcm.dcmread(tmp_path / "plain.dcm"), pydcm.dcmread(tmp_path / "out.dcm")
    assert after.file_meta.TransferSyntaxUID == PREFIX + tail
    assert after.LossyImageCompressionMethod == keyword
    assert after.SOPInstanceUID == after.file_meta.MediaStorageSOPInstanceUID != before.SOPInstanceUID
    assert after.SourceImageSequence[0].ReferencedSOPInstanceUID == before.SOPInstanceUID
    assert after.DerivationCodeSequence[0].CodeValue == "113040"
    assert convert(tmp_path / "plain.dcm", tmp_path / "kept.dcm", "--keep-uid", "--to", *arguments) == 0
    kept = pydcm.dcmread(tmp_path / "kept.dcm")
    assert kept.SOPInstanceUID == before.SOPInstanceUID
    assert "SourceImageSequence" not in kept
    if "--ratio" in arguments:
        assert arr.size / 12.5 * 0.7 <= len(after.PixelData) - 16 <= arr.size / 12.5 + 8


def test_folders_and_failures(made, make_dataset, convert, capsys, tmp_path):
    source, target = tmp_path / "in", tmp_path / "out"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "good.dcm").write_bytes(made.read_bytes())
    (source / "bad.dcm").write_bytes(made.read_bytes()[:-600])
    document = make_dataset(np.zeros((2, 2), "u1"))
    del document.PixelData
    document.save_as(source / "document.dcm", enforce_file_format=True)
    assert convert(source, target, "--to", "jpeg") == 1
    shown = capsys.readouterr()
    assert "good.dcm: ValueError" in shown.err and "bad.dcm" in shown.err
    assert [path.name for path in target.rglob("*") if path.is_file()] == ["document.dcm"]
    assert (target / "document.dcm").read_bytes() == (source / "document.dcm").read_bytes()
    assert convert(source, target, "--to", "rle") == 1
    assert pydcm.dcmread(target / "deep" / "good.dcm").file_meta.TransferSyntaxUID == PREFIX + "5"
    assert not list(target.rglob("*.tmp"))


@pytest.mark.parametrize("options", [(), ("--ratio", "10", "--psnr", "40")])
def test_lossy_jpeg2000_needs_to_know_how_lossy(options, made, convert, capsys, tmp_path):
    try:
        status = convert(made, tmp_path / "out.dcm", "--to", "j2k-lossy", *options)
    except SystemExit as exc:
        status = exc.code
    assert status != 0
    shown = capsys.readouterr().err
    assert "--ratio" in shown and "--psnr" in shown
    assert not (tmp_path / "out.dcm").exists()


def test_coders_by_name(made, convert, capsys, tmp_path):
    out = tmp_path / "out.dcm"
    assert convert(made, out, "--to", "j2k", "--encoder", "imagecodecs") == 0
    assert convert(out, tmp_path / "back.dcm", "--to", "explicit", "--decoder", "imagecodecs") == 0
    assert np.array_equal(pydcm.pixel_array(made), pydcm.pixel_array(tmp_path / "back.dcm"))
    for option in ("--decoder", "--encoder"):
        assert convert(out, tmp_path / "no.dcm", "--to", "jpeg-ls", option, "nobody") == 1
        assert "'nobody'" in capsys.readouterr().err
    assert not (tmp_path / "no.dcm").exists()


def test_progress(made, convert, capsys, monkeypatch, tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    for name in "abc":
        (source / name).write_bytes(made.read_bytes())
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert convert(source, tmp_path / "shown", "--to", "rle") == 0
    assert "1/3 files" in capsys.readouterr().err
    assert convert(source, tmp_path / "quiet", "--to", "rle", "--quiet") == 0
    assert not capsys.readouterr().err


def test_in_place(made, convert):
    before = pydcm.dcmread(made).pixel_array
    assert convert(made, made, "--to", "rle") == 1
    assert convert(made, made, "--to", "rle", "--overwrite") == 0
    assert np.array_equal(pydcm.dcmread(made).pixel_array, before)
    assert convert(made, made, "--to", "jpeg", "--overwrite") == 1
    assert pydcm.dcmread(made).file_meta.TransferSyntaxUID == PREFIX + "5"


def test_offsets(make_dataset, convert, tmp_path):
    frames = np.arange(3 * 63, dtype="u1").reshape(3, 7, 9)
    make_dataset(frames, frames=True).save_as(tmp_path / "plain.dcm", enforce_file_format=True)
    assert convert(tmp_path / "plain.dcm", tmp_path / "out.dcm", "--to", "rle", "--extended-offsets") == 0
    after = pydcm.dcmread(tmp_path / "out.dcm")
    assert len(after.ExtendedOffsetTable) == len(after.ExtendedOffsetTableLengths) == 24
    assert np.array_equal(after.pixel_array, frames)


@pytest.mark.parametrize("syntax", ["explicit", "implicit", "deflated"])
def test_big_endian_words(syntax, convert, tmp_path):
    source = get_testdata_file("examples_palette.dcm")
    before = pydcm.dcmread(source)
    assert convert(source, tmp_path / "big.dcm", "--to", "big") == 0
    big = pydcm.dcmread(tmp_path / "big.dcm")
    assert np.array_equal(big.pixel_array, before.pixel_array)
    assert big.RedPaletteColorLookupTableDescriptor == before.RedPaletteColorLookupTableDescriptor
    for step in ((syntax,), ("rle", syntax)):
        path = tmp_path / "big.dcm"
        for number, name in enumerate(step):
            assert convert(path, tmp_path / f"{number}.dcm", "--to", name, "--overwrite") == 0
            path = tmp_path / f"{number}.dcm"
        after = pydcm.dcmread(path)
        assert after.RedPaletteColorLookupTableData == before.RedPaletteColorLookupTableData
        assert np.array_equal(after.pixel_array, before.pixel_array)


def test_a_dicomdir_is_left_alone(convert, capsys, tmp_path):
    path = get_testdata_file("file_set/DICOMDIR") or get_testdata_file("DICOMDIR")
    assert convert(path, tmp_path / "out", "--to", "implicit") == 1
    assert "DICOMDIR" in capsys.readouterr().err
    assert UID(PREFIX + "1") == pydcm.dcmread(path).file_meta.TransferSyntaxUID


def test_big_endian_bits(make_dataset, convert, tmp_path):
    arr = np.random.default_rng(0).integers(0, 2, (3, 7, 9), dtype="u1")
    ds = make_dataset(arr, frames=True, syntax=PREFIX.rstrip("."))
    ds.BitsAllocated = ds.BitsStored = 1
    ds.HighBit = 0
    ds.PixelData = pydcm.pixels.pack_bits(arr)
    ds["PixelData"].VR = "OW"
    ds.save_as(tmp_path / "plain.dcm", enforce_file_format=True)
    assert convert(tmp_path / "plain.dcm", tmp_path / "big.dcm", "--to", "big") == 0
    assert np.array_equal(pydcm.dcmread(tmp_path / "big.dcm").pixel_array, arr)
    assert convert(tmp_path / "big.dcm", tmp_path / "deflated.dcm", "--to", "deflated-frames") == 0
    assert np.array_equal(pydcm.dcmread(tmp_path / "deflated.dcm").pixel_array, arr)
