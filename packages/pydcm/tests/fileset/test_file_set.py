"""File-sets: making, loading, changing, writing and copying them."""

import os
import shutil
from pathlib import Path

import pytest

from pydcm import Dataset, dcmread, examples
from pydcm.fileset import DIRECTORY_RECORDERS, FileSet, RecordNode, _define_patient
from pydcm.uid import generate_uid


@pytest.fixture
def example(tmp_path):
    """A copy of the example File-set's directory."""
    root = tmp_path / "example"
    shutil.copytree(examples.get_path("dicomdir").parent, root)
    return root


def new_slice(number, **changes):
    ds = examples.ct
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}"
    ds.InstanceNumber = number
    for keyword, value in changes.items():
        setattr(ds, keyword, value)
    return ds


def files_below(root):
    return sorted(path.relative_to(root).as_posix() for path in Path(root).rglob("*") if path.is_file())


def test_example_can_be_searched(example):
    fs = FileSet(example / "DICOMDIR")
    assert len(fs) == 5 and not fs.is_staged
    assert fs.ID == "PYDCM_EXAMPLE"
    assert [len(fs.find(PatientID=patient)) for patient in ("FS-1", "FS-2", "nobody")] == [3, 2, 0]
    assert fs.find_values("Modality") == ["CT", "MR"]
    assert fs.find_values(["PatientID", "InstanceNumber"])["InstanceNumber"] == [1, 2, 3]
    assert len(fs.find(load=True, EchoTime=15)) == 1
    assert fs.find_values("EchoTime", instances=fs.find(Modality="MR"), load=True) == [15, 90]
    with pytest.warns(UserWarning, match="consider using the 'load' parameter"):
        assert fs.find(EchoTime=15) == []


def test_records_are_asked_from_the_lowest_up(example):
    instance = next(iter(FileSet(example / "DICOMDIR")))
    assert instance.PatientName == "Phantom^Chest" and instance["PatientID"].value == "FS-1"
    assert instance.SOPInstanceUID == instance[0x00080018].value == instance.load().SOPInstanceUID
    assert "StudyDate" in instance and "EchoTime" not in instance
    with pytest.raises(AttributeError, match="'FileInstance' object has no attribute 'EchoTime'"):
        instance.EchoTime


def test_text_counts_the_instances(example):
    fs = FileSet(example / "DICOMDIR")
    fs.remove(fs.find(Modality="CT")[0])
    fs.add(new_slice(9, PatientID="FS-1", StudyInstanceUID=fs.find(Modality="CT")[0].StudyInstanceUID))
    text = str(fs)
    assert "Changes staged for write(): DICOMDIR update, 1 addition, 1 removal" in text
    assert "    PATIENT: PatientID='FS-1', PatientName='Phantom^Chest'" in text
    assert "IMAGE: 2 SOP Instances (3 initial, 1 removal)" in text
    assert "IMAGE: 1 SOP Instance (1 addition)" in text


def test_new_file_set(tmp_path):
    fs = FileSet()
    with pytest.raises(ValueError, match="path to the root directory is required"):
        fs.write()
    for number in (1, 2):
        fs.add(new_slice(number))
    written = fs.write(tmp_path / "new")
    assert written == tmp_path / "new" / "DICOMDIR"
    directory = "PT000000/ST000000/SE000000"
    assert files_below(tmp_path / "new") == ["DICOMDIR", f"{directory}/IM000000", f"{directory}/IM000001"]
    assert not fs.is_staged and len(fs) == 2
    assert [instance.load().InstanceNumber for instance in fs] == [1, 2]
    with pytest.raises(ValueError, match="cannot be changed"):
        fs.write(tmp_path / "elsewhere")


def test_data_set_is_staged_as_it_was(tmp_path):
    ds = new_slice(1)
    fs = FileSet()
    instance = fs.add(ds)
    ds.PatientComments = "changed later"
    assert "PatientComments" not in instance.load()
    fs.write(tmp_path)
    assert "PatientComments" not in fs._instances[0].load()


def test_staging_makes_no_copies(tmp_path, monkeypatch):
    import tempfile

    def refuse(*args, **kwargs):
        raise AssertionError("a temporary directory was made")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", refuse)
    fs = FileSet()
    fs.add(new_slice(1))
    fs.add(examples.get_path("mr"))
    assert len(fs.find(load=True, Modality="MR")) == 1
    fs.write(tmp_path)
    assert len(fs) == 2


