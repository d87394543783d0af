"""Recordings of heart and breath become BIDS tables."""

from __future__ import annotations

import gzip
import json
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pydcm_pixels._bids.convert import convert_series
from pydcm_pixels._bids.physiology import Signal, is_recording, recorded, table
from pydcm_pixels._series.problems import LeftOut

from .made import NON_IMAGE, RAW, document, log, recording, rows, slots, volumes_log, written

PULS = [*rows(300), (1003, 2048, "PULS_TRIGGER"), (1203, 2048, "PULS_TRIGGER")]
LOGS = [
    ("x_Info.log", volumes_log((1000, 1400, 1800))),
    ("x_PULS.log", log("PULS", PULS)),
    ("x_RESP.log", log("RESP", rows(100, step=8), 8)),
    ("x_EXT.log", log("EXT", [(700, 1), (900, 1, "EXT_TRIGGER"), (1600, 1)])),
]


def convert(ds, tmp_path, **options):
    """Convert one file; return what was found, and the tables and sidecars by label."""
    target = tmp_path / "out"
    found = convert_series(written(ds, tmp_path / "in"), target, pattern="%s_%p", progress=False, **options)
    tables = {}
    for path in sorted(target.glob("*.tsv.gz")):
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        sidecar = json.loads((target / path.name.replace(".tsv.gz", ".json")).read_text(encoding="utf-8"))
        tables[path.name.removesuffix("_physio.tsv.gz").partition("_recording-")[2]] = lines, sidecar
    return found, tables


@pytest.mark.parametrize("sop_class", [RAW, NON_IMAGE])
def test_document(tmp_path, sop_class):
    payload = document([("PULS", rows(500)), ("RESP", rows(200, 650, 8)), ("ACC", rows(5)), ("ECG", rows(1))])
    found, tables = convert(recording(payload, sop_class=sop_class), tmp_path)
    assert sorted(tables) == ["cardiac", "respiratory"] and found.left_out == []
    lines, sidecar = tables["cardiac"]
    assert sidecar == {
        "PhysioType": "generic",
        "Columns": ["cardiac", "trigger"],
        "SamplingFrequency": 200,
        "StartTime": -1,
    }
    assert len(lines) == 500 and lines[:2] == ["0.0000\t0", "37.0000\t0"]
    # volumes began 400 ticks after the recording, two ticks a sample
    assert [at for at, line in enumerate(lines) if line.endswith("\t1")] == [200, 400]
    assert tables["respiratory"][1]["SamplingFrequency"] == 50
    assert found.outputs[0].shape == (500, 2)


@pytest.mark.parametrize("sop_class", [RAW, NON_IMAGE])
def test_logs(tmp_path, sop_class):
    found, tables = convert(recording(slots(LOGS), sop_class=sop_class, kilobytes=32), tmp_path)
    assert sorted(tables) == ["cardiac", "external_trigger", "respiratory"] and len(found.outputs) == 3
    lines, sidecar = tables["cardiac"]
    assert sidecar["Columns"] == ["cardiac", "trigger", "cardiac_trigger"] and len(lines) == 300
    assert "Firmware-detected" in sidecar["cardiac_trigger"]["Description"]
    assert not any(line.startswith("2048.0000") for line in lines)  # a mark, no sample
    assert [at for at, line in enumerate(lines) if line.endswith("\t1")] == [202]  # the other one is later
    lines, sidecar = tables["external_trigger"]
    assert sidecar["Columns"][2] == "external_trigger_peak" and sidecar["StartTime"] == -0.75
    assert len(lines) == 451 and lines[1] == "n/a\t0\t0"


def test_slots_without_acquisition_number(tmp_path):
    ds = recording(slots(LOGS))
    del ds.AcquisitionNumber
    assert sorted(convert(ds, tmp_path)[1]) == ["cardiac", "external_trigger", "respiratory"]


def test_no_volumes(tmp_path):
    _, tables = convert(recording(slots(LOGS[1:3]), kilobytes=32), tmp_path)
    assert (
        tables["respiratory"][1]["Columns"] == ["respiratory"] and tables["respiratory"][1]["StartTime"] == 0
    )
    assert tables["cardiac"][1]["Columns"] == ["cardiac", "cardiac_trigger"]
    assert tables["respiratory"][0][1] == "37.0000"


