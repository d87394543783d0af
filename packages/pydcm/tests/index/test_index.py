"""Tables of many files."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import pydcm
from pydcm._index import DEFAULT_TAGS
from pydcm.dataset import Dataset, FileMetaDataset


def write(path: Path, number: int) -> None:
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"1.2.{number}"
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.PatientName = f"Müller^{number}"
    ds.InstanceNumber = number
    ds.ImagePositionPatient = [0, 0, number / 2]
    ds.SliceThickness = "2.5"
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    inner = Dataset()
    inner.CodeMeaning = f"meaning {number}"
    ds.ProcedureCodeSequence = [inner]
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two folders of files, one of which is no DICOM file."""
    for number in range(5):
        write(tmp_path / "tree" / ("a" if number < 3 else "b") / f"{number}.dcm", number)
    (tmp_path / "tree" / "notes.txt").write_text("not DICOM")
    return tmp_path / "tree"


TAGS = ["PatientName", "InstanceNumber", "ImagePositionPatient", "SliceThickness"]


def test_columns_are_typed(tree: Path) -> None:
    table = pydcm.index(tree, tags=TAGS, to="dict", pattern="*.dcm")
    assert table["PatientName"] == [f"Müller^{number}" for number in range(5)]
    assert table["InstanceNumber"] == list(range(5))
    assert table["ImagePositionPatient"][1] == [0.0, 0.0, 0.5]
    assert table["SliceThickness"] == [2.5] * 5
    assert table["error"] == [None] * 5
    assert [Path(path).name for path in table["path"]] == [f"{number}.dcm" for number in range(5)]


def test_bad_files_are_listed(tree: Path) -> None:
    table = pydcm.index(tree, to="dict")
    assert list(table) == ["path", *DEFAULT_TAGS, "error"]
    [bad] = [row for row, error in enumerate(table["error"]) if error]
    assert table["path"][bad].endswith("notes.txt")
    assert table["error"][bad].startswith("InvalidDicomError")
    assert table["SOPInstanceUID"][bad] is None


def test_paths_into_sequences_tags_and_file_meta(tree: Path) -> None:
    tags = ["ProcedureCodeSequence[0].CodeMeaning", 0x00200013, "(0020,0032)", "TransferSyntaxUID"]
    table = pydcm.index(tree / "b", tags=tags, to="dict")
    assert table["ProcedureCodeSequence[0].CodeMeaning"] == ["meaning 3", "meaning 4"]
    assert table["InstanceNumber"] == [3, 4]
    assert table["ImagePositionPatient"][0] == [0.0, 0.0, 1.5]
    assert table["TransferSyntaxUID"] == ["1.2.840.10008.1.2.1"] * 2
    assert pydcm.index(tree / "b", tags=["ProcedureCodeSequence[7].CodeMeaning"], to="dict")[
        "ProcedureCodeSequence[7].CodeMeaning"
    ] == [None, None]


