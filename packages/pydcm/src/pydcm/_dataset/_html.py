"""A data set for notebooks: a tree to fold, in plain HTML without scripts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydcm.dataelem import DataElement
    from pydcm.dataset import Dataset

# A notebook keeps its output, so it has to stay small whatever the data set holds.
MAX_ROWS = 2000
MAX_LEVELS = 16
MAX_VALUE = 160

_TABLE = '<table style="border-collapse:collapse;margin:0 0 0 1em">'
_CELL = '<td style="text-align:left;vertical-align:top;padding:0 .6em 0 0">'
_MONO = '<td style="text-align:left;vertical-align:top;padding:0 .6em 0 0;font-family:monospace;white-space:nowrap">'


class _Budget:
    """How many more rows may be written."""

    __slots__ = ("left",)

    def __init__(self, rows: int) -> None:
        self.left = rows


def render(dataset: Dataset, max_rows: int = MAX_ROWS) -> str:
    """Return `dataset` as nested ``<details>``, sequences closed, everything that comes from the data set escaped.

    Parameters
    ----------
    dataset : Dataset
        The data set.
    max_rows : int, optional
        How many elements to show in all; a note says how many were left out.

    Returns
    -------
    str
        HTML. Elements that cannot be converted are shown with the reason.
    """
    budget = _Budget(max_rows)
    parts = ['<div class="pydcm-dataset">', _picture(dataset)]
    file_meta = getattr(dataset, "file_meta", None)
    if file_meta:
        parts.append(_level("File Meta Information", file_meta, budget, 1, is_open=False))
    parts.append(_level(type(dataset).__name__, dataset, budget, 1, is_open=True))
    parts.append("</div>")
    return "".join(parts)


def _picture(dataset: Dataset) -> str:
    """Return the image of a data set, if it has one and there is something to decode it."""
    from pydcm import config
    from pydcm.errors import MissingPluginError

    if not config.show_picture or not {0x7FE00008, 0x7FE00009, 0x7FE00010}.intersection(dataset.keys()):
        return ""
    try:
        from pydcm import pixels

        return pixels.picture_html(dataset)
    except MissingPluginError:
        return ""
    except Exception as exc:  # as for elements
        return f"<i>no picture: {escape(_shorten(f'{type(exc).__name__}: {exc}'))}</i>"


def _level(title: str, dataset: Dataset, budget: _Budget, level: int, *, is_open: bool) -> str:
    n_elements = len(dataset)
    noun = "element" if n_elements == 1 else "elements"
    rows = "".join(_rows(dataset, budget, level))
    state = " open" if is_open else ""
    return (
        f"<details{state}><summary>{escape(title)} ({n_elements} {noun})</summary>{_TABLE}<tbody>{rows}</tbody></table>"
        "</details>"
    )


def _rows(dataset: Dataset, budget: _Budget, level: int) -> Iterator[str]:
    tags = sorted(dataset.keys())
    for position, tag in enumerate(tags):
        if budget.left <= 0:
            yield f'<tr><td colspan="4"><i>and {len(tags) - position} more</i></td></tr>'
            return
        budget.left -= 1
        try:
            elem = dataset[tag]
            name, vr, value = elem.keyword or elem.name, str(elem.VR), _value(elem, budget, level)
        except Exception as exc:  # what is displayed has to say that it is broken, not break
            name, vr, value = "", "", f"<i>{escape(_shorten(f'{type(exc).__name__}: {exc}'))}</i>"
        yield (
            f"<tr>{_MONO}{escape(str(tag))}</td>{_CELL}{escape(name)}</td>{_MONO}{escape(vr)}</td>{_CELL}{value}</td></tr>"
        )


def _value(elem: DataElement, budget: _Budget, level: int) -> str:
    if elem.VR != "SQ":
        return escape(_shorten(elem.repval))
    items = elem.value
    noun = "item" if len(items) == 1 else "items"
    summary = f"{len(items)} {noun}"
    if level >= MAX_LEVELS or not len(items):
        return summary
    parts = []
    for number, item in enumerate(items, 1):
        if budget.left <= 0:
            parts.append(f"<i>and {len(items) - number + 1} more</i>")
            break
        parts.append(_level(f"Item {number}", item, budget, level + 1, is_open=False))
    return f"<details><summary>{summary}</summary>{''.join(parts)}</details>"


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"
