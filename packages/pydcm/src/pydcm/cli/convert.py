"""``pydcm copy`` and ``pydcm convert``: files to another place, and to another transfer syntax."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..dataset import Dataset
    from ..uid import UID

__all__ = ["convert_dataset", "register_convert", "register_copy", "transfer_syntax"]

_SHORT_NAMES = {
    "implicit": "1.2.840.10008.1.2",
    "explicit": "1.2.840.10008.1.2.1",
    "deflated": "1.2.840.10008.1.2.1.99",
    "big": "1.2.840.10008.1.2.2",
    "rle": "1.2.840.10008.1.2.5",
    "jpeg": "1.2.840.10008.1.2.4.50",
    "jpeg-lossless": "1.2.840.10008.1.2.4.70",
    "jpeg-ls": "1.2.840.10008.1.2.4.80",
    "j2k": "1.2.840.10008.1.2.4.90",
    "j2k-lossy": "1.2.840.10008.1.2.4.91",
    "htj2k": "1.2.840.10008.1.2.4.201",
}
# VRs whose values are words, with the words' sizes in bytes (PS3.5 §7.3)
_WORDS = {"OW": 2, "OL": 4, "OF": 4, "OD": 8, "OV": 8}


def register_copy(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register ``copy``."""
    parser = subparsers.add_parser(
        "copy",
        help="read files and write them elsewhere",
        description="Read files and write them elsewhere, in the same transfer syntax unless --to says otherwise.",
    )
    _add_arguments(parser, needs_syntax=False)


def register_convert(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register ``convert``."""
    parser = subparsers.add_parser(
        "convert",
        help="change the transfer syntax of files",
        description="Write files in another transfer syntax: byte order, explicit or implicit VR, compression.",
    )
    _add_arguments(parser, needs_syntax=True)


def _add_arguments(parser: argparse.ArgumentParser, *, needs_syntax: bool) -> None:
    parser.add_argument("sources", nargs="+", help="files, or directories to walk")
    parser.add_argument("target", help="a file; a directory if there are several sources")
    parser.add_argument(
        "--to",
        required=needs_syntax,
        type=transfer_syntax,
        metavar="SYNTAX",
        help=f"a transfer syntax: {', '.join(_SHORT_NAMES)}, a keyword such as RLELossless, or a UID",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    parser.set_defaults(func=_run)


def transfer_syntax(text: str) -> UID:
    """Return the transfer syntax of a short name, keyword or UID: an argparse ``type``.

    Raises
    ------
    argparse.ArgumentTypeError
        If there is none.
    """
    from ..uid import UID, UID_dictionary

    uid = _SHORT_NAMES.get(text.lower(), text)
    for known, entry in UID_dictionary.items():
        if entry[1] == "Transfer Syntax" and uid in (known, entry[4]):
            return UID(known)
    raise argparse.ArgumentTypeError(f"{text!r} is no transfer syntax; try one of {', '.join(_SHORT_NAMES)}")


def _run(args: argparse.Namespace) -> None:
    jobs = list(_jobs(args.sources, args.target))
    failed = 0
    for source, target in jobs:
        try:
            _convert_file(source, target, args.to, overwrite=args.overwrite)
        except Exception as exc:
            if len(jobs) == 1:
                # An OSError names its file already
                raise exc if isinstance(exc, OSError | ImportError) else ValueError(f"{source}: {exc}")
            failed += 1
            print(f"{source}: {type(exc).__name__}: {exc}", file=sys.stderr)
    if len(jobs) > 1:
        print(f"{len(jobs) - failed} of {len(jobs)} files written to {args.target}")
    if failed:
        raise ValueError(f"{failed} of {len(jobs)} files could not be written")


def _jobs(sources: list[str], target: str) -> list[tuple[str, str]]:
    """Return the files to read with the files to write; the tree below a source directory is kept."""
    from .._index._walk import find_files

    if len(sources) == 1 and not os.path.isdir(sources[0]):
        inside = os.path.isdir(target) or target.endswith(os.sep)
        return [(sources[0], os.path.join(target, os.path.basename(sources[0])) if inside else target)]
    jobs = []
    for source in sources:
        base = source if os.path.isdir(source) else os.path.dirname(source)
        jobs += [
            (file, os.path.join(target, os.path.relpath(file, base or ".")))
            for file in find_files(source, None)
        ]
    return jobs


def _convert_file(source: str, target: str, syntax: UID | None, *, overwrite: bool) -> None:
    from ..filereader import dcmread
    from ..filewriter import dcmwrite

    ds = dcmread(source)
    if syntax is not None:
        convert_dataset(ds, syntax)
    folder = os.path.dirname(target)
    if folder:
        os.makedirs(folder, exist_ok=True)
    # Dataset.save_as refuses to change the byte order: convert_dataset has seen to the words
    dcmwrite(target, ds, enforce_file_format=syntax is not None, overwrite=overwrite)


def convert_dataset(ds: Dataset, syntax: UID) -> None:
    """Change a data set so that saving it gives another transfer syntax.

    Parameters
    ----------
    ds : Dataset
        With ``file_meta``; changed in place.
    syntax : UID
        What to change to. Pixel data is decoded and encoded as needed, which the pixels plugin does.

    Raises
    ------
    MissingPluginError
        If pixel data has to be decoded or encoded and the pixels plugin is not installed.
    ValueError
        If the data set does not say which transfer syntax it has.
    """
    current = ds.file_meta.get("TransferSyntaxUID")
    if current is None:
        raise ValueError("the file does not say which transfer syntax it has (0002,0010)")
    if current == syntax:
        return
    has_pixels = "PixelData" in ds
    if current.is_compressed and has_pixels and not current.is_deflated:
        ds.decompress(generate_instance_uid=False)
    if syntax.is_compressed and not syntax.is_deflated:
        if has_pixels:
            ds.compress(syntax, generate_instance_uid=False)
        else:
            ds.file_meta.TransferSyntaxUID = syntax
        return
    if current.is_little_endian != syntax.is_little_endian:
        _swap_words(ds)
    ds.file_meta.TransferSyntaxUID = syntax


def _swap_words(ds: Dataset) -> None:
    """Reverse the bytes of every word of values that are kept as bytes; numbers are turned by the writer."""
    for elem in ds.iterall():
        size = _WORDS.get(elem.VR)
        if size and isinstance(elem.value, bytes):
            elem.value = _reversed(elem.value, size)


def _reversed(value: bytes, size: int) -> bytes:
    swapped = bytearray(value)
    for position in range(size):
        swapped[position::size] = value[size - 1 - position :: size]
    return bytes(swapped)
