#!/usr/bin/env python3
"""Write the generated tables of every package from the data files beside this script.

    python shared/standard/generate.py            write what is out of date
    python shared/standard/generate.py --check    write nothing, fail when a file is out of date

The output depends on the data files alone: the same data give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import _python_tables as tables  # noqa: E402
import _sr_tables as sr_tables  # noqa: E402
from _c_header import render_vr_header  # noqa: E402
from _keyword_stub import render_keyword_stub  # noqa: E402

DATA = HERE / "data"
ROOT = HERE.parents[1]
CORE = "packages/pydcm/src/pydcm"
SR = "packages/pydcm-sr/src/pydcm_sr"


def read_csv(name: str) -> list[list[str]]:
    """Return the rows of one data file without its header."""
    with open(DATA / name, encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))[1:]


def read_header(name: str) -> list[str]:
    """Return the column names of one data file."""
    with open(DATA / name, encoding="utf-8", newline="") as handle:
        return next(csv.reader(handle))


def outputs() -> Iterator[tuple[str, str]]:
    """Yield (path below the repository, text) of every generated file."""
    elements, uids = read_csv("elements.csv"), read_csv("uids.csv")
    plain = {int(row[0], 16): row[1] for row in elements if "x" not in row[0]}
    masked = {row[0]: row[1] for row in elements if "x" in row[0]}
    yield f"{CORE}/_core/_vr_table.h", render_vr_header(plain, masked)
    yield f"{CORE}/_dataset/_keywords.pyi", render_keyword_stub(elements)
    yield f"{CORE}/_tables/elements.py", tables.render_elements(elements)
    yield f"{CORE}/_tables/repeaters.py", tables.render_repeaters(elements)
    yield f"{CORE}/_tables/private.py", tables.render_private(read_csv("private.csv"))
    yield f"{CORE}/_tables/uids.py", tables.render_uids(uids)
    yield f"{CORE}/_tables/named_uids.py", tables.render_named_uids(uids)
    yield f"{CORE}/_tables/sop_classes.py", tables.render_sop_classes(uids)
    yield (
        f"{CORE}/_tables/confidentiality.py",
        tables.render_confidentiality(read_header("confidentiality.csv"), read_csv("confidentiality.csv")),
    )
    yield (
        f"{CORE}/_tables/iods.py",
        tables.render_iods(
            *(read_csv(f"{name}.csv") for name in ("iods", "modules", "macros", "iod_modules", "iod_macros"))
        ),
    )
    # The notice that the licence of the IOD and confidentiality tables asks to keep with them
    notice = (HERE / "LICENSE-innolitics.txt").read_text(encoding="utf-8")
    yield f"{CORE}/_tables/LICENSE-innolitics.txt", notice
    yield f"{SR}/_tables/concepts.py", sr_tables.render_concepts(read_csv("concepts.csv"))
    yield f"{SR}/_tables/context_groups.py", sr_tables.render_context_groups(read_csv("context_groups.csv"))
    yield f"{SR}/_tables/snomed.py", sr_tables.render_snomed(read_csv("snomed.csv"))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="only say whether the files are current")
    check = parser.parse_args().check
    stale = 0
    for name, text in outputs():
        path = ROOT / name
        if path.exists() and path.read_bytes() == text.encode():
            continue
        stale += 1
        print(("out of date: " if check else "written: ") + name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
    if check and stale:
        print("run: python shared/standard/generate.py", file=sys.stderr)
        return 1
    if not stale:
        print("every generated file is current")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
