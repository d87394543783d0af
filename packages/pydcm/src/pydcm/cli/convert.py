"""``pydcm copy`` and ``pydcm convert``: files to another place, and to another transfer syntax."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    "jpeg-12": "1.2.840.10008.1.2.4.51",
    "jpeg-lossless": "1.2.840.10008.1.2.4.70",
    "jpeg-ls": "1.2.840.10008.1.2.4.80",
    "jpeg-ls-near": "1.2.840.10008.1.2.4.81",
    "j2k": "1.2.840.10008.1.2.4.90",
    "j2k-lossy": "1.2.840.10008.1.2.4.91",
    "htj2k": "1.2.840.10008.1.2.4.201",
    "htj2k-lossy": "1.2.840.10008.1.2.4.203",
    "jpeg-xl": "1.2.840.10008.1.2.4.110",
    "jpeg-xl-jpeg": "1.2.840.10008.1.2.4.111",
    "jpeg-xl-lossy": "1.2.840.10008.1.2.4.112",
    "deflated-frames": "1.2.840.10008.1.2.8.1",
    "encapsulated": "1.2.840.10008.1.2.1.98",
}
_JPEG_2000 = "1.2.840.10008.1.2.4.91"
_MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"


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
    _add_encoding_arguments(parser)


def _add_encoding_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what encoders can be told; the destinations are the options of `pydcm.pixels.transcode`."""
    group = parser.add_argument_group("encoding")
    group.add_argument("--quality", type=int, metavar="N", help="lossy JPEG: quality, 1 to 100 (default 90)")
    lossy = group.add_mutually_exclusive_group()
    lossy.add_argument(
        "--ratio",
        dest="j2k_cr",
        type=_numbers,
        metavar="R[,R...]",
        help="lossy JPEG 2000: at least so many times smaller than the samples; several make quality layers",
    )
    lossy.add_argument(
        "--psnr",
        dest="j2k_psnr",
        type=_numbers,
        metavar="DB[,DB...]",
        help="lossy JPEG 2000: signal to noise in dB",
    )
    group.add_argument(
        "--near",
        dest="jls_error",
        type=int,
        metavar="N",
        help="near-lossless JPEG-LS: greatest difference per sample (default 0: lossless)",
    )
    group.add_argument(
        "--distance",
        type=float,
        metavar="D",
        help="lossy JPEG XL: 0 (lossless) to 25 (default 1: visually lossless)",
    )
    group.add_argument(
        "--step",
        dest="htj2k_step",
        type=float,
        metavar="S",
        help="lossy HTJ2K: quantisation step, 0.00001 to 0.5 (default: lossless)",
    )
    group.add_argument(
        "--predictor", type=int, metavar="N", help="JPEG Lossless (process 14): predictor, 1 to 7"
    )
    group.add_argument(
        "--verify", action="store_true", default=None, help="decode lossless frames again and compare them"
    )
    group.add_argument(
        "--extended-offsets",
        dest="encapsulate_ext",
        action="store_true",
        default=None,
        help="write an extended offset table instead of a basic one",
    )
    group.add_argument(
        "--keep-uid",
        dest="generate_instance_uid",
        action="store_false",
        default=None,
        help="keep the SOP Instance UID even if samples change",
    )
    group.add_argument(
        "--decoder", dest="decoding_plugin", metavar="NAME", help="what decodes (default: whatever is best)"
    )
    group.add_argument("--encoder", dest="encoding_plugin", metavar="NAME", help="what encodes")
    group.add_argument("--workers", type=int, metavar="N", help="threads (default: one per processor)")


_ENCODING = (
    "quality",
    "j2k_cr",
    "j2k_psnr",
    "jls_error",
    "distance",
    "htj2k_step",
    "predictor",
    "verify",
    "encapsulate_ext",
    "generate_instance_uid",
    "decoding_plugin",
    "encoding_plugin",
    "workers",
)


