"""Render the coded concepts and context groups that ``pydcm-sr`` imports."""

from __future__ import annotations

from _python_tables import Row, module, quoted


def _check_fields(fields: tuple[str, ...]) -> None:
    if any("\t" in field or "\n" in field for field in fields):
        raise ValueError(f"a separator is in {fields}")


def render_concepts(rows: list[Row]) -> str:
    """Return keywords, and codes with their meanings, as two columns of text per scheme."""
    schemes: dict[str, tuple[list[str], list[str]]] = {}
    for scheme, keyword, code, meaning in rows:
        _check_fields((keyword, code, meaning))
        keywords, codes = schemes.setdefault(scheme, ([], []))
        keywords.append(keyword)
        codes.append(f"{code}\t{meaning}")
    lines = "".join(
        f"    {scheme!r}: (\n{quoted(keywords)},\n{quoted(codes)},\n    ),\n"
        for scheme, (keywords, codes) in schemes.items()
    )
    return module(
        "Coded concepts of PS3.16: by scheme the keywords and, line by line, code and meaning.",
        f"CONCEPTS: dict[str, tuple[str, str]] = {{\n{lines}}}",
    )


def render_context_groups(rows: list[Row]) -> str:
    """Return the name of each context group and its members, a line for each scheme."""
    names: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for cid, name, scheme, keywords in rows:
        names[cid] = name
        lines = members.setdefault(cid, [])
        if scheme:
            lines.append(f"{scheme} {keywords}")
    return module(
        "Context groups of PS3.16: names, and members as lines of scheme and keywords, by CID.",
        "NAMES: dict[int, str] = {\n"
        + "".join(f"    {cid}: {name!r},\n" for cid, name in names.items())
        + "}",
        "MEMBERS: dict[int, str] = {\n"
        + "".join(f"    {cid}: {quoted(lines)},\n" for cid, lines in members.items())
        + "}",
    )


def render_snomed(rows: list[Row]) -> str:
    return module(
        "SNOMED-RT style codes and the SNOMED CT concepts they became, line by line (PS3.16 annex O).",
        f"CODES = {quoted(f'{srt} {sct}' for srt, sct in rows)}",
    )
