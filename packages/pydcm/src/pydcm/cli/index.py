"""``pydcm index``: a table of chosen elements of many files."""

from __future__ import annotations

import argparse
import sys
from typing import Any

__all__ = ["register"]


def register(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register the sub-command."""
    from .._index import DEFAULT_TAGS

    parser = subparsers.add_parser(
        "index",
        help="make a table of chosen elements of many files",
        description="Read the headers of all files below some directories or URL prefixes and write a table (CSV or "
        "Parquet) of chosen elements. Files that cannot be read are listed in the column 'error'. An interrupted run "
        "continues where it stopped.",
    )
    parser.add_argument("paths", nargs="+", help="files, directories or URL prefixes (with fsspec)")
    parser.add_argument(
        "-t",
        "--tags",
        metavar="TAG,...",
        help=f"keywords, tags or paths of keywords; default: {','.join(DEFAULT_TAGS)}",
    )
    parser.add_argument(
        "-o", "--output", help="a .csv or .parquet file; CSV goes to standard output without it"
    )
    parser.add_argument(
        "-w", "--workers", type=int, metavar="N", help="threads; as many as processors by default"
    )
    parser.add_argument(
        "-p", "--pattern", metavar="GLOB", help="only files of such a name, for example '*.dcm'"
    )
    parser.add_argument("-f", "--force", action="store_true", help="read files without the DICOM prefix, too")
    parser.add_argument("--restart", action="store_true", help="do not continue an interrupted run")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar")
    parser.set_defaults(func=_index)


def _index(args: argparse.Namespace) -> None:
    import os
    import tempfile

    from .._index import index

    options: dict[str, Any] = {
        "tags": _split(args.tags) if args.tags else None,
        "workers": args.workers,
        "pattern": args.pattern,
        "force": args.force,
        "resume": not args.restart,
        "progress": not args.quiet and sys.stderr.isatty(),
    }
    if args.output:
        print(index(args.paths, output=args.output, **options))
        return
    with tempfile.TemporaryDirectory(prefix="pydcm-index-") as folder:
        path = index(args.paths, output=os.path.join(folder, "index.csv"), **options)
        with open(path, encoding="utf-8", newline="") as file:
            for line in file:
                sys.stdout.write(line)


def _split(text: str) -> list[str]:
    """Split at commas that are not inside a tag such as ``(0010,0010)``."""
    import re

    return [part.strip() for part in re.findall(r"\([^)]*\)|[^,]+", text)]
