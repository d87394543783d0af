"""A data set as a coloured tree, drawn by rich."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..dataelem import DataElement
    from ..dataset import Dataset

__all__ = ["print_tree"]

_STYLES = {
    "SQ": "bold cyan",
    "PN": "bold yellow",
    "UI": "magenta",
    "DA": "green",
    "TM": "green",
    "DT": "green",
}


def print_tree(ds: Dataset, *, top_only: bool, force: bool) -> bool:
    """Print the tree; return ``False`` if rich is not installed."""
    try:
        from rich.console import Console
        from rich.tree import Tree
    except ImportError:
        return False
    root = Tree(str(getattr(ds, "filename", None) or "data set"), guide_style="dim")
    meta = getattr(ds, "file_meta", None)
    if meta:
        _add_elements(root.add("file meta information", style="dim"), meta, top_only)
    _add_elements(root, ds, top_only)
    Console(force_terminal=True if force else None, soft_wrap=True, highlight=False).print(root)
    return True


def _add_elements(branch: Any, ds: Dataset, top_only: bool) -> None:
    for elem in ds:
        twig = branch.add(_line(elem))
        if elem.VR == "SQ" and not top_only:
            for number, item in enumerate(elem.value):
                _add_elements(twig.add(f"item {number}", style="dim"), item, top_only)


def _line(elem: DataElement) -> Any:
    from rich.text import Text

    line = Text()
    line.append(str(elem.tag), style="dim")
    line.append(f" {elem.VR} ", style="blue")
    line.append(elem.name, style="italic" if elem.tag.is_private else "bold")
    if elem.VR == "SQ":
        line.append(f"  {len(elem.value)} item(s)", style="dim")
    else:
        line.append("  ")
        line.append(elem.repval, style=_STYLES.get(elem.VR, ""))
    return line
