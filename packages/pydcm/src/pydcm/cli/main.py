"""The ``pydcm`` command: what its sub-commands share, and how they are found.

A sub-command is a function that gets argparse's sub-parsers, adds its own and sets ``func`` to what runs it. The core's
are listed here; plugins and programs written for pydicom's command line publish theirs as entry points (see
:mod:`pydcm.plugins`).

The names of this module are also those of ``pydicom.cli.main``.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..dataset import Dataset

__all__ = [
    "SubCommandType",
    "eval_element",
    "filespec_help",
    "filespec_parser",
    "filespec_parts",
    "get_subcommand_entry_points",
    "help_command",
    "main",
    "run",
]

SubCommandType = dict[str, Callable[["argparse._SubParsersAction[Any]"], None]]

#: The sub-parsers of the last call of :func:`main`.
subparsers: argparse._SubParsersAction[Any] | None = None

_BUILT_IN = {
    "show": "show:add_subparser",
    "dump": "dump:register",
    "json": "to_json:register",
    "codify": "codify:add_subparser",
    "index": "index:register",
    "copy": "convert:register_copy",
    "convert": "convert:register_convert",
    "plugins": "list_plugins:register",
}

_STEP = r"\w+(?:\[-?\d+\])?"
re_kywd_or_item = _STEP
re_file_spec_object = re.compile(rf"{_STEP}(?:\.{_STEP})*$")

filespec_help = (
    "What to read, as [pydicom::]file[::element]. With the prefix 'pydicom::' the file is one of the sample files that "
    "come with the package; with an element only that part of the file is used. For example: scan.dcm, "
    "scan.dcm::StudyDate, plan.dcm::BeamSequence[0].BeamNumber, pydicom::rtplan.dcm::BeamSequence[0]"
)


def filespec_parts(filespec: str) -> tuple[str, str, str]:
    """Split a file specification into prefix, file name and element; what is not given is empty.

    A single colon may be part of the file name, so only ``::`` separates.
    """
    parts = filespec.split("::")
    prefix = ""
    if len(parts) > 1 and parts[0] == "pydicom":
        prefix = parts.pop(0)
    if len(parts) == 1:
        return prefix, parts[0], ""
    return prefix, "".join(parts[:-1]), parts[-1]


def eval_element(ds: Dataset, element: str) -> Any:
    """Return what a path such as ``BeamSequence[0].BeamNumber`` leads to in a data set.

    Raises
    ------
    argparse.ArgumentTypeError
        If the data set has no such element or item.
    """
    value: Any = ds
    try:
        for step in element.split("."):
            keyword, _, item = step.partition("[")
            value = getattr(value, keyword)
            if item:
                value = value[int(item.rstrip("]"))]
    except AttributeError:
        raise argparse.ArgumentTypeError(f"Data element '{element}' is not in the dataset") from None
    except (IndexError, TypeError) as exc:
        raise argparse.ArgumentTypeError(f"'{element}' has an index error: {exc}") from None
    return value


def filespec_parser(filespec: str) -> list[tuple[Dataset, Any]]:
    """Read a file specification: an argparse ``type``.

    Parameters
    ----------
    filespec : str
        ``[pydicom::]file[::element]``, as :data:`filespec_help` explains.

    Returns
    -------
    list of (Dataset, value)
        The data set and the part of it that was asked for, ``None`` without an element. There is one pair; it is a
        list because pydicom's is.

    Raises
    ------
    argparse.ArgumentTypeError
        If the file cannot be read, or the element is not well-formed or not there.
    """
    _, ds, part = read_filespec(filespec)
    return [(ds, part)]


def read_filespec(filespec: str, **options: Any) -> tuple[str, Dataset, Any]:
    """Read a file specification; see :func:`filespec_parser`.

    Parameters
    ----------
    filespec : str
        ``[pydicom::]file[::element]``.
    **options
        Options of :func:`pydcm.dcmread`.

    Returns
    -------
    tuple of (str, Dataset, value)
        The file's path, the data set, and the part of it that was asked for, ``None`` without an element.
    """
    from ..filereader import dcmread

    prefix, filename, element = filespec_parts(filespec)
    if element and not re_file_spec_object.match(element):
        raise argparse.ArgumentTypeError(
            f"Component '{element}' is not valid syntax for a data element, sequence, or sequence item"
        )
    path = _sample_file(filename) if prefix else filename
    try:
        ds = dcmread(path, force=True, **options)
    except IsADirectoryError:
        raise argparse.ArgumentTypeError(
            f"'{filename}' is a directory; name one of its files, or list them all with: pydcm index {filename}"
        ) from None
    except FileNotFoundError:
        hint = f", \nbut 'pydicom::{filename}' test data file is available" if _sample_file(filename) else ""
        raise argparse.ArgumentTypeError(f"File '{filename}' not found{hint}") from None
    except Exception as exc:
        raise argparse.ArgumentTypeError(f"Error reading '{filename}': {exc}") from exc
    if ds.preamble is None and not _begins_like_dicom(ds):
        raise argparse.ArgumentTypeError(
            f"'{filename}' is not a DICOM file: it has no 'DICM' at offset 128, and does not begin with an element of "
            "the standard"
        )
    return path, ds, eval_element(ds, element) if element else None


def _begins_like_dicom(ds: Dataset) -> bool:
    """Tell whether a file without the prefix begins with an element that may come first, as one without a header does."""
    from ..datadict import dictionary_has_tag

    if ds.file_meta:
        return True
    first = next(iter(ds.keys()), None)
    return first is not None and (first.element == 0 or dictionary_has_tag(first))


def _sample_file(name: str) -> str:
    """Return the path of a sample file of this name, or an empty string."""
    from ..data import get_charset_files, get_testdata_file

    try:
        found = get_testdata_file(name, download=False)
        if found:
            return str(found)
        charset_files = get_charset_files(name)
    except (ValueError, NotImplementedError):  # an absolute path
        return ""
    return charset_files[0] if charset_files else ""


def help_command(args: argparse.Namespace) -> None:
    """Explain a sub-command, or an element or UID of the standard."""
    from ._explain import explain

    topic = args.subcommand
    if subparsers is None:
        print("No subcommands are available")
        return
    if topic in subparsers.choices:
        subparsers.choices[topic].print_help()
        return
    meaning = explain(topic) if topic else None
    if meaning:
        print(meaning)
        return
    program = args.program
    if topic:
        print(f"{topic!r} is neither a subcommand nor a keyword, tag or UID of the standard.")
    print(f"Use {program} help [subcommand] to show help for a subcommand")
    print(f"Available subcommands: {', '.join(name for name in subparsers.choices if name != 'help')}")


def get_subcommand_entry_points() -> SubCommandType:
    """Return the functions that register sub-commands, by name: the core's, then those of plugins.

    A plugin that cannot be loaded is left out and named on standard error.
    """
    from .. import plugins
    from ..errors import PluginLoadError

    found: SubCommandType = {}
    for name, address in _BUILT_IN.items():
        module, _, function = address.partition(":")
        found[name] = getattr(import_module(f".{module}", __package__), function)
    for name in plugins.keys("pydcm.commands"):
        if name not in found and name != "help":
            try:
                found[name] = plugins.load("pydcm.commands", name)
            except PluginLoadError as exc:
                print(f"pydcm: {exc}", file=sys.stderr)
    return found


def main(args: list[str] | None = None, *, program: str = "pydicom") -> None:
    """Run the command line, as ``pydicom.cli.main.main`` does.

    Parameters
    ----------
    args : list of str, optional
        The arguments; ``sys.argv[1:]`` by default.
    program : str
        The name that help texts give the command.
    """
    global subparsers

    parser = argparse.ArgumentParser(
        prog=program, description=f"Look at, index and convert DICOM files (Python {sys.version.split()[0]})"
    )
    subparsers = parser.add_subparsers(help="what to do")
    help_parser = subparsers.add_parser(
        "help", help="explain a subcommand, or an element or UID of the standard"
    )
    help_parser.add_argument(
        "subcommand", nargs="?", metavar="subcommand | keyword | tag | UID", help="what to explain"
    )
    help_parser.set_defaults(func=help_command, program=program)
    for register in get_subcommand_entry_points().values():
        register(subparsers)
    parser.usage = (
        f"%(prog)s [-h] {{{','.join(subparsers.choices)}}} ..."  # in one line, however many there are
    )

    namespace = parser.parse_args(args)
    if hasattr(namespace, "func"):
        namespace.func(namespace)
    else:
        parser.print_help()


def _show_warning(message: Warning | str, *place: object, **options: object) -> None:
    """Print a warning without the line of source that it comes from, which says nothing here."""
    print(f"pydcm: warning: {message}", file=sys.stderr)


def run() -> int:
    """Run ``pydcm``: errors about files and plugins are one line, and a closed pipe is none."""
    import warnings

    from ..errors import DicomError

    warnings.showwarning = _show_warning
    try:
        main(program="pydcm")
    except (DicomError, ImportError, OSError, ValueError, LookupError, RuntimeError) as exc:
        if isinstance(exc, BrokenPipeError):
            # `pydcm show FILE | head`: nobody reads the rest, not even what is still buffered
            import os

            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        print(f"pydcm: {exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
