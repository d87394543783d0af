"""What is in a folder, as a table."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydcm_pixels._series.discovery import Unsorted
    from pydcm_pixels._series.stack import Stack

__all__ = ["SeriesList"]

_TITLES = ("", "modality", "size", "spacing [mm]", "frames", "files", "time", "description", "what", "notes")
_SHOWN = 20


class SeriesList(list["Stack"]):
    """The stacks of some folders; printed, or shown by a notebook, it is a table.

    Attributes
    ----------
    unsorted : list of Unsorted
        Images that make no volume, and why.
    left_out : list of (str, str)
        Other files, and why they are in no volume.
    """

    def __init__(
        self,
        stacks: Iterable[Stack] = (),
        unsorted: Sequence[Unsorted] = (),
        left_out: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(stacks)
        self.unsorted = list(unsorted)
        self.left_out = list(left_out)

    def rows(self) -> list[tuple[str, ...]]:
        """Return the cells of the table, a row per stack; the first is the number that `which` takes."""
        rows: list[tuple[str, ...]] = []
        for number, stack in enumerate(self):
            kind = [f"{name} {value}" for name, value in stack.kind.items()]
            kind += [f"{len(values)} x {name}" for name, values in stack.varying.items()]
            rows.append(
                (
                    str(number),
                    stack.modality,
                    " x ".join(map(str, stack.shape)),
                    " x ".join(f"{one:.4g}" for one in stack.spacing),
                    str(stack.n_frames),
                    str(len(stack.files)),
                    stack.time,
                    stack.description,
                    ", ".join(kind),
                    "; ".join(stack.notes),
                )
            )
        return rows

    def reasons(self) -> list[str]:
        """Return why images and files are in no volume, each reason once with the number of files."""
        counts: dict[str, list[str]] = {}
        for path, reason in self.left_out:
            counts.setdefault(reason, []).append(path)
        lines = [f"{len(one.frames)} images: {one.reason}" for one in self.unsorted]
        lines += [f"{len(paths)} x {reason}: {paths[0]}" for reason, paths in counts.items()]
        if len(lines) > _SHOWN:
            lines = [*lines[:_SHOWN], f"and {len(lines) - _SHOWN} more"]
        return lines

    def __str__(self) -> str:
        table = [_TITLES, *self.rows()]
        widths = [max(len(row[at]) for row in table) for at in range(len(_TITLES) - 1)]
        lines = [
            "  ".join(
                (*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1])
            ).rstrip()
            for row in table
        ]
        if reasons := self.reasons():
            lines += ["left out:", *(f"  {reason}" for reason in reasons)]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{title}</th>" for title in _TITLES)
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.rows()
        )
        reasons = "".join(f"<li>{escape(reason)}</li>" for reason in self.reasons())
        left_out = f"<details><summary>left out</summary><ul>{reasons}</ul></details>" if reasons else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{left_out}"
