"""Turn data sets into the Python code that makes them: ``python -m pydcm.util.codify FILE``."""

from __future__ import annotations

import math
import os
import re
import sys
from collections import deque

from ..tag import BaseTag

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import Any

    from ..dataelem import DataElement
    from ..dataset import Dataset

line_term = "\n"

#: Values of these VRs are left out if they are too long: bytes, not numbers or text.
_BYTES_VR = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "UN", "OB or OW", "US or OW", "US or SS or OW"))

# A capital begins a word if lower case follows it, or precedes it
_WORD_BEGINS = re.compile(r"(?<=.)(?=[A-Z][a-z])|(?<=[a-z0-9])(?=[A-Z])")

_ABBREVIATIONS = {"control_point": "cp", "reference": "ref", "fraction_group": "frxn_gp"}


def camel_to_underscore(name: str) -> str:
    """Return a name such as ``ControlPointIndex`` as ``control_point_index``.

    Parameters
    ----------
    name : str
        The name.
    """
    return _WORD_BEGINS.sub("_", name).lower()


def tag_repr(tag: BaseTag) -> str:
    """Return a tag as the code of a tuple, such as ``(0x0010, 0x0020)``.

    Parameters
    ----------
    tag : BaseTag
        The tag.
    """
    return f"(0x{tag >> 16:04X}, 0x{tag & 0xFFFF:04X})"


def default_name_filter(name: str) -> str:
    """Return the variable for a keyword, with some long words abbreviated.

    Parameters
    ----------
    name : str
        The keyword.
    """
    name = camel_to_underscore(name)
    for long, short in _ABBREVIATIONS.items():
        name = name.replace(long, short)
    return name


def code_imports(package: str = "pydicom") -> str:
    """Return the import statements that the rest of the code needs.

    Parameters
    ----------
    package : str, optional
        What to import from, ``"pydicom"`` by default; ``"pydcm"`` has the same names.
    """
    return line_term.join(
        (
            f"import {package}",
            f"from {package}.dataset import Dataset, FileMetaDataset",
            f"from {package}.sequence import Sequence",
        )
    )


def _keyword(tag: BaseTag) -> str:
    """Return the keyword of a tag, empty if it has none."""
    from ..datadict import dictionary_keyword

    try:
        return dictionary_keyword(tag)
    except KeyError:
        return ""


def _code_set(dataset_name: str, elem: DataElement, value: str) -> str:
    """Return the statement that gives a data set the value, by keyword if there is one."""
    keyword = _keyword(elem.tag)
    if keyword:
        return f"{dataset_name}.{keyword} = {value}"
    return f"{dataset_name}.add_new({tag_repr(elem.tag)}, '{elem.VR}', {value})"


