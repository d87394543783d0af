"""``pydcm show``: a file as a tree, in a few words, or as a picture."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any

from .main import filespec_help, filespec_parts, read_filespec

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..dataset import Dataset

__all__ = [
    "SOPClassname",
    "add_subparser",
    "do_command",
    "quiet_image",
    "quiet_items",
    "quiet_rtplan",
    "show_quiet",
]


def add_subparser(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register the sub-command."""
    parser = subparsers.add_parser(
        "show", help="show a file, or a part of it", description="Show a DICOM file, or a part of it."
    )
    parser.add_argument("filespec", help=filespec_help)
    parser.add_argument("-x", "--exclude-private", action="store_true", help="leave private elements out")
    parser.add_argument("-t", "--top", action="store_true", help="only the top level: do not open sequences")
    parser.add_argument("-q", "--quiet", action="store_true", help="only what matters most")
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="a coloured tree (needs rich); auto: on a terminal",
    )
    parser.add_argument(
        "-p",
        "--pixels",
        action="store_true",
        help="show the image: in the terminal, or in the PNG file of --output",
    )
    parser.add_argument(
        "-f",
        "--frame",
        type=int,
        metavar="N",
        help="which frame of it; the first is 1 (default; all of them for films)",
    )
    parser.add_argument("-o", "--output", metavar="FILE.png", help="where to write the picture")
    parser.add_argument(
        "-e",
        "--export",
        metavar="FILE",
        help="write the image, the kind going by the name: .png, .jpg, .tif, .gif (needs Pillow) or .mp4 (needs PyAV)",
    )
    parser.add_argument(
        "-w",
        "--window",
        type=_window,
        metavar="CENTER,WIDTH",
        help="the window to show grey images with, or 'auto'; by default what the file says",
    )
    parser.add_argument("--overlays", action="store_true", help="draw the overlay planes as well")
    parser.add_argument("--icc", action="store_true", help="apply the ICC profile of colours (needs Pillow)")
    parser.add_argument("--fps", type=float, default=10.0, metavar="N", help="frames per second of a film")
    # A center below 0, as lungs have it, is no option: argparse knows negative numbers, but no pairs of them.
    parser._negative_number_matcher = re.compile(r"-\.?\d[\d.,e+-]*$")
    parser.set_defaults(func=do_command, parser=parser)


def _window(text: str) -> tuple[float, float] | str:
    """Return the argument of ``--window``."""
    if text == "auto":
        return text
    center, _, width = text.partition(",")
    try:
        return float(center), float(width)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither CENTER,WIDTH nor 'auto'") from None


def do_command(args: argparse.Namespace) -> None:
    """Show what the parsed arguments ask for."""
    from ..dataset import Dataset

    try:
        if args.export or args.pixels or args.output:
            _show_image(args)
            return
        _, ds, part = read_filespec(args.filespec)
    except argparse.ArgumentTypeError as exc:
        args.parser.error(f"argument filespec: {exc}")
    chosen = part or ds
    if args.exclude_private:
        ds.remove_private_tags()
    if not isinstance(chosen, Dataset):
        print(chosen)
    elif args.quiet:
        show_quiet(chosen)
    elif not _show_tree(chosen, args.color, top_only=args.top):
        print(chosen.top() if args.top else chosen)


def _show_tree(ds: Dataset, color: str, *, top_only: bool) -> bool:
    """Print a coloured tree if that is wanted and possible."""
    import sys

    if color == "never" or (color == "auto" and not sys.stdout.isatty()):
        return False
    from ._tree import print_tree

    if print_tree(ds, top_only=top_only, force=color == "always"):
        return True
    if color == "always":
        print('colours need rich:  pip install "pydcm[cli]"', file=sys.stderr)
    return False