def _numbers(text: str) -> list[float]:
    """Return the numbers of a comma-separated list: an argparse ``type``."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number, nor several with commas between them"
        ) from None


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
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar")
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
    syntax: UID | None = args.to
    options = {name: value for name in _ENCODING if (value := getattr(args, name, None)) is not None}
    if str(syntax) == _JPEG_2000 and not {"j2k_cr", "j2k_psnr", "encoding_plugin"} & options.keys():
        raise ValueError("lossy JPEG 2000 needs --ratio or --psnr; lossless is --to j2k")
    if len(jobs) == 1:
        source, target = jobs[0]
        try:
            _convert_file(source, target, syntax, overwrite=args.overwrite, **options)
        except (OSError, ImportError):  # which say what they are about
            raise
        except Exception as exc:
            raise ValueError(f"{source}: {exc}") from exc
        return
    from .._index._run import draw_bar

    failed = 0
    shows = not args.quiet and sys.stderr.isatty()
    for done, (source, error) in enumerate(_convert_files(jobs, syntax, args.overwrite, options), start=1):
        if shows:
            draw_bar(done, len(jobs))
        if error is not None:
            failed += 1
            if shows:
                print(file=sys.stderr)
            print(f"{source}: {type(error).__name__}: {error}", file=sys.stderr)
    print(f"{len(jobs) - failed} of {len(jobs)} files written to {args.target}")
    if failed:
        raise ValueError(f"{failed} of {len(jobs)} files could not be written")


def _convert_files(
    jobs: list[tuple[str, str]], syntax: UID | None, overwrite: bool, options: dict[str, Any]
) -> Iterator[tuple[str, Exception | None]]:
    """Convert each file in one thread, several at a time; yield their names with what went wrong, in their order."""
    from concurrent.futures import ThreadPoolExecutor

    def convert(job: tuple[str, str]) -> tuple[str, Exception | None]:
        try:
            _convert_file(*job, syntax, overwrite=overwrite, **one)
        except Exception as exc:
            return job[0], exc
        return job[0], None

    workers = options.get("workers", os.cpu_count() or 1)
    one = {**options, "workers": 1} if syntax is not None else options
    with ThreadPoolExecutor(max(1, workers), thread_name_prefix="pydcm-convert") as pool:
        try:
            yield from pool.map(convert, jobs)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


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


def _convert_file(source: str, target: str, syntax: UID | None, *, overwrite: bool, **options: Any) -> None:
    from ..filereader import dcmread
    from ..filewriter import dcmwrite

    ds = dcmread(source)
    if syntax is not None:
        convert_dataset(ds, syntax, **options)
    folder = os.path.dirname(target)
    if folder:
        os.makedirs(folder, exist_ok=True)
    # Dataset.save_as refuses to change the byte order: convert_dataset has seen to the words
    dcmwrite(target, ds, enforce_file_format=syntax is not None, overwrite=overwrite)


def convert_dataset(ds: Dataset, syntax: UID, **options: Any) -> None:
    """Change a data set so that writing it gives another transfer syntax.

    Parameters
    ----------
    ds : Dataset
        With ``file_meta``; changed in place. Write it with :func:`pydcm.dcmwrite`.
    syntax : UID
        What to change to. Pixel data is decoded and encoded as needed, which the pixels plugin does. Without pixel data
        there is nothing to compress: the data set becomes uncompressed if it was not, and else stays as it is.
    **options
        What to tell :func:`pydcm.pixels.transcode`.

    Raises
    ------
    MissingPluginError
        If pixel data has to be decoded or encoded and the pixels plugin is not installed.
    ValueError
        If the data set does not say which transfer syntax it has, or is the directory of a medium.
    """
    from ..uid import ExplicitVRLittleEndian
    from ..util.byteorder import swap_words

    current = ds.file_meta.get("TransferSyntaxUID")
    if current is None:
        raise ValueError("the file does not say which transfer syntax it has (0002,0010)")
    if ds.file_meta.get("MediaStorageSOPClassUID") == _MEDIA_DIRECTORY:
        raise ValueError(
            "a DICOMDIR says of other files which transfer syntax they have: leave it out, and make a new one with "
            "pydcm.fileset.FileSet"
        )
    encapsulated = [one.is_compressed and not one.is_deflated for one in (current, syntax)]
    if any(encapsulated) and "PixelData" in ds:
        from ..pixels import transcode

        transcode(ds, syntax, **options)
        return
    if encapsulated[1]:
        syntax = ExplicitVRLittleEndian if encapsulated[0] else current
    if current.is_little_endian != syntax.is_little_endian:
        swap_words(ds)
    ds.file_meta.TransferSyntaxUID = syntax
