"""A path always stands for a whole file: the old one or the new one."""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import pydcm
from pydcm._core import _reserve
from pydcm._io import _atomic
from pydcm._io._atomic import write_file
from pydcm.dataset import Dataset
from pydcm.filewriter import dcmwrite

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def data_set() -> Dataset:
    ds = Dataset()
    ds.PatientID = "new"
    return ds


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.dcm"
    path.write_bytes(b"old content")
    return path


@posix
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), MemoryError()]
)
def test_failing_writes(old: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    real, calls = os.writev, []

    def writev(fd: int, buffers: list[Any]) -> int:
        calls.append(fd)
        if len(calls) == 1:
            return real(fd, [bytes(buffers[0])[:1]])
        raise error

    monkeypatch.setattr(_atomic.os, "writev", writev)
    ds = data_set()
    ds.preamble = b"\0" * 128
    with pytest.raises(type(error)):
        dcmwrite(old, ds, implicit_vr=True)
    assert len(calls) == 2
    assert old.read_bytes() == b"old content"
    assert names(old.parent) == ["old.dcm"]


@pytest.mark.parametrize("function", ["replace", "open"])
def test_failing_system_calls(old: Path, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(_atomic.os, function, fail)
    with pytest.raises(OSError, match="Input/output"):
        dcmwrite(old, data_set(), implicit_vr=True)
    monkeypatch.undo()
    assert old.read_bytes() == b"old content"
    assert names(old.parent) == ["old.dcm"]


def test_interrupted_while_the_file_is_made(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def interrupted(*args: Any, **kwargs: Any) -> None:
        os.close(real(*args, **kwargs))
        raise KeyboardInterrupt

    monkeypatch.setattr(_atomic.os, "open", interrupted)
    with pytest.raises(KeyboardInterrupt):
        dcmwrite(old, data_set(), implicit_vr=True)
    monkeypatch.undo()
    assert old.read_bytes() == b"old content"
    assert names(old.parent) == ["old.dcm"]


def test_encoding_errors_touch_nothing(old: Path) -> None:
    ds = data_set()
    ds.Rows = 1
    ds["Rows"]._value = 70000
    with pytest.raises(OSError, match=r"With tag \(0028,0010\) got exception"):
        dcmwrite(old, ds, implicit_vr=True)
    assert old.read_bytes() == b"old content"
    assert names(old.parent) == ["old.dcm"]


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.writev if hasattr(os, "writev") else None
    if real is None:
        pytest.skip("no writev here")
    monkeypatch.setattr(_atomic.os, "writev", lambda fd, buffers: real(fd, [bytes(buffers[0])[:3]]))
    write_file(str(tmp_path / "f"), [b"0123456789", b"", memoryview(b"abcdefg"), b"xy"])
    assert (tmp_path / "f").read_bytes() == b"0123456789abcdefgxy"


@posix
def test_more_buffers_than_one_call_takes(tmp_path: Path) -> None:
    write_file(str(tmp_path / "f"), [b"%06d" % i for i in range(5000)])
    assert (tmp_path / "f").read_bytes() == b"".join(b"%06d" % i for i in range(5000))


@posix
def test_mode_of_the_old_file_is_kept(old: Path) -> None:
    old.chmod(0o640)
    dcmwrite(old, data_set(), implicit_vr=True)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640


@posix
def test_mode_of_a_new_file_follows_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        dcmwrite(tmp_path / "new", data_set(), implicit_vr=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


@posix
def test_links_are_followed(old: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.dcm"
    link.symlink_to(old.name)
    dcmwrite(link, data_set(), implicit_vr=True)
    assert link.is_symlink()
    assert pydcm.dcmread(old, force=True).PatientID == "new"

    dangling = tmp_path / "dangling.dcm"
    dangling.symlink_to("made.dcm")
    dcmwrite(dangling, data_set(), implicit_vr=True)
    assert dangling.is_symlink()
    assert (tmp_path / "made.dcm").is_file()


@posix
def test_pipes_are_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    dcmwrite(pipe, data_set(), implicit_vr=True)
    reader.join()
    assert got == [b"\x10\x00\x20\x00\x04\x00\x00\x00new "]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    dcmwrite("/dev/null", data_set(), implicit_vr=True)


def test_overwriting_can_be_refused(old: Path, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError, match="File exists: '.*old.dcm'"):
        dcmwrite(old, data_set(), implicit_vr=True, overwrite=False)
    assert old.read_bytes() == b"old content"
    dcmwrite(tmp_path / "new.dcm", data_set(), implicit_vr=True, overwrite=False)
    assert names(tmp_path) == ["new.dcm", "old.dcm"]


def test_overwriting_a_file_that_turns_up_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "new.dcm"

    def pieces() -> Any:
        yield b"ours"
        target.write_bytes(b"theirs")

    with pytest.raises(FileExistsError):
        write_file(str(target), pieces(), overwrite=False)
    assert target.read_bytes() == b"theirs"
    assert names(tmp_path) == ["new.dcm"]


def test_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*args: Any, **kwargs: Any) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(_atomic.os, "link", link)
    write_file(str(tmp_path / "f"), [b"content"], overwrite=False)
    assert (tmp_path / "f").read_bytes() == b"content"
    assert names(tmp_path) == ["f"]


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere.*new.dcm"):
        dcmwrite(tmp_path / "nowhere" / "new.dcm", data_set(), implicit_vr=True)


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        dcmwrite(tmp_path, data_set(), implicit_vr=True)


def test_folder_that_takes_no_new_files(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(target: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(_atomic, "_make_temporary", refuse)
    dcmwrite(old, data_set(), implicit_vr=True)
    assert pydcm.dcmread(old, force=True).PatientID == "new"
    with pytest.raises(PermissionError, match="new.dcm"):
        dcmwrite(old.parent / "new.dcm", data_set(), implicit_vr=True)


def test_long_names_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / ("ä" * 120)
    dcmwrite(path, data_set(), implicit_vr=True)
    assert path.is_file()
    dcmwrite(os.fsencode(tmp_path / "bytes"), data_set(), implicit_vr=True)
    assert (tmp_path / "bytes").is_file()


def test_file_that_is_being_read(old: Path) -> None:
    dcmwrite(old, data_set(), implicit_vr=True)
    ds = pydcm.dcmread(old, force=True)
    ds.PatientName = "Somebody"
    ds.save_as(old)
    ds.PatientID = "newer"
    ds.save_as(old)
    again = pydcm.dcmread(old, force=True)
    assert (again.PatientID, again.PatientName) == ("newer", "Somebody")


def test_room_for_a_large_file_is_asked_for_first(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytes(range(256)) * (1 << 16)
    _atomic.write_file(os.fspath(old), [b"head", content])
    assert old.stat().st_size == len(content) + 4
    assert old.read_bytes().endswith(content)

    def full(fd: int, nbytes: int) -> None:
        assert nbytes == len(content)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(_reserve, "reserve", full)
    with pytest.raises(OSError, match="No space left"):
        _atomic.write_file(os.fspath(old), [content])
    assert old.stat().st_size == len(content) + 4
    assert names(old.parent) == ["old.dcm"]


def test_no_room_is_asked_for_in_pipes() -> None:
    read, write = os.pipe()
    try:
        _reserve.reserve(write, 1 << 40)
        _reserve.reserve(-1, 1 << 40)  # writing to it says what is wrong
    finally:
        os.close(read)
        os.close(write)
