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
import re
import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

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


def collect_uids(snapshot: Path) -> None:
    """PS3.6 annex A: every registered UID, and the IOD of each storage SOP class (PS3.4 B.5).

    UIDs that were entered by hand because they are newer than the sources stay where they are.
    """
    from pydicom._uid_dict import UID_dictionary

    identifiers = {item["name"]: item["id"] for item in load_snapshot(snapshot, "ciods")}
    iods = {item["id"]: identifiers[item["ciod"]] for item in load_snapshot(snapshot, "sops")}
    rows = [
        [uid, kind, "R" if retired else "", keyword, name, info, iods.get(uid, "")]
        for uid, (name, kind, info, retired, keyword) in UID_dictionary.items()
    ]
    with open(DATA / "uids.csv", encoding="utf-8", newline="") as handle:
        header, *current = csv.reader(handle)
    for before, row in pairwise(current):
        if row[0] not in UID_dictionary:
            rows.insert(1 + next(i for i, known in enumerate(rows) if known[0] == before[0]), row)
    write_csv("uids.csv", header, rows)


def collect_private() -> None:
    """Private elements that vendors have published, by private creator."""
    from pydicom._private_dict import private_dictionaries

    write_csv(
        "private.csv",
        ["creator", "tag", "vr", "vm", "name", "retired"],
        (
            (creator, tag, vr, vm, name, "R" if retired else "")
            for creator, entries in private_dictionaries.items()
            for tag, (vr, vm, name, retired) in entries.items()
        ),
    )


CONFIDENTIALITY_OPTIONS = {
    "rtnSafePrivOpt": "retain_safe_private",
    "rtnUIDsOpt": "retain_uids",
    "rtnDevIdOpt": "retain_device_identity",
    "rtnInstIdOpt": "retain_institution_identity",
    "rtnPatCharsOpt": "retain_patient_characteristics",
    "rtnLongFullDatesOpt": "retain_full_dates",
    "rtnLongModifDatesOpt": "retain_modified_dates",
    "cleanDescOpt": "clean_descriptors",
    "cleanStructContOpt": "clean_structured_content",
    "cleanGraphOpt": "clean_graphics",
}


def collect_confidentiality(snapshot: Path) -> None:
    """PS3.15 table E.1-1: what the confidentiality profiles do with each attribute."""
    rows = []
    for item in load_snapshot(snapshot, "confidentiality_profile_attributes"):
        tag = item["tag"].strip("()").replace(",", "").replace("X", "x")
        tag = "private" if tag.startswith("GGGG") else tag
        actions = [item.get(source, "") for source in CONFIDENTIALITY_OPTIONS]
        rows.append([tag, item["name"], item["stdCompIOD"], item["basicProfile"], *actions])
    header = ["tag", "name", "in_standard_iod", "basic_profile", *CONFIDENTIALITY_OPTIONS.values()]
    write_csv("confidentiality.csv", header, rows)


def collect_iods(snapshot: Path) -> None:
    """PS3.3 annex A: the modules and functional group macros of each IOD."""
    section = re.compile(r"/part03/(.*)\.html")
    for kind, name in (("ciods", "iods.csv"), ("modules", "modules.csv"), ("macros", "macros.csv")):
        rows = []
        for item in load_snapshot(snapshot, kind):
            link = section.search(item["linkToStandard"] or "")
            rows.append((item["id"], item["name"], link[1].removeprefix("sect_") if link else ""))
        write_csv(name, ["id", "name", "section"], rows)
    write_csv(
        "iod_modules.csv",
        ["iod", "module", "usage", "entity", "condition"],
        (
            (x["ciodId"], x["moduleId"], x["usage"], x["informationEntity"], x["conditionalStatement"] or "")
            for x in load_snapshot(snapshot, "ciod_to_modules")
        ),
    )
    write_csv(
        "iod_macros.csv",
        ["iod", "macro", "usage", "kind", "condition"],
        (
            (x["ciodId"], x["macroId"], x["usage"], x["moduleType"], x["conditionalStatement"] or "")
            for x in load_snapshot(snapshot, "ciod_to_func_group_macros")
        ),
    )


def collect_concepts() -> None:
    """PS3.16: coded concepts, context groups and the SNOMED-RT to SNOMED-CT mapping.

    The groups that a concept belongs to follow from the groups' own lists, and one direction of
    the mapping from the other; both are checked here, so that a newer source cannot lose them.
    """
    from pydicom.sr._cid_dict import cid_concepts, name_for_cid
    from pydicom.sr._concepts_dict import concepts
    from pydicom.sr._snomed_dict import mapping

    groups: dict[tuple[str, str], list[int]] = {}
    for cid in name_for_cid:
        for scheme, keywords in cid_concepts[cid].items():
            for keyword in keywords:
                groups.setdefault((scheme, keyword), []).append(cid)
    rows = []
    for scheme, entries in concepts.items():
        for keyword, codes in entries.items():
            ((code, (meaning, cids)),) = codes.items()  # type: ignore[attr-defined]
            if cids != groups.get((scheme, keyword), []):
                raise ValueError(f"the context groups of {scheme} {keyword} do not follow from their lists")
            rows.append((scheme, keyword, code, meaning))
    if mapping["SCT"] != {sct: srt for srt, sct in mapping["SRT"].items()}:
        raise ValueError("the SNOMED mapping is not one to one")

    write_csv("concepts.csv", ["scheme", "keyword", "code", "meaning"], rows)
    write_csv(
        "context_groups.csv",
        ["cid", "name", "scheme", "keywords"],
        (
            (cid, name, scheme, " ".join(keywords))
            for cid, name in name_for_cid.items()
            for scheme, keywords in (cid_concepts[cid] or {"": []}).items()
        ),
    )
    write_csv("snomed.csv", ["srt", "sct"], sorted(mapping["SRT"].items()))


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    snapshot = Path(arguments[0])
    DATA.mkdir(exist_ok=True)
    collect_elements(snapshot)
    collect_uids(snapshot)
    collect_private()
    collect_confidentiality(snapshot)
    collect_iods(snapshot)
    collect_concepts()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