def test_files_are_copied_byte_for_byte(tmp_path):
    source = examples.get_path("mr")
    fs = FileSet()
    instance = fs.add(source)
    assert instance.path == os.fspath(source)
    fs.write(tmp_path)
    assert Path(fs._instances[0].path).read_bytes() == source.read_bytes()


def test_staged_file_must_stay_as_it_is(tmp_path):
    source = tmp_path / "source"
    shutil.copy(examples.get_path("mr"), source)
    fs = FileSet()
    fs.add(source)
    source.write_bytes(source.read_bytes() + b"\0\0")
    with pytest.raises(ValueError, match="was changed since"):
        fs.write(tmp_path / "root")
    source.unlink()
    with pytest.raises(FileNotFoundError, match="no longer exists"):
        fs.write(tmp_path / "root")
    assert not (tmp_path / "root").exists()


def test_path_of_a_staged_data_set_is_private(tmp_path):
    fs = FileSet()
    instance = fs.add(new_slice(1))
    path = Path(instance.path)
    assert dcmread(path).InstanceNumber == 1
    assert path.parent == fs._stage["path"]
    if os.name == "posix":
        assert path.parent.stat().st_mode & 0o077 == 0
    fs.remove(instance)
    assert not path.exists() and len(fs) == 0


def test_file_with_poor_meta_information_is_completed(tmp_path):
    ds = examples.mr
    del ds.file_meta.MediaStorageSOPInstanceUID
    ds.save_as(tmp_path / "poor")
    fs = FileSet()
    fs.add(tmp_path / "poor")
    fs.write(tmp_path / "root")
    assert fs._instances[0].load().file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID


def test_same_instance_is_added_once(example):
    fs = FileSet(example / "DICOMDIR")
    instance = next(iter(fs))
    assert fs.add(instance.load()) is instance
    fs.remove(instance)
    assert instance.for_removal and len(fs) == 4
    assert fs.add(instance.load()) is instance
    assert not fs.is_staged and len(fs) == 5
    other = FileSet(example / "DICOMDIR")
    with pytest.raises(ValueError, match="No such instance"):
        other.remove(instance)


def test_removal_moves_the_rest(example):
    fs = FileSet(example / "DICOMDIR")
    ct = fs.find(Modality="CT")
    uids = [instance.SOPInstanceUID for instance in ct]
    fs.remove(ct[0])
    fs.write()
    assert [instance.load().SOPInstanceUID for instance in fs.find(Modality="CT")] == uids[1:]
    names = files_below(example)
    assert "PT000000/ST000000/SE000000/IM000001" in names
    assert "PT000000/ST000000/SE000000/IM000002" not in names
    fs.remove(fs.find(Modality="MR"))
    fs.write()
    assert not (example / "PT000001").exists()


def test_removal_without_moving(example):
    fs = FileSet(example / "DICOMDIR")
    ct = fs.find(Modality="CT")
    kept = [Path(instance.path) for instance in ct[1:]]
    fs.remove(ct[0])
    fs.write(use_existing=True)
    assert [Path(instance.path) for instance in fs.find(Modality="CT")] == kept
    assert len(files_below(example)) == 5
    fs.add(new_slice(1))
    with pytest.raises(ValueError, match="use_existing"):
        fs.write(use_existing=True)


def test_swapped_places(example):
    """Files that take each other's names keep their contents."""
    ds = dcmread(example / "DICOMDIR")
    images = [item for item in ds.DirectoryRecordSequence if item.get("ReferencedFileID")][:3]
    paths = [example.joinpath(*item.ReferencedFileID) for item in images]
    contents = [path.read_bytes() for path in paths]
    rotated = contents[1:] + contents[:1]
    for path, content, item in zip(paths, rotated, images):
        path.write_bytes(content)
        item.ReferencedSOPInstanceUIDInFile = dcmread(path).SOPInstanceUID
    ids = [list(item.ReferencedFileID) for item in images]
    for item, file_id, uid in zip(
        images, ids[2:] + ids[:2], [dcmread(p).SOPInstanceUID for p in paths[2:] + paths[:2]]
    ):
        item.ReferencedFileID = file_id
        item.ReferencedSOPInstanceUIDInFile = uid
    ds.save_as(example / "DICOMDIR")
    fs = FileSet(example / "DICOMDIR")
    assert fs._stage["~"]
    expected = [instance.SOPInstanceUID for instance in fs]
    fs.write()
    assert [instance.load().SOPInstanceUID for instance in fs] == expected
    assert not fs._stage["~"] and len(files_below(example)) == 6