@pytest.mark.parametrize(
    ("tags", "match"),
    [
        (["NoSuchKeyword"], "NoSuchKeyword"),
        (["PixelData"], "cannot be a column"),
        (["ProcedureCodeSequence"], "cannot be a column"),
        (["PatientID", "PatientID"], "more than once"),
        (["ProcedureCodeSequence[x].CodeMeaning"], "path of keywords"),
    ],
)
def test_columns_that_make_no_sense(tree: Path, tags: list[str], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        pydcm.index(tree, tags=tags)


def test_missing_path_and_unknown_forms(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        pydcm.index(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="choose one of"):
        pydcm.index(tree, to="excel")
    with pytest.raises(ValueError, match=r"\.csv or \.parquet"):
        pydcm.index(tree, output=tmp_path / "table.txt")


def test_unreadable_cell_does_not_lose_the_row(tmp_path: Path) -> None:
    path = tmp_path / "odd.dcm"
    write(path, 1)
    path.write_bytes(path.read_bytes().replace(b"DS\x04\x002.5 ", b"DS\x04\x00abcd"))
    table = pydcm.index(path, tags=["SliceThickness", "InstanceNumber"], to="dict")
    assert table["InstanceNumber"] == [1]
    assert table["SliceThickness"] == [None]
    assert "SliceThickness" in table["error"][0]


class InlineExecutor(Executor):
    """Runs tasks at once and counts them."""

    def __init__(self) -> None:
        self.tasks = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.tasks += 1
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_any_executor(tree: Path) -> None:
    executor = InlineExecutor()
    table = pydcm.index(tree, tags=TAGS, executor=executor, to="dict")
    assert executor.tasks == 1
    assert table == pydcm.index(tree, tags=TAGS, workers=1, to="dict")


def test_many_batches_keep_their_order(tmp_path: Path) -> None:
    write(tmp_path / "one.dcm", 1)
    content = (tmp_path / "one.dcm").read_bytes()
    files = [tmp_path / f"{number:04}.dcm" for number in range(300)]
    for file in files:
        file.write_bytes(content)
    seen: list[tuple[int, int]] = []
    with ThreadPoolExecutor(3) as pool:
        table = pydcm.index(
            files, tags=["InstanceNumber"], executor=pool, to="dict", progress=lambda *n: seen.append(n)
        )
    assert table["path"] == [str(file) for file in files]
    assert seen[0] == (0, 300)
    assert seen[-1] == (300, 300)
    assert pydcm.index(files, tags=["InstanceNumber"], workers=2, to="dict") == table


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_csv(tree: Path, tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    assert pydcm.index(tree, tags=TAGS, output=target) == target
    rows = read_csv(target)
    assert len(rows) == 6
    assert rows[2]["PatientName"] == "Müller^1"  # notes.txt comes first
    assert rows[2]["ImagePositionPatient"] == "0.0\\0.0\\0.5"
    assert not target.with_name("table.csv.partial").exists()


class Interrupting(InlineExecutor):
    """Stops the run at the second task, as Ctrl-C would."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self.tasks == 1:
            raise KeyboardInterrupt
        return super().submit(fn, *args, **kwargs)


def test_interrupted_run_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pydcm._index import _run

    monkeypatch.setattr(_run, "_BATCH", 2)
    monkeypatch.setattr(_run, "_AHEAD", 0)  # hand every result on before the next task
    for number in range(6):
        write(tmp_path / "files" / f"{number}.dcm", number)
    target = tmp_path / "table.csv"
    with pytest.raises(KeyboardInterrupt):
        pydcm.index(tmp_path / "files", tags=TAGS, output=target, executor=Interrupting())
    journal = tmp_path / "table.csv.partial"
    assert not target.exists()
    assert len(journal.read_text().splitlines()) == 3  # the header and two rows
    with journal.open("a") as file:
        file.write('["half a li')  # the machine went down while it was writing
    again = InlineExecutor()
    seen: list[Sequence[int]] = []
    pydcm.index(
        tmp_path / "files", tags=TAGS, output=target, executor=again, progress=lambda *n: seen.append(n)
    )
    assert again.tasks == 2
    assert seen[0] == (2, 6)
    assert [row["InstanceNumber"] for row in read_csv(target)] == [str(number) for number in range(6)]
    assert not journal.exists()


def test_journal_of_other_columns_is_not_continued(tree: Path, tmp_path: Path) -> None:
    journal = tmp_path / "table.csv.partial"
    first = json.dumps([str(tree / "a" / "0.dcm"), ["wrong"], None])
    journal.write_text(json.dumps({"columns": [["PatientID", "text", False]]}) + "\n" + first + "\n")
    pydcm.index(tree / "a", tags=["PatientName"], output=tmp_path / "table.csv")
    assert [row["PatientName"] for row in read_csv(tmp_path / "table.csv")] == [
        "Müller^0",
        "Müller^1",
        "Müller^2",
    ]


def test_output_inside_the_tree_is_not_indexed(tree: Path) -> None:
    target = tree / "table.csv"
    for _ in range(2):
        pydcm.index(tree, tags=TAGS, output=target)
        assert len(read_csv(target)) == 6


def test_parquet_and_arrow(tree: Path, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pydcm.index(tree, tags=TAGS, to="arrow")
    assert table.schema.field("InstanceNumber").type == pyarrow.int64()
    assert table.schema.field("ImagePositionPatient").type == pyarrow.list_(pyarrow.float64())
    target = pydcm.index(tree, tags=TAGS, output=tmp_path / "table.parquet")
    assert parquet.read_table(target).equals(table)


def test_pandas(tree: Path) -> None:
    pytest.importorskip("pandas")
    frame = pydcm.index(tree, tags=TAGS, to="pandas")
    assert list(frame.columns) == ["path", *TAGS, "error"]
    assert len(frame) == 6


def test_url_prefix(tree: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    for file in (tree / "a").iterdir():
        memory.pipe_file(f"/study/{file.name}", file.read_bytes())
    try:
        table = pydcm.index("memory://study", tags=["InstanceNumber"], to="dict")
    finally:
        memory.rm("/study", recursive=True)
    assert table["error"] == [None] * 3
    assert table["InstanceNumber"] == [0, 1, 2]


def test_progress_bar(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pydcm.index(tree, progress=True, to="dict")
    assert "6/6 files" in capsys.readouterr().err
