"""``pydcm convert-series``: folders of DICOM to NIfTI with sidecars."""

from __future__ import annotations

import argparse
import sys
from typing import Any

__all__ = ["register"]


def register(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register the sub-command."""
    parser = subparsers.add_parser(
        "convert-series",
        help="convert series to NIfTI with BIDS sidecars",
        description="Convert all series in files and folders to NIfTI, with a BIDS sidecar (.json) and, for diffusion, "
        "FSL's .bval and .bvec. Options are like dcm2niix's.",
    )
    parser.add_argument("sources", nargs="+", help="files and folders")
    parser.add_argument("target", help="the folder to write to")
    parser.add_argument(
        "-f",
        "--name",
        default="%f_%p_%t_%s",
        metavar="PATTERN",
        help="names of outputs: %%%%a coil, %%%%b file, %%%%c comments, %%%%d description, %%%%e echo, %%%%f folder, "
        "%%%%g accession, %%%%i patient's ID, %%%%j series UID, %%%%k study UID, %%%%m maker, %%%%n name, "
        "%%%%o instance UID, %%%%p protocol, %%%%r instance, %%%%s series, %%%%t time, %%%%u acquisition, "
        "%%%%v vendor, %%%%x study, %%%%z sequence; default: %(default)s".replace("%%%%", "%%"),
    )
    parser.add_argument("-z", "--gzip", choices=("y", "n"), default="y", help="compress (default: y)")
    parser.add_argument(
        "-b", "--sidecar", choices=("y", "n"), default="y", help="write sidecars (default: y)"
    )
    parser.add_argument(
        "--keep-identity", action="store_true", help="keep patient, dates and identifiers in sidecars"
    )
    parser.add_argument(
        "-w",
        "--on-conflict",
        choices=("suffix", "skip", "overwrite"),
        default="suffix",
        help="what to do if an output is there already (default: suffix)",
    )
    parser.add_argument("--workers", type=int, metavar="N", help="threads")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar, no list of outputs")
    parser.set_defaults(func=_convert)


def _convert(args: argparse.Namespace) -> None:
    from pydcm_pixels._bids.convert import convert_series

    found = convert_series(
        args.sources[0] if len(args.sources) == 1 else args.sources,
        args.target,
        pattern=args.name,
        gzip=args.gzip == "y",
        sidecar=args.sidecar == "y",
        anonymize=not args.keep_identity,
        on_conflict=args.on_conflict,
        workers=args.workers,
        progress=False if args.quiet else None,
    )
    if not args.quiet:
        for output in found.outputs:
            print(output.path, " x ".join(map(str, output.shape)))
            for note in output.notes:
                print(f"  note: {note}")
    for path, reason in found.left_out:
        print(f"left out: {path}: {reason}", file=sys.stderr)
    if not found.outputs:
        raise SystemExit(1)
