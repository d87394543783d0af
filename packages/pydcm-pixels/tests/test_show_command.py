"""``pydcm show`` with pictures and films, through the command line itself."""

from __future__ import annotations

import subprocess
import sys

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
