"""Conversions that cannot be finished: what is left behind, what is said, and what names files get."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from pydcm.uid import generate_uid
from pydcm_pixels._bids.naming import Names
from pydcm_pixels.volume import convert_series, from_nifti

HOSTILE = [
    "../../../x",
    "..\\..\\x",
    "/etc/x",
    "C:\\x",
    "CON",
    "aux.txt",
    "x\ny\0z",
    "a" * 60,
    "Ünïcödé",
    "名前",
    "$(touch x)",
    "-rf",
    ".hidden",
    "..",
    "x|y<z>\"?*",
    "end. ",
    "%n%s",
]  # fmt: skip


def pattern(number):
    return np.full((6, 8), number, "i2")


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_names_stay_inside_and_are_legal_everywhere(series, tmp_path, text):
    builder = series(
        PatientName=text, SeriesDescription=text, ProtocolName=text, SpecificCharacterSet="ISO_IR 192"
    )
    builder.stack(2)
    target = tmp_path / "deep" / "out"
    before = names(tmp_path)
    for pattern in ("%n", "%d/%p", "%n/%d/../%p", "../%n"):
        (output,) = convert_series(builder.folder, target, pattern=pattern, progress=False).outputs
        for path in output.files:
            parts = os.path.relpath(path, target).split(os.sep)
            assert ".." not in parts
            for part in parts:
                assert not set(part) & set('<>:"/\\|?*')
                assert part.isprintable()
                assert part.isascii()
                assert len(part) <= 255
                assert not part.startswith((".", " "))
                assert not part.endswith((".", " "))
                assert part.split(".")[0].upper() not in ("CON", "AUX")
    assert sorted(set(names(tmp_path)) - set(before)) == [f"deep/out/{name}" for name in names(target)]


def test_full_disk(series, tmp_path, monkeypatch, command, capsys):
    for number in range(3):
        series(folder=f"all/{number}", SeriesNumber=number + 1).stack(3)
    real = os.replace

    def full(source, target, **options):
        if os.fspath(target).endswith("2.json"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(source, target, **options)

    monkeypatch.setattr(os, "replace", full)
    monkeypatch.setattr(os, "link", full)
    target = tmp_path / "out"
    assert command("-f", "%s", "-z", "n", "-o", target, tmp_path / "all") == 6
    # the second image is not there without its sidecar
    assert names(target) == ["1.json", "1.nii"]
    assert "No space left" in capsys.readouterr().err


def test_places_that_cannot_be_written(series, tmp_path, command, capsys):
    builder = series()
    builder.stack(3)
    file = tmp_path / "file"
    file.write_text("in the way")
    assert command("-f", "x", "-o", file, builder.folder) == 6
    assert command("-f", "x", "-o", file / "below", builder.folder) == 6
    target = tmp_path / "out"
    target.mkdir()
    (target / "sub").write_text("in the way")
    assert command("-f", "sub/x", "-o", target, builder.folder) == 6
    assert "cannot be written: " in capsys.readouterr().err
    assert names(target) == ["sub"]
    assert file.read_text() == "in the way"


@pytest.mark.skipif(sys.platform == "win32", reason="other signals")
def test_interrupted(series, tmp_path):
    for number in range(40):
        series(folder=f"all/{number}", SeriesNumber=number + 1).stack(3)
    target = tmp_path / "out"
    program = (
        "import argparse, sys\n"
        "from pydcm_pixels._bids.command import register\n"
        "parser = argparse.ArgumentParser()\n"
        "register(parser.add_subparsers())\n"
        "args = parser.parse_args(sys.argv[1:])\n"
        "args.func(args)\n"
    )
    words = ["convert-series", "-f", "%s", "-z", "n", "-o", str(target), str(tmp_path / "all")]
    with subprocess.Popen(
        [sys.executable, "-c", program, *words], stderr=subprocess.PIPE, text=True
    ) as running:
        deadline = time.monotonic() + 60
        while not (target.exists() and names(target)) and time.monotonic() < deadline:
            time.sleep(0.001)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=60)
    if running.returncode:
        assert running.returncode == 130
        assert "Traceback" not in told
        assert "interrupted" in told
    made = names(target)
    assert all(name.endswith((".nii", ".json")) for name in made)  # no temporary files
    for name in made:
        if name.endswith(".nii"):
            assert from_nifti(target / name).pixels.shape == (3, 6, 8)


def test_many_series_of_one_name(series, tmp_path):
    builder = series()
    for number in range(60):
        builder.common.update(SeriesInstanceUID=generate_uid(), SeriesNumber=number)
        builder.stack(1)
    found = convert_series(
        builder.folder, tmp_path / "out", pattern="x", gzip=False, sidecar=False, progress=False
    )
    made = names(tmp_path / "out")
    assert len(found.outputs) == len(made) == 60
    assert {"x.nii", "xa.nii", "xz.nii", "xaa.nii"} <= set(made)


def test_names_without_end():
    given = Names()
    made = [given.another("x", ".dcm", lambda name: name == "xb.dcm") for _ in range(1000)]
    assert len(set(made)) == 1000
    assert made[:3] == ["xa.dcm", "xc.dcm", "xd.dcm"]
    assert made[-1] == "x1000.dcm"


def test_what_is_printed(series, tmp_path, command, capsys):
    builder = series(PatientName="Secret^Name", PatientBirthDate="19700101", PatientID="S-4711")
    builder.stack(3)
    builder.add(None, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", Modality="SR", SeriesInstanceUID="1.2.3")
    odd = builder.add(pattern(9), [0, 0, 0], SeriesInstanceUID="1.2.4", PatientWeight="98.7654")
    odd.write_bytes(odd.read_bytes().replace(b"98.7654", b"S-4711 "))
    (builder.folder / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 40)
    for options in ((), ("-v", "y"), ("-n", "-1"), ("-q", "y"), ("-r", "y", "-f", "%s_%r")):
        command(*options, "-w", "1", "-o", tmp_path / "out", builder.folder)
    told = "".join(capsys.readouterr())
    assert "Secret" not in told
    assert "4711" not in told
    assert "\r" not in told  # a bar is for terminals
    command("--progress", "-f", "y", "-o", tmp_path / "out", builder.folder)
    assert "[####" in capsys.readouterr().err
