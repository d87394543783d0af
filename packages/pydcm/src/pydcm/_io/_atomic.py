"""Writing a file so that its name always stands for a whole file, the old one or the new one.

The bytes go to a temporary file in the same directory, which takes the place of the target only when all of them are
there. A crash, a full disk, or an interrupt half way leaves the target as it was.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

# POSIX guarantees 16 buffers in one call at least; everybody offers 1024.
_MAX_BUFFERS = 1024
# From so many bytes on it pays to reserve the blocks first.
_LARGE = 1 << 23
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0)


def _write_buffers(fd: int, buffers: list[memoryview]) -> None:
    """Write all of `buffers` to `fd`, however many calls that takes."""
    if len(buffers) == 1 or not hasattr(os, "writev"):
        for view in buffers:
            while len(view):
                view = view[os.write(fd, view) :]
        return

    todo = buffers
    while todo:
        written = os.writev(fd, todo[:_MAX_BUFFERS])
        done = 0
        while done < len(todo) and written >= len(todo[done]):
            written -= len(todo[done])
            done += 1
        todo = todo[done:]
        if written:
            todo[0] = todo[0][written:]


def write_pieces(fd: int, pieces: Iterable[Any]) -> None:
    """Write `pieces` to the file descriptor `fd`.

    Parameters
    ----------
    fd : int
        An open file descriptor.
    pieces : iterable of bytes-like or of objects with ``chunks()``
        What to write, in order. ``chunks()`` gives an iterable of bytes for a piece that is read only now.
    """
    gathered: list[memoryview] = []
    nbytes = 0
    for piece in pieces:
        if hasattr(piece, "chunks"):
            _write_buffers(fd, gathered)
            gathered = []
            for chunk in piece.chunks():
                _write_buffers(fd, [memoryview(chunk)])
        else:
            view = memoryview(piece)
            if view.nbytes:
                gathered.append(view if view.format == "B" and view.ndim == 1 else view.cast("B"))
                nbytes += view.nbytes
    if nbytes >= _LARGE:
        from pydcm._core._reserve import reserve

        reserve(fd, nbytes)
    _write_buffers(fd, gathered)


def _write_in_place(path: str | bytes, pieces: Iterable[Any]) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o666)
    try:
        write_pieces(fd, pieces)
    finally:
        os.close(fd)


def _remove(path: str | bytes) -> None:
    """Remove a file if it is there."""
    try:
        os.unlink(path)
    except OSError:
        pass


def _make_temporary(target: str | bytes) -> tuple[int, str | bytes]:
    """Make a new file next to `target`."""
    directory, name = os.path.split(target)
    for _ in range(100):
        suffix = f".{os.urandom(6).hex()}.tmp"
        # Room for the suffix where names are limited to 255 bytes.
        if isinstance(name, bytes):
            temporary: str | bytes = os.path.join(directory, b"." + name[:200] + suffix.encode())  # type: ignore[arg-type]
        else:
            temporary = os.path.join(directory, "." + name[:60] + suffix)  # type: ignore[arg-type]
        try:
            return os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666), temporary
        except FileExistsError:
            continue
        except BaseException:  # an interrupt comes when the file is there already
            _remove(temporary)
            raise
    raise FileExistsError(errno.EEXIST, "Cannot find a free name for a temporary file next to", target)


def _take_after(fd: int, old: os.stat_result) -> None:
    """Give the new file the owner and the mode of the one it replaces, as far as the system lets us."""
    new = os.fstat(fd)
    if hasattr(os, "fchown") and (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.fchown(fd, old.st_uid, old.st_gid)
        except OSError:
            pass
    if hasattr(os, "fchmod") and new.st_mode != old.st_mode:
        os.fchmod(fd, stat.S_IMODE(old.st_mode))


def _status(path: str | bytes) -> os.stat_result | None:
    """Return what is known of `path` itself, not of what it may link to; ``None`` if there is nothing."""
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None


def _put_new(temporary: str | bytes, target: str | bytes) -> None:
    """Give `temporary` the name `target`, unless that name is taken by now."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target) from None
    except (OSError, AttributeError, NotImplementedError):
        # No hard links on this file system: claim the name, then replace the empty file that holds it.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        os.replace(temporary, target)
    else:
        os.unlink(temporary)


def write_file(path: str | bytes, pieces: Iterable[Any], *, overwrite: bool = True) -> None:
    """Write `pieces` to the file `path`, which stays as it was unless all of them can be written.

    A symbolic link is followed; an existing file keeps its mode (and its owner, where the system allows that);
    devices, pipes and other special files are written to directly. In a directory that takes no new files an
    existing file is overwritten in place.

    Parameters
    ----------
    path : str or bytes
        Where to write to.
    pieces : iterable of bytes-like or of objects with ``chunks()``
        What to write, see :func:`write_pieces`.
    overwrite : bool, optional
        If ``False``, refuse to write where something is already.

    Raises
    ------
    FileExistsError
        If there is something at `path` and `overwrite` is ``False``.
    OSError
        If the file cannot be written. Nothing of it is left then.
    """
    target = path
    old = _status(path)
    if old is not None and not overwrite:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
    if old is not None and stat.S_ISLNK(old.st_mode):
        target = os.path.realpath(path)
        old = _status(target)
    if old is not None and not stat.S_ISREG(old.st_mode):
        # A directory is refused here with the error that open() gives.
        _write_in_place(target, pieces)
        return
    # Renaming asks for the right to write to the directory only: a write-protected file would be replaced.
    if old is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    try:
        fd, temporary = _make_temporary(target)
    except PermissionError:
        if old is None:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path) from None
        _write_in_place(target, pieces)
        return
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path) from None

    try:
        try:
            if old is not None:
                _take_after(fd, old)
            write_pieces(fd, pieces)
        finally:
            os.close(fd)
        if overwrite:
            os.replace(temporary, target)
        else:
            _put_new(temporary, target)
    except BaseException:
        _remove(temporary)
        raise
