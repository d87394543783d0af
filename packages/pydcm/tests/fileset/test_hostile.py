"""DICOMDIRs that are damaged or meant to do harm."""

import shutil

import pytest

from pydcm import dcmread, examples
from pydcm.errors import DicomLimitError, InvalidDicomError
from pydcm.fileset import FileSet


@pytest.fixture
def dicomdir(tmp_path):
    shutil.copytree(examples.get_path("dicomdir").parent, tmp_path / "fs")
    return dcmread(tmp_path / "fs" / "DICOMDIR")


def records(ds, record_type):
    return [item for item in ds.DirectoryRecordSequence if item.DirectoryRecordType == record_type]


@pytest.mark.parametrize("file_id", [["..", "X"], ["PT000000", "..", "..", "X"]])
@pytest.mark.filterwarnings("ignore")
def test_file_id_that_climbs(dicomdir, file_id):
    records(dicomdir, "IMAGE")[0].ReferencedFileID = file_id
    with pytest.raises(PermissionError, match="must be inside the DICOMDIR root path"):
        FileSet(dicomdir)


def test_link_out_of_the_root(dicomdir, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (tmp_path / "fs" / "LINK").symlink_to(secret)
    records(dicomdir, "IMAGE")[0].ReferencedFileID = "LINK"
    with pytest.raises(PermissionError):
        FileSet(dicomdir)


def test_directory_that_leads_out_is_not_written_to(dicomdir, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    fs = FileSet(dicomdir)
    target = tmp_path / "target"
    target.mkdir()
    (target / "PT000000").symlink_to(outside)
    with pytest.raises(PermissionError, match="leads out"):
        fs.copy(target)
    assert list(outside.rglob("*.tmp")) == [] and not [p for p in outside.rglob("*") if p.is_file()]


def test_records_in_a_circle(dicomdir):
    study = records(dicomdir, "STUDY")[0]
    study.OffsetOfReferencedLowerLevelDirectoryEntity = records(dicomdir, "PATIENT")[0].seq_item_tell
    with pytest.raises(InvalidDicomError, match="twice"):
        FileSet(dicomdir)


def test_record_that_follows_itself(dicomdir):
    image = records(dicomdir, "IMAGE")[0]
    image.OffsetOfTheNextDirectoryRecord = image.seq_item_tell
    with pytest.raises(InvalidDicomError, match="twice"):
        FileSet(dicomdir)


def test_offset_to_nowhere(dicomdir):
    records(dicomdir, "IMAGE")[0].OffsetOfTheNextDirectoryRecord = 5
    with pytest.warns(UserWarning, match="at offset 5, where there is none"):
        fs = FileSet(dicomdir)
    # The two that cannot be reached are taken in from their files
    assert len(fs) == 5 and len(fs._stage["+"]) == 2
    fs.write()
    assert len(fs) == 5 and not fs.is_staged


def test_too_many_levels(dicomdir):
    from pydcm import Dataset
    from pydcm.sequence import Sequence

    items = []
    for number in range(200):
        item = Dataset()
        item.DirectoryRecordType = "PRIVATE"
        item.PrivateRecordUID = f"1.2.{number}"
        item.OffsetOfTheNextDirectoryRecord = 0
        item.OffsetOfReferencedLowerLevelDirectoryEntity = 1000 + 10 * (number + 1)
        item.seq_item_tell = 1000 + 10 * number
        items.append(item)
    dicomdir.DirectoryRecordSequence = Sequence(items)
    dicomdir.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = 1000
    with pytest.raises(DicomLimitError, match="nested more than"):
        FileSet(dicomdir)


def test_dicomdir_as_an_instance_survives(dicomdir, tmp_path):
    """A record that claims the DICOMDIR itself must not get it deleted."""
    image = records(dicomdir, "IMAGE")[0]
    image.ReferencedFileID = "DICOMDIR"
    fs = FileSet(dicomdir)
    fs.remove(fs.find(ReferencedFileID="DICOMDIR"))
    fs.write()
    assert (tmp_path / "fs" / "DICOMDIR").is_file()
    assert len(FileSet(tmp_path / "fs" / "DICOMDIR")) == 4


def test_missing_file_is_left_out(dicomdir, tmp_path):
    image = records(dicomdir, "IMAGE")[0]
    tmp_path.joinpath("fs", *image.ReferencedFileID).unlink()
    with pytest.warns(UserWarning, match="does not exist"):
        fs = FileSet(dicomdir)
    assert len(fs) == 4
    fs.ID = "SMALLER"
    fs.write()
    assert len(fs) == 4 and [i.load().SOPInstanceUID for i in fs] == [i.SOPInstanceUID for i in fs]


def test_records_without_files(dicomdir):
    for image in records(dicomdir, "IMAGE"):
        del image.ReferencedFileID
    fs = FileSet(dicomdir)
    assert len(fs) == 0 and fs._tree.children == []


def test_several_values_as_a_key(dicomdir):
    records(dicomdir, "PATIENT")[0].PatientID = ["A", "B"]
    assert len(FileSet(dicomdir)) == 5


def test_no_records(dicomdir):
    del dicomdir.DirectoryRecordSequence
    assert len(FileSet(dicomdir)) == 0


def test_not_a_dicomdir():
    with pytest.raises(ValueError, match="not a 'Media Storage Directory' instance"):
        FileSet(examples.ct)
