"""``pydcm convert-series``: folders of DICOM to NIfTI with sidecars. Options are dcm2niix's where it has them."""

from __future__ import annotations

import argparse
import io
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any, NoReturn

from pydcm_pixels._bids.options import add_options

if TYPE_CHECKING:
    from pydcm_pixels._bids.convert import Conversion

__all__ = ["register"]

#: Exit codes, as dcm2niix has them.
NOTHING_FOUND, NO_INPUT, NO_OUTPUT, SOME_FAILED = 2, 5, 6, 8
#: What a shell gets of a program that was interrupted.
_INTERRUPTED = 130
_CONFLICTS = {"0": "skip", "1": "overwrite", "2": "suffix"}
_INTEGERS = {"y": "lossless", "n": "int16", "o": "original"}
_PATTERN = "%f_%p_%t_%s"
_OTHER_FORMATS = {"o": "MGH", "j": "JNIfTI", "b": "BJNIfTI"}
_EXITS = """exit codes:
  0  everything was converted
  2  there was no DICOM image
  5  a file or folder to convert is not there
  6  the output folder cannot be written, or is full
  8  some images were converted, others could not be read

Files that were left out are listed on standard error, with the reason. Nothing is written outside of the output folder;
every file is written whole or not at all."""


def register(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register the sub-command."""
    parser = subparsers.add_parser(
        "convert-series",
        help="convert series to NIfTI with BIDS sidecars",
        description="Convert all series in files and folders to NIfTI, with a BIDS sidecar (.json) and, for diffusion, FSL's "
        ".bval and .bvec. Options are dcm2niix's. Files that are there already are never replaced unless asked for.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="pydcm convert-series [options] PATH [PATH ...] [FOLDER]",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files and folders; without -o, the last one is the folder to write to",
    )
    add_options(parser)
    parser.set_defaults(func=_run)


def _run(args: argparse.Namespace) -> None:
    if args.version:
        from pydcm_pixels import __version__

        print(f"pydcm-pixels {__version__}")
        return
    if args.export in _OTHER_FORMATS:
        _end(2, f"-e {args.export}: {_OTHER_FORMATS[args.export]} is not written; NIfTI and NRRD (-e y) are")
    if not args.paths:
        _end(NO_INPUT, "what is to be converted? Give files or folders")
    codes = args.only or []
    looks = args.search != "n" or any(code < 0 for code in codes)
    sources = list(args.paths)
    target = args.output
    if target is None and not looks:
        if len(sources) < 2:
            _end(NO_OUTPUT, "where to write to? Give a folder after the input, or -o FOLDER")
        target = sources.pop()
    source: Any = sources[0] if len(sources) == 1 else sources
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files that are no text
    try:
        with warnings.catch_warnings():
            if args.verbose in ("n", "0"):
                warnings.simplefilter("ignore")  # they may quote what is in the files
            _do(source, target, args, looks)
    except KeyboardInterrupt:
        _end(_INTERRUPTED, "interrupted; the files that were written are whole")
    except FileNotFoundError as error:
        _end(NO_INPUT, str(error))
    except OSError as error:
        _end(NO_OUTPUT, f"nothing more can be written: {error}")


def _do(source: Any, target: Any, args: argparse.Namespace, looks: bool) -> None:
    if args.search != "n":
        _search(source, args)
    elif looks:
        _list(source, args)
    elif args.rename == "y":
        _rename(source, target, args)
    else:
        _convert(source, target, args)


def _progress(args: argparse.Namespace) -> bool | None:
    if args.quiet:
        return False
    return None if args.progress is None else args.progress == "y"


def _convert(source: Any, target: str, args: argparse.Namespace) -> None:
    from pydcm_pixels._bids.convert import convert_series

    sidecar: dict[str, bool | str] = {"y": True, "n": False, "o": "only"}
    personal: dict[str, bool | str] = {"y": True, "n": False, "o": "patient"}
    precise: dict[str, bool | str] = {"y": True, "n": False, "o": "first"}
    if args.single_file == "n" and isinstance(source, str) and os.path.isfile(source):
        source = _series_of(source)
    found = convert_series(
        source,
        target,
        pattern=args.name or _PATTERN,
        gzip=args.gzip in "yoi",
        nrrd=args.export == "y",
        level=args.level,
        separate=args.gzip == "3",
        sidecar=sidecar[args.sidecar],
        anonymize=personal[args.anonymize],
        comment=args.comment,
        on_conflict=_CONFLICTS[args.on_conflict],
        regular=args.regular == "y",
        turn=args.crop != "i",
        crop=args.crop == "y",
        merge=args.merge in ("y", "1"),
        terse=args.terse,
        only=args.only,
        depth=args.depth,
        skip_derived=args.ignore_derived == "y",
        integers=_INTEGERS[args.lossless_scaling],
        precise=precise[args.philips_float],
        workers=args.workers,
        progress=_progress(args),
    )
    _report(found, args)


def _rename(source: Any, target: str, args: argparse.Namespace) -> None:
    from pydcm_pixels._bids.renaming import PATTERN, rename

    made, left_out = rename(
        source,
        target,
        pattern=args.name or PATTERN,
        on_conflict=_CONFLICTS[args.on_conflict],
        depth=args.depth,
        progress=_progress(args),
    )
    if not args.quiet:
        print(f"{len(made)} files copied to {target}")
        if args.verbose in ("y", "1", "2"):
            print(*made, sep="\n")
    _tell(left_out)
    if not made and not left_out:
        raise SystemExit(NOTHING_FOUND)
    if _failed(left_out):
        raise SystemExit(SOME_FAILED)


def _search(source: Any, args: argparse.Namespace) -> None:
    """Say how many files are DICOM, and which."""
    from pydcm.misc import is_dicom
    from pydcm_pixels._series.scan import expand

    files = [path for path in expand(source, args.depth) if is_dicom(path)]
    if args.search == "l":
        print(*files, sep="\n")
    print(f"{len(files)} DICOM files")
    if not files:
        raise SystemExit(NOTHING_FOUND)


def _list(source: Any, args: argparse.Namespace) -> None:
    """List the series with the numbers that choose them, as they are converted."""
    from pydcm_pixels._bids.convert import series_code
    from pydcm_pixels._bids.recordings import find_recordings
    from pydcm_pixels._series.discovery import discover
    from pydcm_pixels._series.scan import expand

    paths = list(expand(source, args.depth))
    found = discover(paths, progress=_progress(args), workers=args.workers, like_dcm2niix=True)
    for stack in found.stacks:
        shape = " x ".join(map(str, stack.shape))
        number = "" if stack.series_number is None else stack.series_number
        print(series_code(stack.series_uid), number, stack.modality, shape, stack.description, sep="\t")
    others, _ = find_recordings(found.left_out)
    for one in others:
        header, number = one.header, one.header.integer(0x00200011) or ""
        description = header.text(0x0008103E)
        print(
            series_code(header.text(0x0020000E)),
            number,
            header.text(0x00080060),
            one.kind,
            description,
            sep="\t",
        )
    if not found.stacks and not others:
        raise SystemExit(NOTHING_FOUND)


def _series_of(path: str) -> list[str]:
    """Return the files beside one that are of its series, as dcm2niix takes them."""
    from pydcm import dcmread
    from pydcm_pixels._series.scan import is_dicomdir

    def series(name: str) -> str:
        try:
            return str(dcmread(name, specific_tags=["SeriesInstanceUID"]).get("SeriesInstanceUID", ""))
        except Exception:  # whatever it is, it is not of the series
            return ""

    wanted = series(path)
    folder = os.path.dirname(os.path.abspath(path))
    if not wanted or is_dicomdir(os.path.basename(path)):
        return [path]
    files = sorted(entry.path for entry in os.scandir(folder) if entry.is_file())
    return [name for name in files if series(name) == wanted]


def _report(found: Conversion, args: argparse.Namespace) -> None:
    from pydcm_pixels._bids.convert import UNWRITABLE

    if not args.quiet:
        for output in found.outputs:
            print(output.path, " x ".join(map(str, output.shape)))
            for note in output.notes:
                print(f"  note: {note}")
            if args.verbose in ("y", "1", "2"):
                print(*(f"  {path}" for path in output.files), sep="\n")
    _tell(found.left_out)
    failed = _failed(found.left_out)
    if not found.outputs:
        refused = any(reason.startswith(UNWRITABLE) for _, reason in found.left_out)
        raise SystemExit(NO_OUTPUT if refused else NOTHING_FOUND)
    if failed:
        raise SystemExit(SOME_FAILED)


def _tell(left_out: list[tuple[str, str]]) -> None:
    """List what was left out; a reason that holds for many files in a row is given once."""
    at = 0
    while at < len(left_out):
        path, reason = left_out[at]
        end = at + 1
        while end < len(left_out) and left_out[end][1] == reason:
            end += 1
        more = f" and {end - at - 1} more files up to {left_out[end - 1][0]}" if end - at > 1 else ""
        print(f"left out: {path}{more}: {reason}", file=sys.stderr)
        at = end


def _failed(left_out: list[tuple[str, str]]) -> bool:
    from pydcm_pixels._bids.convert import UNWRITABLE
    from pydcm_pixels._series.scan import UNREADABLE

    return any(reason.startswith((UNREADABLE, UNWRITABLE)) or "Error: " in reason for _, reason in left_out)


def _end(code: int, message: str) -> NoReturn:
    print(f"convert-series: {message}", file=sys.stderr)
    raise SystemExit(code)
