"""``pydcm show`` with pictures and films, through the command line itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pydcm

FRAMES = (np.arange(4)[:, None, None] * 50 + np.add.outer(np.arange(32), np.arange(48))).astype("u1")


def show(*arguments):
    command = [sys.executable, "-c", "from pydcm.cli.main import run; raise SystemExit(run())", "show"]
    return subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    from types import SimpleNamespace

    folder = tmp_path_factory.mktemp("show")
    return SimpleNamespace(folder=folder, path=folder / "film.dcm")


@pytest.fixture(autouse=True)
def written(file, make_dataset):
    if not file.path.exists():
        ds = make_dataset(FRAMES, frames=True)
        ds.WindowCenter, ds.WindowWidth = 128, 256
        ds.save_as(file.path, enforce_file_format=True)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
def test_pictures(name, file):
    image = pytest.importorskip("PIL.Image")
    target = file.folder / name
    done = show(file.path, "--export", target, "--frame", 3)
    assert (done.returncode, done.stdout.strip()) == (0, str(target)), done.stderr
    with image.open(target) as picture:
        assert np.abs(np.asarray(picture).astype(int) - FRAMES[2]).max() <= (8 if name == "a.jpg" else 0)


def test_gif(file):
    image = pytest.importorskip("PIL.Image")
    target = file.folder / "a.gif"
    assert show(file.path, "--export", target, "--fps", 5).returncode == 0
    with image.open(target) as film:
        assert film.n_frames == 4
        assert film.info["duration"] == 200
        film.seek(2)
        assert np.array_equal(np.asarray(film.convert("L")), FRAMES[2])


def test_mp4(file):
    av = pytest.importorskip("av")
    target = file.folder / "a.mp4"
    assert show(file.path, "--export", target).returncode == 0
    with av.open(str(target)) as film:
        frames = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
    assert np.abs(np.stack(frames).astype(int) - FRAMES).max() <= 20


def test_window_and_overlays(file, make_dataset):
    image = pytest.importorskip("PIL.Image")
    ds = make_dataset(np.array([[0, 100, 200, 255]], "u1"))
    ds.add_new(0x60000010, "US", 1)
    ds.add_new(0x60000011, "US", 4)
    ds.add_new(0x60000050, "SS", [1, 1])
    ds.add_new(0x60000100, "US", 1)
    ds.add_new(0x60000102, "US", 0)
    ds.add_new(0x60003000, "OW", b"\x01\x00")
    ds.save_as(file.folder / "one.dcm", enforce_file_format=True)
    target = file.folder / "window.png"
    for options, expected in (
        (("--window", "100.5,201"), [0, 128, 255, 255]),
        (("--window", "auto", "--overlays"), [255, 100, 200, 255]),
        (("--window", "-99.5,201"), [255, 255, 255, 255]),
        (("--window", "-100,1e3", "--icc"), [153, 179, 204, 218]),
    ):
        done = show(file.folder / "one.dcm", "--export", target, *options)
        assert done.returncode == 0, done.stderr
        with image.open(target) as picture:
            assert np.asarray(picture)[0].tolist() == expected
    done = show(file.folder / "one.dcm", "--pixels", "--window", "wide")
    assert done.returncode == 2
    assert "CENTER,WIDTH" in done.stderr


def test_terminal_and_png_without_pillow(file):
    done = show(file.path, "--pixels", "-f", 2)
    assert done.returncode == 0
    assert done.stdout.count("▀") >= 48
    target = file.folder / "b.png"
    assert show(file.path, "--pixels", "--output", target).returncode == 0
    imagecodecs = pytest.importorskip("imagecodecs")
    assert np.array_equal(imagecodecs.png_decode(target.read_bytes()), pydcm.render(pydcm.dcmread(file.path)))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--export", "x.png", "--frame", 9), "no frame 9"),
        (("--pixels", "--frame", 9), "no frame 9"),
        (("--pixels", "--frame", 0), "no frame 0"),
        (("--export", "x.gif", "--fps", 0), "'fps' has to be above 0"),
        (("--export", "x.unknown"), "unknown"),
    ],
)
def test_mistakes(arguments, words, file):
    arguments = [str(file.folder / one) if str(one).startswith("x.") else one for one in arguments]
    done = show(file.path, *arguments)
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_no_pixels(file):
    ds = pydcm.dcmread(file.path)
    del ds.PixelData
    ds.save_as(file.folder / "none.dcm")
    for option in (("--pixels",), ("--export", file.folder / "x.png")):
        done = show(file.folder / "none.dcm", *option)
        assert done.returncode != 0
        assert "pixel data" in done.stderr.lower()
        assert "Traceback" not in done.stderr


def test_only_the_frame_asked_for_is_read(file, make_dataset):
    """A gigabyte of frames, most of them holes in the file, is shown in a fraction of that memory."""
    path = file.folder / "long.dcm"
    ds = make_dataset(np.zeros((1, 1024, 1024), "u1"), frames=True)
    ds.PixelData = bytes([7]) * (1 << 20)
    ds.NumberOfFrames = 1
    ds.save_as(path, enforce_file_format=True)
    data = path.read_bytes().replace(b"IS\x02\x001 ", b"IS\x04\x001024")
    at = data.index(b"\xe0\x7f\x10\x00OB\0\0") + 8
    path.write_bytes(data[:at] + (1 << 30).to_bytes(4, "little") + data[at + 4 :])
    with path.open("r+b") as stream:
        stream.truncate(at + 4 + (1 << 30))
    if not Path("/proc/self/status").exists():
        pytest.skip("needs to know how much memory a program took")
    code = (  # what resource.getrusage() says counts the program that started this one
        "import sys; from pydcm.cli.main import run; status = run();"
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0], file=sys.stderr); raise SystemExit(status)"
    )
    for arguments in (["-p"], ["-o", file.folder / "long.png"], ["-e", file.folder / "long2.png"]):
        command = [sys.executable, "-c", code, "show", path, "-f", "2", *arguments]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        assert int(done.stderr.split()[-1]) < 400_000


@pytest.fixture
def with_icon(file, make_dataset):
    def make(syntax, icon_syntax=None):
        ds = make_dataset(np.zeros((64, 64), "u1"))
        icon = make_dataset(FRAMES[1])
        item = pydcm.Dataset()
        if icon_syntax:
            pydcm.pixels.transcode(icon, icon_syntax)
        for element in icon:
            if element.tag.group in (0x28, 0x7FE0):
                item.add(element)
        pydcm.pixels.transcode(ds, syntax)
        ds.IconImageSequence = [item]
        path = file.folder / "icon.dcm"
        pydcm.dcmwrite(path, ds, enforce_file_format=True)
        return path

    return make


@pytest.mark.parametrize("icon_syntax", [None, "1.2.840.10008.1.2.4.90"])
@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.90"])
def test_icons(syntax, icon_syntax, with_icon, file):
    image = pytest.importorskip("PIL.Image")
    if icon_syntax and syntax != icon_syntax:
        pytest.skip("not in such a file")
    target = file.folder / "icon.png"
    done = show(f"{with_icon(syntax, icon_syntax)}::IconImageSequence[0]", "-w", "128,256", "-o", target)
    assert done.returncode == 0, done.stderr
    with image.open(target) as picture:
        assert np.array_equal(np.asarray(picture), FRAMES[1])


@pytest.mark.parametrize("part", ["::SOPClassUID", "::IconImageSequence"])
def test_what_is_no_image(part, with_icon):
    done = show(f"{with_icon('1.2.840.10008.1.2.1')}{part}", "-p")
    assert done.returncode == 1
    assert done.stderr == "pydcm: there is no pixel data to show in this part of the file\n"


def test_files_that_are_none(file):
    for path, message in (("nowhere.dcm", "'nowhere.dcm' not found"), (file.folder, "is a directory")):
        for arguments in ([], ["-p"], ["-e", "x.png"]):
            done = show(path, *arguments)
            assert done.returncode == 2
            assert "argument filespec" in done.stderr
            assert message in done.stderr


def test_pixel_data_that_is_missing(file, make_dataset):
    ds = make_dataset(FRAMES[0])
    del ds.PixelData
    ds.save_as(file.folder / "none.dcm", enforce_file_format=True)
    done = show(file.folder / "none.dcm", "-p")
    assert done.returncode == 1
    assert "no pixel data to decode" in done.stderr
    assert "Traceback" not in done.stderr
