"""``pydcm dump``: where everything is in a file."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from .main import filespec_help, filespec_parser

if TYPE_CHECKING:
    from ..dataset import Dataset

__all__ = ["register"]


def register(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register the sub-command."""
    parser = subparsers.add_parser(
        "dump",
        help="list every element with its place in the file, or print bytes",
        description="List every element with its offset and length in bytes, or print bytes of the file.",
    )
    parser.add_argument("filespec", help=filespec_help, type=filespec_parser)
    parser.add_argument("--hex", action="store_true", help="print the file's bytes instead")
    parser.add_argument("--start", type=_number, default=0, metavar="OFFSET", help="first byte to print")
    parser.add_argument(
        "--stop", type=_number, metavar="OFFSET", help="where to stop; after 4 KiB by default"
    )
    parser.set_defaults(func=_dump)


def _number(text: str) -> int:
    return int(text, 0)


def _dump(args: argparse.Namespace) -> None:
    from ..dataset import Dataset

    ds, part = args.filespec[0]
    if args.hex:
        from ..util.dump import hexdump

        stop = args.start + 4096 if args.stop is None else args.stop
        with open(ds.filename, "rb") as file:
            print(hexdump(file, start_address=args.start, stop_address=stop, show_address=True))
        return
    print(f"{'offset':>10} {'length':>10}  element")
    if part is None:
        _list(getattr(ds, "file_meta", None) or Dataset(), 0)
    _list(part if isinstance(part, Dataset) else ds, 0)


def _list(ds: Dataset, depth: int) -> None:
    for elem in ds:
        place = ds.element_location(elem.tag)
        offset = f"{place.offset:>10}" if place is not None else f"{'-':>10}"
        length = "-" if place is None else "undefined" if place.length is None else str(place.length)
        value = f"{len(elem.value)} item(s)" if elem.VR == "SQ" else elem.repval
        print(f"{offset} {length:>10}  {'  ' * depth}{elem.tag} {elem.VR} {elem.name}: {value}")
        if elem.VR == "SQ":
            for number, item in enumerate(elem.value):
                print(f"{'':>21}  {'  ' * depth}  item {number}")
                _list(item, depth + 2)
