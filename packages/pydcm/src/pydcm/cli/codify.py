"""``pydcm codify``: the Python code that makes a file."""

from __future__ import annotations

import argparse
from typing import Any

__all__ = ["add_subparser", "default_exclude_size"]

#: Values longer than this many bytes are left out of the code.
default_exclude_size = 100


def add_subparser(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register the sub-command."""
    from ..util import codify

    parser = subparsers.add_parser(
        "codify",
        help="print the Python code that makes a file",
        description="Read a DICOM file and print the Python code that makes it again.",
        epilog=(
            f"Binary values longer than --exclude-size ({default_exclude_size} bytes by default) are replaced by a line "
            "that is no valid Python, so that they are not forgotten. Private elements are left out by default."
        ),
    )
    codify.set_parser_arguments(parser, default_exclude_size)
    parser.set_defaults(func=codify.do_codify)
