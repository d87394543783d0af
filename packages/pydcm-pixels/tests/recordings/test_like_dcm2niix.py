"""Spectra and recordings byte by byte as dcm2niix writes them."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ..vendors import oracle
from .made import (
    NON_IMAGE,
    classic,
    document,
    log,
    recording,
    rows,
    series,
    slots,
    spectra,
    volumes_log,
    with_protocol,
    written,
)
from .read import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydcm.dataset import Dataset

OWN = oracle.OWN | {"ConversionMethod"}
LOGS = [
    ("x_Info.log", volumes_log((1000, 1400, 1800), echoes=2)),
    ("x_PULS.log", log("PULS", [*rows(300), (1003, 2048, "PULS_TRIGGER")])),
    ("x_EXT.log", log("EXT", [(700, 1), (900, 1, "EXT_TRIGGER"), (1600, 1)])),
]
MAKERS = ("SIEMENS", "Philips Medical Systems", "GE MEDICAL SYSTEMS", "UIH", "CANON_MEC", "")


def _alone(make: Callable[[], Dataset]) -> Callable[[Path], Path]:
    return lambda folder: written(make(), folder)


def _spectra(maker: str, **options: Any) -> Callable[[Path], Path]:
    return _alone(lambda: spectra(maker, **options))


CASES: dict[str, Callable[[Path], Path]] = {}
for _maker in MAKERS:
    CASES |= {
        f"{_maker} voxel": _spectra(_maker),
        f"{_maker} plane": _spectra(_maker, kind="PLANE", grid=(4, 3, 1)),
        f"{_maker} volume": _spectra(_maker, kind="VOLUME", grid=(4, 3, 2)),
        f"{_maker} grid that is not called one": _spectra(_maker, kind="", grid=(2, 3, 2)),
        f"{_maker} twice": _spectra(_maker, times=2),
        f"{_maker} five times": _spectra(_maker, times=5),
        f"{_maker} files": lambda folder, maker=_maker: series(
            folder, 3, lambda **options: spectra(maker, **options)
        ),
    }
LINES = {
    "tSequenceFileName": "%SiemensSeq%\\svs_se",
    "sKSpace.lBaseResolution": 1,
    "sGRADSPEC.asGPAData[0].lOffsetX": -1681,
    "sTXSPEC.asNucleusInfo[0].flReferenceAmplitude": 267.782,
    "sCoilSelectMeas.aRxCoilSelectData[0].asList[0].sCoilElementID.tCoilID": "HeadX",
    "sCoilSelectMeas.sCoilStringForConversion": "AC",
    "ucCoilCombineMode": 1,
    "alTE[0]": 20000,
    "alTE[1]": 15000,
}
CASES |= {
    "protocol": _alone(lambda: with_protocol(spectra(), LINES)),
    "protocol of a grid": _alone(lambda: with_protocol(spectra(kind="PLANE", grid=(3, 2, 1)), LINES)),
    "classic voxel": _alone(classic),
    "classic plane": _alone(lambda: classic(grid=(4, 3, 1))),
    "classic volume": _alone(lambda: classic(grid=(4, 5, 3))),
    "classic files": lambda folder: series(folder, 3, classic),
    "classic twice": _alone(lambda: classic(times=2)),
    "classic echoes": _alone(lambda: classic(lines={"alTE[0]": 20000, "alTE[1]": 15000})),
    "classic coil": _alone(lambda: classic(entries={"ReceivingCoil": ["R1"], "ImaCoilString": []})),
    "classic without pixel spacing": _alone(
        lambda: classic(entries={"PixelSpacing": None, "SliceThickness": None})
    ),
    "classic without points": _alone(lambda: classic(entries={"SpectroscopyAcquisitionDataColumns": None})),
    "document": _alone(lambda: recording(document([("PULS", rows(500)), ("RESP", rows(90, 650, 8))]))),
    "document with gaps": _alone(lambda: recording(document([("PULS", rows(500)[:100] + rows(500)[200:])]))),
    "document without volumes": _alone(lambda: recording(document([("ECG", rows(50))], ()))),
    "logs": _alone(lambda: recording(slots(LOGS), sop_class=NON_IMAGE, kilobytes=32)),
    "logs backwards": _alone(lambda: recording(slots(LOGS[::-1]), kilobytes=32)),
    "log without volumes": _alone(lambda: recording(slots(LOGS[1:2]), kilobytes=32)),
}


def _facts(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _compare(theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    assert [name for name in theirs if name not in OWN] == [name for name in ours if name not in OWN]
    for name in theirs.keys() - OWN:
        if name == "VOI":
            np.testing.assert_allclose(theirs[name], ours[name], atol=1e-5)
        elif name == "cardiac_trigger" or isinstance(theirs[name], dict):
            assert theirs[name] == ours[name]
        else:
            assert oracle.same(theirs[name], ours[name]), (name, theirs[name], ours[name])


@pytest.mark.skipif(oracle.PROGRAM is None, reason="dcm2niix is not here")
@pytest.mark.parametrize("name", CASES)
def test_like_dcm2niix(name, tmp_path):
    folder = CASES[name](tmp_path / "in")
    oracle.theirs(folder, tmp_path / "t")
    oracle.ours(folder, tmp_path / "o")
    names = sorted(path.name for path in (tmp_path / "t").iterdir())
    assert names and names == sorted(path.name for path in (tmp_path / "o").iterdir())
    for one in names:
        theirs, ours = tmp_path / "t" / one, tmp_path / "o" / one
        if one.endswith(".json"):
            _compare(_facts(theirs), _facts(ours))
        elif one.endswith(".gz"):
            assert gzip.decompress(theirs.read_bytes()) == gzip.decompress(ours.read_bytes())
        else:
            a, b = read(theirs), read(ours)
            assert a.dim == b.dim and a.fields == b.fields and a.samples.tobytes() == b.samples.tobytes()
            np.testing.assert_allclose(a.pixdim, b.pixdim, rtol=1e-6)
            np.testing.assert_allclose(a.srow, b.srow, rtol=1e-5, atol=1e-5)
            _compare(a.extension or {}, b.extension or {})
