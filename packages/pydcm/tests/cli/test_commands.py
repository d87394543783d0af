"""The subcommands, run in this process."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pydcm
from pydcm.cli import main as command_line
from pydcm.cli.convert import transfer_syntax
from pydcm.dataset import Dataset, FileMetaDataset

LITTLE, BIG, IMPLICIT, DEFLATED = (
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1.99",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3"
    ds.PatientName = "Doe^Jane"
    ds.Rows = 2
    inner = Dataset()
    inner.CodeMeaning = "inner"
    ds.ProcedureCodeSequence = [inner, Dataset()]
    ds.add_new(0x00091001, "UN", b"secret")
    ds.add_new(0x00090010, "LO", "creator")
    ds.add_new("PixelData", "OW", b"\x01\x02\x03\x04")
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = LITTLE
    ds.save_as(tmp_path / "file.dcm", enforce_file_format=True)
    return tmp_path / "file.dcm"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr("sys.argv", ["pydcm", *map(str, arguments)])
    return command_line.run()


class TestWhatIsNoDicomFile:
    @pytest.mark.parametrize("command", ["show", "dump", "json", "codify"])
    def test_another_file(self, monkeypatch, capsys, tmp_path: Path, command: str) -> None:
        (tmp_path / "note.txt").write_text("hello world " * 30)
        with pytest.raises(SystemExit) as ended:
            run(monkeypatch, command, tmp_path / "note.txt")
        assert ended.value.code == 2
        assert "note.txt' is not a DICOM file" in capsys.readouterr().err

    def test_a_directory(self, monkeypatch, capsys, tmp_path: Path) -> None:
        with pytest.raises(SystemExit):
            run(monkeypatch, "show", tmp_path)
        assert "is a directory" in capsys.readouterr().err

    def test_copy_names_the_file(self, monkeypatch, capsys, tmp_path: Path) -> None:
        (tmp_path / "note.txt").write_text("hello world " * 30)
        assert run(monkeypatch, "copy", tmp_path / "note.txt", tmp_path / "copy.dcm") == 1
        assert "note.txt: File is missing DICOM" in capsys.readouterr().err

    def test_without_header(self, monkeypatch, capsys, tmp_path: Path, file: Path) -> None:
        ds = pydcm.dcmread(file)
        del ds.file_meta
        ds.preamble = None
        ds.save_as(tmp_path / "bare.dcm", implicit_vr=False, little_endian=True)
        assert run(monkeypatch, "show", tmp_path / "bare.dcm") == 0
        assert "Doe^Jane" in capsys.readouterr().out

    def test_warnings_are_one_line(self, monkeypatch, capsys) -> None:
        import warnings

        with warnings.catch_warnings():
            run(monkeypatch, "plugins")
            warnings.showwarning(UserWarning("odd"), UserWarning, "file.py", 1)
        assert capsys.readouterr().err.endswith("pydcm: warning: odd\n")


class TestFileSpecification:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("a.dcm", ("", "a.dcm", "")),
            ("a.dcm::Rows", ("", "a.dcm", "Rows")),
            ("pydicom::a.dcm", ("pydicom", "a.dcm", "")),
            ("pydicom::c:\\a.dcm::Rows", ("pydicom", "c:\\a.dcm", "Rows")),
        ],
    )
    def test_parts(self, text: str, parts: tuple[str, str, str]) -> None:
        assert command_line.filespec_parts(text) == parts

    def test_element(self, file: Path) -> None:
        [(_, value)] = command_line.filespec_parser(f"{file}::ProcedureCodeSequence[0].CodeMeaning")
        assert value == "inner"
        [(_, value)] = command_line.filespec_parser(f"{file}::ProcedureCodeSequence[-1]")
        assert len(value) == 0

    @pytest.mark.parametrize(
        ("element", "match"),
        [
            ("Rows()", "not valid syntax"),
            ("ProcedureCodeSequence[5]", "index error"),
            ("Rows[0]", "index error"),
            ("PatientAge", "is not in the dataset"),
        ],
    )
    def test_refused(self, file: Path, element: str, match: str) -> None:
        with pytest.raises(argparse.ArgumentTypeError, match=match):
            command_line.filespec_parser(f"{file}::{element}")

    def test_missing_file(self) -> None:
        with pytest.raises(argparse.ArgumentTypeError, match="not found"):
            command_line.filespec_parser("no_such_file.dcm")


def test_show(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "show", file) == 0
    assert "Doe^Jane" in capsys.readouterr().out
    assert run(monkeypatch, "show", "-x", file) == 0
    assert "creator" not in capsys.readouterr().out
    assert run(monkeypatch, "show", "-q", file) == 0
    assert capsys.readouterr().out.startswith(
        "SOPClassUID: Secondary Capture Image Storage\nPatientName: Doe^Jane\n"
    )


def test_show_in_colour(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("rich")
    assert run(monkeypatch, "show", "--color", "always", file) == 0
    out = capsys.readouterr().out
    assert "\x1b[" in out
    assert "item 1" in re.sub(r"\x1b\[[\d;]*m", "", out)
    assert run(monkeypatch, "show", "--color", "never", file) == 0
    assert "\x1b[" not in capsys.readouterr().out


def test_dump(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "dump", file) == 0
    lines = capsys.readouterr().out.splitlines()
    [name] = [line for line in lines if "(0010,0010)" in line]
    offset, length = (int(word) for word in name.split()[:2])
    assert file.read_bytes()[offset : offset + 4] == b"\x10\x00\x10\x00"
    assert length == len("Doe^Jane")
    assert any("inner" in line for line in lines)
    assert run(monkeypatch, "dump", "--hex", "--start", "0x80", "--stop", "0x90", file) == 0
    assert "44 49 43 4d" in capsys.readouterr().out.lower()


def test_json(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "json", file) == 0
    model = json.loads(capsys.readouterr().out)
    assert model["00100010"]["Value"] == [{"Alphabetic": "Doe^Jane"}]
    assert "7FE00010" not in model
    assert run(monkeypatch, "json", "--pixels", "--indent", "0", file) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 1
    assert json.loads(out)["7FE00010"]["InlineBinary"] == "AQIDBA=="


@pytest.mark.parametrize("syntax", [IMPLICIT, BIG, DEFLATED, LITTLE])
def test_convert_between_native_syntaxes(file: Path, syntax: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target, back = file.with_name("other.dcm"), file.with_name("back.dcm")
    assert run(monkeypatch, "convert", file, target, "--to", syntax) == 0
    converted = pydcm.dcmread(target)
    assert converted.file_meta.TransferSyntaxUID == syntax
    assert converted.PixelData == (b"\x02\x01\x04\x03" if syntax == BIG else b"\x01\x02\x03\x04")
    assert converted.Rows == 2
    assert run(monkeypatch, "convert", target, back, "--to", "explicit") == 0
    assert pydcm.dcmread(back) == pydcm.dcmread(file)


def test_copy_trees(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = file.with_name("source"), file.with_name("target")
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "file.dcm").write_bytes(file.read_bytes())
    (source / "bad.dcm").write_bytes(b"nothing")
    assert run(monkeypatch, "copy", source, target) == 1
    captured = capsys.readouterr()
    assert "bad.dcm" in captured.err
    assert "1 of 2 files written" in captured.out
    assert (target / "deep" / "file.dcm").read_bytes() == file.read_bytes()


def test_existing_files_stay(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = file.with_name("target.dcm")
    target.write_bytes(b"precious")
    assert run(monkeypatch, "copy", file, target) == 1
    assert target.read_bytes() == b"precious"
    assert run(monkeypatch, "copy", "--overwrite", file, target) == 0
    assert target.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("name", ["rle", "RLELossless", "1.2.840.10008.1.2.5"])
def test_transfer_syntax_names(name: str) -> None:
    assert transfer_syntax(name) == "1.2.840.10008.1.2.5"


@pytest.mark.parametrize("name", ["zip", "PatientName", "1.2.840.10008.1.1"])
def test_no_transfer_syntax(name: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="no transfer syntax"):
        transfer_syntax(name)


def test_index_to_standard_output(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, "index", file.parent, "-t", "(0010,0010),Rows") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "path,PatientName,Rows,error"
    assert lines[1].endswith("Doe^Jane,2,")


def test_plugins(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "plugins") == 0
    assert "Public modules" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("topic", "answer"),
    [
        ("PatientName", "(0010,0010)"),
        ("0010,0010", "PatientName"),
        ("(0028,0010)", "unsigned integer"),
        ("0x00280010", "Rows"),
        ("1.2.840.10008.1.2.5", "RLE Lossless"),
        ("PatientNmae", "PatientName"),
        ("(0009,1001)", "private"),
        ("show", "usage: pydcm show"),
        ("something else", "Available subcommands"),
    ],
)
def test_help(
    topic: str, answer: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, "help", topic) == 0
    assert answer in capsys.readouterr().out


def test_errors_are_one_line(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, "index", "nowhere") == 1
    assert capsys.readouterr().err == "pydcm: there is no file or directory 'nowhere'\n"
    assert run(monkeypatch, "convert", file.with_name("absent.dcm"), "x.dcm", "--to", "rle") == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_module_is_the_command(file):
    done = subprocess.run([sys.executable, "-m", "pydcm", "dump", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Doe^Jane" in done.stdout
    missing = subprocess.run(
        [sys.executable, "-m", "pydcm", "dump", str(file) + "x"], capture_output=True, text=True
    )
    assert missing.returncode
    assert "Traceback" not in missing.stderr