def _show_image(args: argparse.Namespace) -> None:
    """Draw or write the image of the file, of which only the frames asked for are read, or of an item such as an icon."""
    from . import _picture

    if filespec_parts(args.filespec)[2]:
        _, ds, part = read_filespec(args.filespec)
        source: Any = _picture.item_image(ds, part)
    else:
        path, header, _ = read_filespec(args.filespec, stop_before_pixels=True)
        # Without a header there is more to find out than what follows from the path.
        source = read_filespec(args.filespec)[1] if header.preamble is None else path
        _picture.check(header)
    look = {"window": args.window, "overlays": args.overlays, "icc": args.icc}
    try:
        if args.export:
            from .. import pixels

            frames = None if args.frame is None else [args.frame]
            pixels.export(source, args.export, frames=frames, fps=args.fps, **look)
            print(args.export)
            return
        picture = _picture.eight_bit(source, 1 if args.frame is None else args.frame, **look)
    except AttributeError as exc:
        raise ValueError(f"the image cannot be shown: {exc}") from exc
    if args.output:
        with open(args.output, "wb") as file:
            file.write(_picture.png(picture))
        print(args.output)
    else:
        print(_picture.terminal(picture))


def SOPClassname(ds: Dataset) -> str | None:
    """Return a line that names the data set's SOP class, or ``None``."""
    uid = ds.get("SOPClassUID")
    return None if uid is None else f"SOPClassUID: {uid.name}"


def quiet_image(ds: Dataset) -> str | None:
    """Return some lines about an image, or ``None`` for anything else."""
    uid = ds.get("SOPClassUID")
    if uid is None or "Image Storage" not in uid.name:
        return None
    keywords = ("BitsStored", "Modality", "Rows", "Columns", "SliceLocation")
    return "\n".join(f"{keyword}: {ds.get(keyword, 'N/A')}" for keyword in keywords)


def quiet_rtplan(ds: Dataset) -> str | None:
    """Return some lines about a radiotherapy plan, or ``None`` for anything else."""
    if "BeamSequence" not in ds:
        return None
    title = f"Plan Label: {ds.get('RTPlanLabel')}  "
    if ds.get("RTPlanName"):
        title += f"Plan Name: {ds.RTPlanName}"
    lines = [title]
    for group in ds.get("FractionGroupSequence", ()):
        lines += _fraction_group(group)
    return "\n".join(lines + [_beam(beam) for beam in ds.BeamSequence])


def _fraction_group(group: Dataset) -> list[str]:
    planned = group.get("NumberOfFractionsPlanned")
    number, description = group.get("FractionGroupNumber", ""), group.get("FractionGroupDescription", "")
    lines = [
        f"Fraction Group {number} {description} {f'{planned} fraction(s) planned' if planned else ''}",
        f"   Brachy Application Setups: {group.get('NumberOfBrachyApplicationSetups')}",
    ]
    for beam in group.get("ReferencedBeamSequence", ()):
        dose, meterset = beam.get("BeamDose"), beam.get("BeamMeterset")
        line = f"   Beam {beam.get('ReferencedBeamNumber')} "
        lines.append(f"{line}Dose {dose} Meterset {meterset}" if dose or meterset else line)
    return lines


def _beam(beam: Dataset) -> str:
    kind = beam.get("BeamType")
    line = (
        f"Beam {beam.get('BeamNumber')} '{beam.get('BeamName')}' {beam.get('TreatmentDeliveryType')} {kind} "
        f"{beam.get('RadiationType')}"
    )
    control_points = beam.get("ControlPointSequence")
    if kind == "STATIC" and control_points:
        first = control_points[0]  # a static beam moves nothing: the first control point has it all
        line += (
            f" energy {first.get('NominalBeamEnergy')} gantry {first.get('GantryAngle')}, "
            f"coll {first.get('BeamLimitingDeviceAngle')}, couch {first.get('PatientSupportAngle')}"
        )
    counts = (("wedges", "Wedges"), ("comps", "Compensators"), ("boli", "Boli"), ("blocks", "Blocks"))
    numbers = ", ".join(f"{beam.get('NumberOf' + keyword)} {word}" for word, keyword in counts)
    return f"{line} ({numbers})"


#: What ``--quiet`` shows: keywords, and functions that return lines or ``None``.
quiet_items: list[Callable[[Dataset], str | None] | str] = [
    SOPClassname,
    "PatientName",
    "PatientID",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "StudyDescription",
    quiet_image,
    quiet_rtplan,
]


def show_quiet(ds: Dataset) -> None:
    """Print what :data:`quiet_items` names."""
    for item in quiet_items:
        text = item(ds) if callable(item) else f"{item}: {ds.get(item, 'N/A')}"
        if text:
            print(text)