def test_failure_changes_nothing(example, monkeypatch):
    before = {name: (example / name).read_bytes() for name in files_below(example)}
    fs = FileSet(example / "DICOMDIR")
    fs.remove(next(iter(fs)))
    fs.add(new_slice(1))

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Dataset, "save_as", full)
    with pytest.raises(OSError, match="No space left"):
        fs.write()
    assert {name: (example / name).read_bytes() for name in files_below(example)} == before
    monkeypatch.undo()
    fs.write()
    assert len(fs) == 5


def test_copy_takes_the_changes_along(example, tmp_path):
    fs = FileSet(example / "DICOMDIR")
    fs.remove(fs.find(Modality="CT")[0])
    fs.add(new_slice(1))
    before = files_below(example)
    copy = fs.copy(tmp_path / "copy")
    assert len(copy) == 5 and not copy.is_staged and copy.UID == fs.UID
    assert fs.is_staged and files_below(example) == before
    assert os.stat(copy._instances[0].path).st_ino not in {os.stat(example / name).st_ino for name in before}
    with pytest.raises(ValueError, match="'path' is unchanged"):
        fs.copy(example)


def test_implicit_vr_on_request(example, tmp_path):
    fs = FileSet(example / "DICOMDIR")
    with pytest.warns(UserWarning, match="invalid transfer syntax"):
        copy = fs.copy(tmp_path / "copy", force_implicit=True)
    assert len(copy) == 5
    assert copy._ds.file_meta.TransferSyntaxUID.is_implicit_VR


def test_identification(example):
    fs = FileSet(example / "DICOMDIR")
    fs.ID = "NEW"
    fs.descriptor_file_id = ["DOC", "README"]
    fs.descriptor_character_set = "ISO_IR 100"
    fs.UID = generate_uid()
    fs.write()
    ds = dcmread(example / "DICOMDIR")
    assert ds.FileSetID == "NEW" and ds.FileSetDescriptorFileID == ["DOC", "README"]
    assert ds.file_meta.MediaStorageSOPInstanceUID == fs.UID
    with pytest.raises(ValueError, match="maximum length of the 'File-set ID'"):
        fs.ID = "x" * 17
    with (
        pytest.warns(UserWarning, match="Invalid value for VR UI"),
        pytest.raises(ValueError, match="not a valid UID"),
    ):
        fs.UID = "1.02"


def test_custom_records(tmp_path):
    ds = new_slice(1)
    patient = _define_patient(ds)
    patient.DirectoryRecordType = "PATIENT"
    private = Dataset()
    private.DirectoryRecordType = "PRIVATE"
    private.PrivateRecordUID = "1.2.3.4"
    leaf, top = RecordNode(private), RecordNode(patient)
    leaf.parent = top
    fs = FileSet()
    instance = fs.add_custom(ds, leaf)
    assert instance.is_private and instance.FileID == os.path.join("PT000000", "P1000000")
    fs.write(tmp_path)
    assert fs._instances[0].PrivateRecordUID == "1.2.3.4"


def test_own_recorder(tmp_path, monkeypatch):
    def with_description(ds):
        record = Dataset()
        for keyword in ("Modality", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription"):
            setattr(record, keyword, ds[keyword].value)
        return record

    monkeypatch.setitem(DIRECTORY_RECORDERS, "SERIES", with_description)
    fs = FileSet()
    fs.add(examples.mr)
    assert "SeriesDescription='Example mr'" in str(fs)


@pytest.mark.parametrize(
    ("name", "record_type"),
    [("rt_dose", "RT DOSE"), ("rt_plan", "RT PLAN"), ("rt_ss", "RT STRUCTURE SET"), ("waveform", "WAVEFORM")],
)
def test_record_type(name, record_type):
    assert FileSet().add(getattr(examples, name)).node.record_type == record_type


def test_missing_element_is_named():
    ds = examples.mr
    del ds.StudyID
    with pytest.raises(
        ValueError,
        match=r"'STUDY' record creator: The instance's \(0020,0010\) 'Study ID' element is missing",
    ):
        FileSet().add(ds)


def test_many_instances_take_linear_time(tmp_path):
    """Two thousand instances of one series: adding and laying out must not look at all pairs."""
    fs = FileSet()
    ds = examples.no_meta
    from pydcm.dataset import FileMetaDataset

    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2"
    for number in range(2000):
        ds.SOPInstanceUID = f"1.2.3.{number}"
        fs.add(ds)
    from pydcm._fileset.writing import lay_out

    places = lay_out(fs._tree)
    assert len(fs) == 2000 and len(fs._tree.children) == 1
    assert places[fs._instances[1999].node][-1] == "IM001999"