def _code_value(value: Any) -> str:
    """Return the expression for a value."""
    if isinstance(value, BaseTag):
        return tag_repr(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f"float('{float(value)}')"
    if not isinstance(value, str | bytes) and any(
        isinstance(part, BaseTag) or (isinstance(part, float) and not math.isfinite(part))
        for part in (value if hasattr(value, "__iter__") else ())
    ):
        return f"[{', '.join(map(_code_value, value))}]"
    return repr(value)


def code_dataelem(
    dataelem: DataElement,
    dataset_name: str = "ds",
    exclude_size: int | None = None,
    include_private: bool = False,
    var_names: deque[str] | None = None,
) -> str:
    """Return the code that adds an element to a data set.

    Parameters
    ----------
    dataelem : DataElement
        The element.
    dataset_name : str, optional
        The variable of the data set.
    exclude_size : int, optional
        Byte values longer than this are replaced by a comment, which makes the statement incomplete, so that
        it is noticed.
    include_private : bool, optional
        Whether private elements within the items of a sequence are coded.
    var_names : collections.deque of str, optional
        The variables of the sequences and items around the element, outermost first.
    """
    if dataelem.VR == "SQ":
        return code_sequence(dataelem, dataset_name, exclude_size, include_private, var_names=var_names)
    value = dataelem.value
    if hasattr(value, "read"):
        size = _stream_size(value)
        if exclude_size and size > exclude_size:
            return _code_set(dataset_name, dataelem, _excluded(size))
        from ..fileutil import read_buffer, reset_buffer_position

        with reset_buffer_position(value):
            value.seek(0)
            value = b"".join(read_buffer(value))
    elif (
        exclude_size and dataelem.VR in _BYTES_VR and hasattr(value, "__len__") and len(value) > exclude_size
    ):
        return _code_set(dataset_name, dataelem, _excluded(len(value)))
    return _code_set(dataset_name, dataelem, _code_value(value))


def _stream_size(stream: Any) -> int:
    from ..fileutil import buffer_length

    return buffer_length(stream)


def _excluded(size: int) -> str:
    return f"# XXX Array of {size} bytes excluded"


def _push(var_names: deque[str], name: str) -> str:
    """Note that a variable is in use and return it, numbered if it was in use before."""
    used = var_names.count(name)
    var_names.append(name)
    return f"{name}_{used}" if used else name


def code_sequence(
    dataelem: DataElement,
    dataset_name: str = "ds",
    exclude_size: int | None = None,
    include_private: bool = False,
    name_filter: Callable[[str], str] = default_name_filter,
    var_names: deque[str] | None = None,
) -> str:
    """Return the code that adds a sequence to a data set.

    Parameters
    ----------
    dataelem : DataElement
        The sequence element.
    dataset_name, exclude_size, include_private, var_names
        As for :func:`code_dataelem`.
    name_filter : callable, optional
        Makes the variable of the sequence from its keyword.
    """
    names = deque() if var_names is None else var_names
    title = dataelem.name
    item_title = title.replace(" Sequence", "")
    keyword = _keyword(dataelem.tag) or f"Tag{int(dataelem.tag):08x}"
    stem = keyword.replace("Sequence", "")

    variable = name_filter(keyword)
    sequence = _push(names, variable)
    lines = ["", f"# {title}", f"{sequence} = Sequence()", _code_set(dataset_name, dataelem, sequence)]
    for position, item in enumerate(dataelem.value, start=1):
        # Items that are numbered by the standard keep their numbers
        number = next(
            (getattr(item, stem + suffix) for suffix in ("Index", "Number") if hasattr(item, stem + suffix)),
            position,
        )
        item_name = _push(names, f"{variable.replace('_sequence', '')}{number}")
        creation, *rest = code_dataset(
            item, item_name, exclude_size, include_private, var_names=names
        ).splitlines()
        names.pop()
        lines += ["", f"# {title}: {item_title} {number}", creation, f"{sequence}.append({item_name})", *rest]
    names.pop()
    return line_term.join(lines)


def code_dataset(
    ds: Dataset,
    dataset_name: str = "ds",
    exclude_size: int | None = None,
    include_private: bool = False,
    is_file_meta: bool = False,
    var_names: deque[str] | None = None,
) -> str:
    """Return the code that makes a data set.

    Parameters
    ----------
    ds : Dataset
        The data set.
    dataset_name : str, optional
        The variable to assign it to.
    exclude_size, var_names
        As for :func:`code_dataelem`.
    include_private : bool, optional
        Whether private elements are coded.
    is_file_meta : bool, optional
        Whether `ds` is file meta information.
    """
    names = deque() if var_names is None else var_names
    lines = [f"{dataset_name} = {'FileMetaDataset' if is_file_meta else 'Dataset'}()"]
    for elem in ds:
        if elem.tag.is_private and not include_private:
            continue
        lines.append(code_dataelem(elem, dataset_name, exclude_size, include_private, var_names=names))
        if elem.VR == "SQ":
            lines.append("")
    if lines[-1] == "":
        lines.pop()
    return line_term.join(lines)


def code_file(
    filename: str | os.PathLike[str],
    exclude_size: int | None = None,
    include_private: bool = False,
    package: str = "pydicom",
) -> str:
    """Return a program that makes the data set of a file.

    Parameters
    ----------
    filename : str or os.PathLike
        The file.
    exclude_size, include_private
        As for :func:`code_dataset`.
    package
        As for :func:`code_imports`.
    """
    from ..filereader import dcmread

    return code_file_from_dataset(dcmread(filename, force=True), exclude_size, include_private, package)


def code_file_from_dataset(
    ds: Dataset, exclude_size: int | None = None, include_private: bool = False, package: str = "pydicom"
) -> str:
    """Return a program that makes a data set with its file meta information.

    Parameters
    ----------
    ds : Dataset
        The data set.
    exclude_size, include_private
        As for :func:`code_dataset`.
    package
        As for :func:`code_imports`.
    """
    filename = getattr(ds, "filename", None)
    has_meta = hasattr(ds, "file_meta")
    lines = [
        "# -*- coding: utf-8 -*-",
        f"# Coded version of {f'DICOM file {str(filename)!r}' if filename else 'non-file dataset'}",
        "# Produced by the codify utility of pydcm",
        code_imports(package),
        "",
    ]
    if has_meta:
        meta = code_dataset(ds.file_meta, "file_meta", exclude_size, include_private, is_file_meta=True)
        lines += ["# File meta info data elements", meta, ""]
    lines += [
        "# Main data elements",
        code_dataset(ds, exclude_size=exclude_size, include_private=include_private),
        "",
    ]
    if has_meta:
        lines.append("ds.file_meta = file_meta")
    implicit_vr, little_endian = ds.original_encoding
    lines.append(f"ds.set_original_encoding({implicit_vr}, {little_endian})")
    return line_term.join(lines)


# ---------------------------------------------------------------------------------------- command line
def set_parser_arguments(parser: argparse.ArgumentParser, default_exclude_size: int) -> None:
    """Add the arguments of the command ``codify`` to a parser.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The parser.
    default_exclude_size : int
        The default of ``--exclude-size``.
    """
    from argparse import FileType

    from ..cli.main import filespec_help, filespec_parser

    parser.add_argument("filespec", help=filespec_help, type=filespec_parser)
    parser.add_argument(
        "outfile",
        nargs="?",
        type=FileType("w", encoding="UTF-8"),
        default=sys.stdout,
        help="file to write the code to, by default the standard output",
    )
    parser.add_argument(
        "-e",
        "--exclude-size",
        type=int,
        default=default_exclude_size,
        help=f"leave out binary data of more bytes than this (default: {default_exclude_size})",
    )
    parser.add_argument(
        "-p", "--include-private", action="store_true", help="code private data elements as well"
    )
    parser.add_argument(
        "-s",
        "--save-as",
        help="the file that the code saves to, by default the input's name followed by '_from_codify'",
    )
    parser.add_argument(
        "--package",
        default="pydcm",
        help="the package that the code imports from (default: pydcm); pydicom has the same names",
    )


def do_codify(args: argparse.Namespace) -> None:
    """Write the code for the file given on the command line.

    Parameters
    ----------
    args : argparse.Namespace
        The arguments of :func:`set_parser_arguments`.

    Raises
    ------
    NotImplementedError
        If they name several files, or an element that is no data set.
    """
    from ..dataset import Dataset

    if len(args.filespec) != 1:
        raise NotImplementedError("Codify can only work on a single DICOM file input")
    ds, element = args.filespec[0]
    if element and not isinstance(element, Dataset):
        raise NotImplementedError(f"Codify can only code a Dataset, not a {type(element)}")

    code = code_file_from_dataset(element or ds, args.exclude_size, args.include_private, args.package)
    target = args.save_as or f"{os.path.splitext(ds.filename)[0]}_from_codify.dcm"
    code += f"{line_term}ds.save_as(r'{target}', enforce_file_format=True)"

    # A stream that stands in for the standard output need not have a name
    name = getattr(args.outfile, "name", "<stdout>")
    if name != "<stdout>":
        print(f"Writing code to file '{name}'")
    args.outfile.write(code)


def main(default_exclude_size: int, args: list[str] | None = None) -> None:
    """Run the command ``codify``.

    Parameters
    ----------
    default_exclude_size : int
        The default of ``--exclude-size``.
    args : list of str, optional
        The command-line arguments, by default those of the process.
    """
    from argparse import ArgumentParser

    parser = ArgumentParser(
        description="Turn a DICOM file into the Python code that makes it.",
        epilog="The statement for binary data that is left out is incomplete, so that it is noticed.",
    )
    set_parser_arguments(parser, default_exclude_size)
    do_codify(parser.parse_args(args))


if __name__ == "__main__":
    main(default_exclude_size=100)
