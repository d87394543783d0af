"""``pydcm convert-series``: folders of DICOM to NIfTI with sidecars. Options are dcm2niix's where it has them."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydcm_pixels._bids.convert import Conversion

__all__ = ["register"]

#: Exit codes, as dcm2niix has them.
NOTHING_FOUND, NO_INPUT, NO_OUTPUT, SOME_FAILED = 2, 5, 6, 8
_CONFLICTS = {"0": "skip", "1": "overwrite", "2": "suffix"}
_INTEGERS = {"y": "lossless", "n": "int16", "o": "original"}
_CODES = (
    "%a coil, %b file, %c comments, %d description, %e echo, %f folder, %g accession number, %i patient's ID, "
    "%j series UID, %k study UID, %m manufacturer, %n patient's name, %o instance UID, %p protocol, %q scanning sequence, %r instance, "
    "%s series, %t time, %u acquisition, %v vendor, %x study, %z sequence; %3s is with three digits; / makes folders"
)
_EXITS = """exit codes:
  0  everything was converted
  2  there was no DICOM image
  5  a file or folder to convert is not there
  6  the output folder cannot be written
  8  some images were converted, others could not be read"""


def register(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register the sub-command."""
    parser = subparsers.add_parser(
        "convert-series",
        help="convert series to NIfTI with BIDS sidecars",
        description="Convert all series in files and folders to NIfTI, with a BIDS sidecar (.json) and, for diffusion, "
        "FSL's .bval and .bvec. Options are dcm2niix's. Files that are there already are never replaced unless asked for.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "paths",
        nargs="+",
        metavar="PATH",
        help="files and folders; without -o, the last one is the folder to write to",
    )
    add("-o", "--output", metavar="FOLDER", help="the folder to write to")
    codes = _CODES.replace("%", "%%")
    add(
        "-f", "--name", default="%f_%p_%t_%s", metavar="PATTERN", help=f"names: {codes}; default: %(default)s"
    )
    _choice(parser, "-z", "--gzip", ("y", "n"), "y", "compress")
    for level in range(1, 10):
        add(f"-{level}", dest="level", action="store_const", const=level, help=argparse.SUPPRESS)
    _choice(parser, "-b", "--sidecar", ("y", "n", "o"), "y", "write sidecars (o: nothing else)")
    _choice(
        parser, "-ba", "--anonymize", ("y", "n"), "y", "leave patient, dates and identifiers out of sidecars"
    )
    _choice(
        parser,
        "-i",
        "--ignore-derived",
        ("y", "n"),
        "n",
        "leave out derived images, localizers, single slices",
    )
    _choice(
        parser,
        "-m",
        "--merge",
        ("y", "n", "1", "0", "2"),
        "2",
        "keep echoes and components of a series together",
    )
    _choice(
        parser,
        "-l",
        "--lossless-scaling",
        ("y", "n", "o"),
        "o",
        "16-bit voxels: y scales them to use their range, "
        "n stores unsigned as signed ones where they fit, o keeps them",
    )
    _choice(
        parser, "-p", "--philips-float", ("y", "n"), "y", "Philips: comparable instead of displayed values"
    )
    _choice(parser, "-x", "--crop", ("n", "i"), "n", "i: do not turn MR slabs to the axes of the patient")
    _choice(parser, "-s", "--single-file", ("y", "n"), "n", "convert the file alone, not its series")
    _choice(
        parser,
        "--regular",
        "--equalize",
        ("y", "n"),
        "y",
        "second files for uneven slices (_Eq) and tilt (_Tilt)",
    )
    _choice(
        parser,
        "-w",
        "--on-conflict",
        (*_CONFLICTS, *_CONFLICTS.values()),
        "2",
        "if an output is there already: 0 skip it, 1 overwrite it, 2 add a letter to the name",
    )
    add(
        "-v",
        "--verbose",
        nargs="?",
        choices=("y", "n", "0", "1", "2"),
        const="1",
        default="0",
        help="list all files",
    )
    add("--workers", type=int, metavar="N", help="threads")
    add("-q", "--quiet", action="store_true", help="no progress bar, no list of outputs")
    parser.set_defaults(func=_convert, level=1)


def _choice(
    parser: argparse.ArgumentParser, short: str, long: str, choices: tuple[str, ...], default: str, text: str
) -> None:
    parser.add_argument(short, long, choices=choices, default=default, help=f"{text} (default: {default})")


def _convert(args: argparse.Namespace) -> None:
    from pydcm_pixels._bids.convert import convert_series

    sources, target = list(args.paths), args.output
    if target is None:
        if len(sources) < 2:
            _end(NO_OUTPUT, "where to write to? Give a folder after the input, or -o FOLDER")
        target = sources.pop()
    sidecar: dict[str, bool | str] = {"y": True, "n": False, "o": "only"}
    source: Any = sources[0] if len(sources) == 1 else sources
    if args.single_file == "n" and len(sources) == 1 and os.path.isfile(sources[0]):
        source = _series_of(sources[0])
    try:
        found = convert_series(
            source,
            target,
            pattern=args.name,
            gzip=args.gzip == "y",
            level=args.level,
            sidecar=sidecar[args.sidecar],
            anonymize=args.anonymize == "y",
            on_conflict=_CONFLICTS.get(str(args.on_conflict), str(args.on_conflict)),
            regular=args.regular == "y",
            turn=args.crop != "i",
            merge=args.merge in ("y", "1"),
            skip_derived=args.ignore_derived == "y",
            integers=_INTEGERS[args.lossless_scaling],
            precise=args.philips_float == "y",
            workers=args.workers,
            progress=False if args.quiet else None,
        )
    except FileNotFoundError as error:
        _end(NO_INPUT, str(error))
    except OSError as error:
        _end(NO_OUTPUT, str(error))
    _report(found, args)


def _series_of(path: str) -> list[str]:
    """Return the files beside one that are of its series, as dcm2niix takes them."""
    from pydcm import dcmread

    def series(name: str) -> str:
        try:
            return str(dcmread(name, specific_tags=["SeriesInstanceUID"]).get("SeriesInstanceUID", ""))
        except Exception:  # whatever it is, it is not of the series
            return ""

    wanted = series(path)
    folder = os.path.dirname(os.path.abspath(path))
    if not wanted or os.path.basename(path).upper() == "DICOMDIR":
        return [path]
    files = sorted(entry.path for entry in os.scandir(folder) if entry.is_file())
    return [name for name in files if series(name) == wanted]


def _report(found: Conversion, args: argparse.Namespace) -> None:
    from pydcm_pixels._series.scan import UNREADABLE

    if not args.quiet:
        for output in found.outputs:
            print(output.path, " x ".join(map(str, output.shape)))
            for note in output.notes:
                print(f"  note: {note}")
            if args.verbose in ("y", "1", "2"):
                print(*(f"  {path}" for path in output.files), sep="\n")
    for path, reason in found.left_out:
        print(f"left out: {path}: {reason}", file=sys.stderr)
    failed = any(reason.startswith(UNREADABLE) or "Error: " in reason for _, reason in found.left_out)
    if not found.outputs:
        raise SystemExit(NOTHING_FOUND)
    if failed:
        raise SystemExit(SOME_FAILED)


def _end(code: int, message: str) -> None:
    print(f"convert-series: {message}", file=sys.stderr)
    raise SystemExit(code)
