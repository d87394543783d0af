"""The options of ``pydcm convert-series``: dcm2niix's, and what becomes of those that have no meaning here."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

__all__ = ["add_options"]

_CODES = (
    "%a coil, %b file, %c comments, %d description, %e echo, %f folder, %g accession number, %i patient's ID, "
    "%j series UID, %k study UID, %l procedure step, %m manufacturer, %n patient's name, %o instance UID, %p protocol, %q scanning sequence, %r instance, "
    "%s series, %t time, %u acquisition, %v vendor, %x study, %z sequence; %3s is with three digits; / makes folders"
)


class _Refused(argparse.Action):
    """An option of dcm2niix that is not there: says what to use instead."""

    def __init__(self, *args: Any, instead: str, accepted: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.instead = instead
        self.accepted = accepted

    def __call__(
        self, parser: argparse.ArgumentParser, _: Any, values: Any, option: str | None = None
    ) -> None:
        """Refuse all values but those that change nothing."""
        if values not in self.accepted:
            self._refuse(parser, option)

    def _refuse(self, parser: argparse.ArgumentParser, option: str | None) -> NoReturn:
        parser.error(f"{option}: {self.instead}")


def _pattern(text: str) -> str:
    from pydcm_pixels._bids.naming import checked

    try:
        return checked(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add all options to the parser of the command."""
    _where(parser.add_argument_group("what is converted, where to"))
    _voxels(parser.add_argument_group("images"))
    _sidecars(parser.add_argument_group("sidecars"))
    _running(parser.add_argument_group("running"))
    _refused(parser)


def _choice(
    group: Any, short: str, long: str, choices: tuple[str, ...], default: str, text: str, **options: Any
) -> None:
    shown = "{" + ",".join(choices) + "}"
    text = f"{text} (default: {default})"
    group.add_argument(short, long, choices=choices, default=default, help=text, metavar=shown, **options)


def _where(group: Any) -> None:
    add = group.add_argument
    add("-o", "--output", metavar="FOLDER", help="the folder to write to")
    codes = _CODES.replace("%", "%%")
    add("-f", "--name", type=_pattern, metavar="PATTERN", help=f"names: {codes}; default: %%f_%%p_%%t_%%s")
    _choice(
        group,
        "-w",
        "--on-conflict",
        ("0", "1", "2"),
        "2",
        "if an output is there already: 0 leave it, 1 replace it, 2 add a letter to the new one's name",
    )
    add("-d", "--depth", type=int, metavar="N", help="levels of folders that are searched (default: all)")
    _choice(group, "-s", "--single-file", ("y", "n"), "n", "convert the file alone, not its series")
    add(
        "-n",
        "--only",
        type=int,
        nargs="?",
        const=-1,  # "-n -1": argparse takes the number for the level of compression
        action="append",
        metavar="CODE",
        help="convert this series alone; can be repeated; -n -1 lists the codes (CRC-32 of the Series Instance UID)",
    )
    _choice(
        group,
        "-i",
        "--ignore-derived",
        ("y", "n", "o"),
        "n",
        "leave out derived images, localizers, single images",
    )
    _choice(
        group,
        "-m",
        "--merge",
        ("y", "n", "0", "1", "2"),
        "2",
        "keep echoes and components of a series together",
    )
    add("--terse", action="store_true", help="leave echo, component, orientation out of the names")
    _choice(
        group,
        "-r",
        "--rename",
        ("y", "n"),
        "n",
        "copy DICOM files under new names instead; names are %%t/%%s_%%p/%%4r_%%o.dcm then",
    )


def _voxels(group: Any) -> None:
    add = group.add_argument
    _choice(
        group,
        "-z",
        "--gzip",
        ("y", "o", "i", "n", "3"),
        "y",
        "compress (y, o, i are the same here); n: do not; 3: do not, and write a file for each volume",
    )
    for level in range(1, 10):
        text = "-1 (fast) to -9 (small): how much; default: -1" if level == 1 else argparse.SUPPRESS
        add(f"-{level}", dest="level", action="store_const", const=level, default=1, help=text)
    _choice(group, "-e", "--export", ("n", "y", "o", "j", "b"), "n", "y: NRRD instead of NIfTI")
    _choice(
        group,
        "-l",
        "--lossless-scaling",
        ("y", "n", "o"),
        "o",
        "16-bit voxels: y scales them to use their range, n stores unsigned as signed ones where they fit, o keeps them",
    )
    _choice(
        group,
        "-p",
        "--philips-float",
        ("y", "n", "o"),
        "y",
        "Philips: comparable instead of displayed values; o: the first image's scaling for all",
    )
    _choice(
        group,
        "-x",
        "--crop",
        ("y", "n", "i"),
        "n",
        "MR slabs acquired in three dimensions: y also writes them without what is below the head (_Crop), "
        "i does not turn them to the axes of the patient",
    )
    _choice(
        group,
        "--regular",
        "--equalize",
        ("y", "n"),
        "y",
        "second files for uneven slices (_Eq) and tilt (_Tilt)",
    )
    add(
        "-c",
        "--comment",
        metavar="TEXT",
        help="up to 23 bytes for NIfTI's aux_file and the sidecar; '' leaves the images' comments out",
    )


def _sidecars(group: Any) -> None:
    _choice(group, "-b", "--sidecar", ("y", "n", "o"), "y", "write sidecars; o: nothing else")
    _choice(
        group,
        "-ba",
        "--anonymize",
        ("y", "n", "o"),
        "y",
        "leave patient, dates and identifiers out of sidecars; o: the patient alone",
    )


def _running(group: Any) -> None:
    add = group.add_argument
    add(
        "-q",
        "--search",
        choices=("y", "l", "n"),
        default="n",
        help="convert nothing: y says how many DICOM files there are, l lists them (default: n)",
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
    add(
        "--progress",
        nargs="?",
        choices=("y", "n"),
        const="y",
        help="show a bar, or never; by default on terminals",
    )
    add("--quiet", action="store_true", help="no bar, no list of outputs")
    add("--workers", type=int, metavar="N", help="threads")
    add("--version", action="store_true", help="print the version")


def _refused(parser: argparse.ArgumentParser) -> None:
    """Add dcm2niix's options that have no effect here, or none yet."""
    for names, instead, accepted in (
        (("-a",), "takes y or n, and makes no difference", ("y", "n")),
        (("-br", "-B"), "there are no ReproIn names; make folders with -f, such as -f sub-%i/%s_%p", ()),
        (("-g",), "there is no file of defaults; give the options", ("n", "i")),
        (("--big-endian",), "files are written in this machine's byte order, which all readers know", ("n", "o")),
        (("-t",), "there are no text notes; the sidecar (-b y) has what they said", ("n",)),
    ):  # fmt: skip
        parser.add_argument(
            *names, action=_Refused, instead=instead, accepted=accepted, default=None, help=argparse.SUPPRESS
        )
    for name, instead in (
        ("--ignore_trigger_times", "trigger times tell volumes apart; -m y keeps them in one file"),
        ("-u", "nothing is looked up in a network; `pydcm plugins` shows the versions"),
        ("--xml", "there is no description for Slicer; this help has all options"),
    ):
        parser.add_argument(
            name, action=_Refused, instead=instead, nargs=0, default=None, help=argparse.SUPPRESS
        )
