"""A data set as text, and the names it offers for completion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm import config
from pydcm.tag import tag_in_exception

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydcm._core._dataset import DatasetCore as _Base
    from pydcm.dataelem import DataElement
else:
    _Base = object

_META_RULE = 49
# Methods and properties of an element that are of no use in a format string or would change the element.
_NOT_FORMATTED = frozenset(("from_json", "to_json", "to_json_dict", "clear", "description", "validate"))


class _ElementFields:
    """The public attributes of an element as a mapping for ``%`` formatting, each asked for only when it is used."""

    __slots__ = ("_elem",)

    def __init__(self, elem: DataElement) -> None:
        self._elem = elem

    def __getitem__(self, name: str) -> Any:
        if name.startswith("_") or name in _NOT_FORMATTED:
            raise KeyError(name)
        try:
            value = getattr(self._elem, name)
        except AttributeError:
            raise KeyError(name) from None
        return value() if callable(value) else value


class Text(_Base):
    """``str()``, ``dir()`` and their relatives."""

    default_element_format = "%(tag)s %(name)-35.35s %(VR)s: %(repval)s"
    default_sequence_element_format = "%(tag)s %(name)-35.35s %(VR)s: %(repval)s"
    indent_chars = "   "

    def formatted_lines(
        self,
        element_format: str = default_element_format,
        sequence_element_format: str = default_sequence_element_format,
        indent_format: str | None = None,
    ) -> Iterator[str]:
        """Yield one line of text per element of all levels.

        Parameters
        ----------
        element_format : str, optional
            A ``%`` format with the public attributes of :class:`DataElement` as its names.
        sequence_element_format : str, optional
            The format for elements with VR **SQ**.
        indent_format : str, optional
            Not used.

        Yields
        ------
        str
            The line of an element, without a line feed.
        """
        for elem in self.iterall():
            chosen = sequence_element_format if elem.VR == "SQ" else element_format
            yield chosen % _ElementFields(elem)  # type: ignore[operator]

    def _pretty_str(self, indent: int = 0, top_level_only: bool = False) -> str:
        """Return one line per element, items of sequences indented below it unless `top_level_only`."""
        lines: list[str] = []
        self._append_lines(lines, indent, top_level_only)
        return "\n".join(lines)

    def _append_lines(self, lines: list[str], indent: int, top_level_only: bool) -> None:
        margin = self.indent_chars * indent
        file_meta = getattr(self, "file_meta", None)
        if file_meta and config.show_file_meta:
            lines.append("Dataset.file_meta ".ljust(_META_RULE, "-"))
            _append_elements(lines, file_meta, margin)
            lines.append("-" * _META_RULE)

        for elem in self:
            try:
                if elem.VR != "SQ":
                    lines.append(margin + repr(elem))
                    continue
                lines.append(f"{margin}{elem.tag}  {elem.name}  {len(elem.value)} item(s) ---- ")
                if top_level_only:
                    continue
                for item in elem.value:
                    n_before = len(lines)
                    item._append_lines(lines, indent + 1, False)
                    if len(lines) == n_before:
                        lines.append("")
                    lines.append(f"{margin}{self.indent_chars}---------")
            except Exception:
                with tag_in_exception(elem.tag):
                    raise

    def __str__(self) -> str:
        return self._pretty_str()

    def __repr__(self) -> str:
        return self.__str__()

    def _repr_html_(self) -> str:
        """Return the data set as a tree that notebooks can fold: plain HTML, everything escaped, no scripts."""
        from pydcm._dataset._html import render

        return render(self)  # type: ignore[arg-type]

    def top(self) -> str:
        """Return the text of this level, without the items of sequences."""
        return self._pretty_str(top_level_only=True)

    def dir(self, *filters: str) -> list[str]:
        """Return the keywords of the elements on this level.

        Parameters
        ----------
        *filters : str
            Parts of keywords, in any case. A keyword is listed if it has any of them; without filters all are.

        Returns
        -------
        list of str
            Keywords in alphabetical order. Elements without a keyword, such as private ones, are left out.
        """
        from pydcm.datadict import keyword_for_tag

        keywords = [keyword for keyword in map(keyword_for_tag, self.keys()) if keyword]
        if filters:
            parts = [part.lower() for part in filters]
            keywords = [keyword for keyword in keywords if any(part in keyword.lower() for part in parts)]
        return sorted(keywords)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.dir()})

    def trait_names(self) -> list[str]:
        """Return all names that completion may offer: attributes, methods and keywords."""
        return dir(self)

    def _ipython_key_completions_(self) -> list[str]:
        """Return what IPython offers after ``ds["``."""
        return self.dir()


def _append_elements(lines: list[str], elements: Iterable[DataElement], margin: str) -> None:
    for elem in elements:
        try:
            lines.append(margin + repr(elem))
        except Exception:
            with tag_in_exception(elem.tag):
                raise
