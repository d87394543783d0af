"""The installed ``pydcm`` command, with the plugins that are here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pydcm_testing import builders

COMMAND = Path(sys.executable).with_name("pydcm")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def ct(tmp_path: Path) -> Path:
    path = tmp_path / "ct.dcm"
    path.write_bytes(builders.as_bytes(builders.ct_image(rows=16, columns=16)))
    return path


def test_plugins_lists_what_is_installed(distributions: list[str]) -> None:
    result = run("plugins", "-v")
    assert result.returncode == 0, result.stderr
    assert all(name in result.stdout for name in distributions if name != "pydcm")
    assert "BROKEN" not in result.stdout


def test_show_draws_a_picture(ct: Path, tmp_path: Path) -> None:
    picture = tmp_path / "ct.png"
    result = run("show", str(ct), "--pixels", "-o", str(picture))
    assert result.returncode == 0, result.stderr
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_show_draws_in_the_terminal(ct: Path) -> None:
    result = run("show", str(ct), "--pixels")
    assert result.returncode == 0, result.stderr
    assert "▀" in result.stdout


def test_convert_to_rle_and_back(ct: Path, tmp_path: Path) -> None:
    from pydcm import dcmread

    packed, unpacked = tmp_path / "rle.dcm", tmp_path / "native.dcm"
    result = run("convert", str(ct), str(packed), "--to", "rle")
    assert result.returncode == 0, result.stderr
    assert dcmread(packed).file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.5"
    result = run("convert", str(packed), str(unpacked), "--to", "explicit")
    assert result.returncode == 0, result.stderr
    assert dcmread(unpacked).PixelData == dcmread(ct).PixelData
