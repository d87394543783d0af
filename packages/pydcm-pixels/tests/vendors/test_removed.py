"""Images whose maker or modality was removed: what their private elements and their class say."""

from __future__ import annotations

import json

import pytest

from pydcm import dcmread
from pydcm.dataset import Dataset
from pydcm.sequence import Sequence

from . import ge, oracle, others, siemens

MAKES = {
    "mosaic": siemens.mosaic,
    "slices": siemens.slices,
    "ge": ge.oblique,
    "ge_fmri": ge.fmri,
    "uih": others.uih,
    "philips": others.philips,
    "philips_enhanced": others.philips_enhanced,
}
CHANGES = {
    "no_maker": ("Manufacturer", None),
    "empty_maker": ("Manufacturer", ""),
    "no_modality": ("Modality", None),
    "other_modality": ("Modality", "OT"),
}


def _outputs(folder):
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".json":
            sidecar = json.loads(path.read_text(encoding="utf-8"))
            found[path.name] = {key: one for key, one in sidecar.items() if not key.endswith("UID")}
        else:
            found[path.name] = path.read_bytes()
    return found


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", MAKES)
def test_removed(name, change, tmp_path):
    folder = MAKES[name](tmp_path / "in")
    oracle.ours(folder, tmp_path / "whole")
    keyword, value = CHANGES[change]
    for path in folder.iterdir():
        ds = dcmread(path)
        if value is None:
            del ds[keyword]
        else:
            setattr(ds, keyword, value)
        ds.save_as(path, enforce_file_format=True)
    oracle.ours(folder, tmp_path / "out")
    assert _outputs(tmp_path / "out") == _outputs(tmp_path / "whole")


def test_another_maker(tmp_path):
    """Images that somebody else has worked on stay theirs."""
    folder = siemens.mosaic(tmp_path / "in")
    for path in folder.iterdir():
        ds = dcmread(path)
        ds.Manufacturer = "Somebody"
        ds.save_as(path, enforce_file_format=True)
    oracle.ours(folder, tmp_path / "out")
    (sidecar,) = (one for name, one in _outputs(tmp_path / "out").items() if name.endswith("json"))
    assert (sidecar["Manufacturer"], sidecar["PhaseEncodingDirection"]) == ("Somebody", "j-")


@pytest.mark.parametrize("name", ["philips", "philips_enhanced"])
def test_place(name, tmp_path):
    """Philips repeats positions in items of its own, which stay where archives remove the standard's elements."""
    folder = MAKES[name](tmp_path / "in")
    oracle.ours(folder, tmp_path / "whole")
    for path in folder.iterdir():
        ds = dcmread(path)
        groups = ds.get("PerFrameFunctionalGroupsSequence")
        for item in groups or [ds]:
            own = item[0x2005140F].value[0] if groups else Dataset()
            own.ImagePositionPatient = (item.PlanePositionSequence[0] if groups else ds).ImagePositionPatient
            own.ImageOrientationPatient = (
                item.PlaneOrientationSequence[0] if groups else ds
            ).ImageOrientationPatient
            if groups:
                del item.PlanePositionSequence, item.PlaneOrientationSequence
            else:
                del ds.ImagePositionPatient, ds.ImageOrientationPatient
                ds.add_new(0x2005140F, "SQ", Sequence([own]))
        ds.save_as(path, enforce_file_format=True)
    oracle.ours(folder, tmp_path / "out")
    assert _outputs(tmp_path / "out") == _outputs(tmp_path / "whole")
