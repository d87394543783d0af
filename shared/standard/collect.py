"""Gather the facts of the DICOM standard into the data files beside this script.

The sources are a snapshot of ``innolitics/dicom-standard`` (MIT, see
``LICENSE-innolitics.txt``) and, for what entered the standard later, the dictionaries of an
installed pydicom release. Run it only to take in a newer edition of the standard::

    python shared/standard/collect.py path/to/innolitics/snapshot

Everyday work needs ``generate.py`` alone, which reads what this script wrote.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any, Iterable

DATA = Path(__file__).resolve().parent / "data"


def load_snapshot(folder: Path, name: str) -> Any:
    """Return the parsed ``name``.json of the snapshot in `folder`."""
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def write_csv(name: str, header: list[str], rows: Iterable[Iterable[object]]) -> None:
    """Write one table as CSV with unix line ends, so that diffs stay readable."""
    with open(DATA / name, "w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def collect_elements(snapshot: Path) -> None:
    """PS3.6 chapters 6 to 9 and PS3.7 annex E: every data element and repeating group.

    Where both sources list a tag the dictionary's spelling is kept: it is the ASCII spelling
    of the name and it gives retired elements whose VR the standard has since blanked a VR.
    """
    from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary

    rows = {f"{tag:08X}": entry for tag, entry in DicomDictionary.items()}
    rows.update(RepeatersDictionary)
    known = {key.upper() for key in rows}
    for item in load_snapshot(snapshot, "attributes"):
        if item["id"].upper() not in known:
            rows[item["id"].upper()] = (
                item["valueRepresentation"],
                item["valueMultiplicity"],
                item["name"],
                "Retired" if item["retired"] == "Y" else "",
                item["keyword"],
            )
    write_csv(
        "elements.csv",
        ["tag", "vr", "vm", "retired", "keyword", "name"],
        (
            (tag, vr, vm, "R" if retired else "", keyword, name)
            for tag, (vr, vm, name, retired, keyword) in sorted(rows.items(), key=lambda row: row[0].upper())
        ),
    )


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    snapshot = Path(arguments[0])
    DATA.mkdir(exist_ok=True)
    collect_elements(snapshot)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