def test_two_signals_of_a_kind(tmp_path):
    _, tables = convert(recording(document([("ECG", rows(5)), ("ECG", rows(7))])), tmp_path)
    assert {label: len(lines) for label, (lines, _) in tables.items()} == {"ecg": 5, "ecg2": 7}


def test_recordings_of_one_name(tmp_path):
    written(recording(document([("PULS", rows(9))])), tmp_path / "in", "b.dcm")
    convert(recording(document([("PULS", rows(5))])), tmp_path)
    names = sorted(path.name for path in (tmp_path / "out").glob("*.gz"))
    assert names == [
        "30_svs_se_recording-cardiac_physio.tsv.gz",
        "30_svs_sea_recording-cardiac_physio.tsv.gz",
    ]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (document([]), "no sensors were connected"),
        (document([("PULS", [(5, 1), (5, 2)])]), "no sensors were connected"),
        (slots(LOGS[:1]), "no sensors were connected"),
        (b"\x1f\x8b\x08" + b"\1" * 500, "cannot be decompressed"),
        (b"\1" * 4096, "no image: Raw Data Storage"),
        (b"", "no image: Raw Data Storage"),
        (slots(LOGS[1:2]) + b"\1" * 100, "no slots of equal length"),
        (document([("PULS", [(0, 1), (10**17, 2), (10**17 + 1, 3)])]), ""),
    ],
)
def test_nothing_to_write(tmp_path, payload, reason):
    found, tables = convert(recording(payload, kilobytes=32), tmp_path)
    if reason:
        assert tables == {} and reason in found.left_out[0][1]
    else:
        assert len(tables["cardiac"][0]) == 3  # spread over the time that there is


def test_times_too_far_apart(tmp_path):
    far = log("PULS", [(0, 1), (2 * 10**9, 2)])
    found, tables = convert(recording(slots([("x_PULS.log", far)]), kilobytes=32), tmp_path)
    assert tables == {} and "its times cannot be right" in found.left_out[0][1]
    assert list((tmp_path / "out").iterdir()) == []


def test_single_band_reference(tmp_path):
    ds = recording(document([("PULS", rows(9))]), description="bold_SBRef_PMU")
    found, tables = convert(ds, tmp_path)
    assert tables == {} and "single-band reference" in found.left_out[0][1]


def test_lines_that_make_no_sense():
    text = log(
        "PULS", [(10, "x"), (12, 5), (-4, 6), (14, 7), (16, 8, "FOO"), (18, "inf"), (20, "1e3"), (22, "nan")]
    )
    signals, _ = recorded(recording(slots([("x_PULS.log", text)]), kilobytes=32))
    columns, _ = table(signals[0], [])
    assert signals[0].ticks == [12, 14, 16, 18, 20, 22]
    assert columns[0][:3].tolist() == [5, 7, 8] and columns[0][4] == 1000


def test_samples_out_of_order():
    columns, sidecar = table(Signal("PULS", [8, 4, 2], [3.0, 2.0, 1.0], [3], 5.0), [2, 5, 99])
    assert columns[0].tolist()[:2] == [1, 2] and columns[0][3] == 3
    assert columns[1].tolist() == [1, 0, 1, 0] and columns[2].tolist() == [0, 1, 0, 0]
    assert sidecar["StartTime"] == 0


def test_other_files_of_the_class():
    head = struct.pack("<II", 10, 2**32 - 1)
    assert not is_recording(recording(head + b"_PULS.log" + bytes(2000)))
    assert not is_recording(recording(struct.pack("<II", 10, 9) + b"_FOO.log" + bytes(2000)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 3000), st.binary(max_size=60), st.booleans())
def test_damaged(at, content, compressed):
    payload = bytearray(document([("PULS", rows(50))]) if compressed else slots(LOGS[:2], 16))
    payload[at : at + len(content)] = content
    ds = recording(bytes(payload), kilobytes=16)
    if not is_recording(ds):
        return
    try:
        signals, starts = recorded(ds)
    except LeftOut:
        return
    for signal in signals:
        try:
            columns, _ = table(signal, starts)
        except LeftOut:
            continue
        assert len({len(column) for column in columns}) == 1


def test_many_tags_without_ends():
    text = gzip.compress(b'<PhysioStream TYPE="PULS" ' * 20000 + b"<Volume " * 20000)
    with pytest.raises(LeftOut, match="without signals"):
        recorded(recording(text))
