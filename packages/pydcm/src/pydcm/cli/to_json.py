"""``pydcm json``: a file in the DICOM JSON model (PS3.18 §F)."""

from __future__ import annotations

import argparse
from typing import Any

from .main import filespec_help, filespec_parser

__all__ = ["register"]


def register(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register the sub-command."""
    parser = subparsers.add_parser(
        "json",
        help="print a file in the DICOM JSON model",
        description="Print a file, or an item of it, in the DICOM JSON model.",
    )
    parser.add_argument("filespec", help=filespec_help, type=filespec_parser)
    parser.add_argument(
        "--indent", type=int, default=2, metavar="N", help="spaces per level; 0 for a single line"
    )
    parser.add_argument("--pixels", action="store_true", help="include pixel data, as base64 text")
    parser.set_defaults(func=_print)


def _print(args: argparse.Namespace) -> None:
    import json

    from ..dataset import Dataset

    ds, part = args.filespec[0]
    chosen = ds if part is None else part
    if not isinstance(chosen, Dataset):
        print(json.dumps(chosen, default=str, indent=args.indent or None, ensure_ascii=False))
        return
    if not args.pixels:
        for keyword in ("PixelData", "FloatPixelData", "DoubleFloatPixelData"):
            chosen.pop(keyword, None)
    print(json.dumps(chosen.to_json_dict(), indent=args.indent or None, ensure_ascii=False))
