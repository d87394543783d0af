"""What is logged while reading: where things are, what is odd, but no values."""

import logging
from io import BytesIO

import pytest

from pydcm import config, dcmread
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.filereader import read_dataset
from pydcm.uid import ExplicitVRLittleEndian


@pytest.fixture
def debugging(caplog, monkeypatch):
    monkeypatch.setattr(config, "debugging", True)
    with caplog.at_level(logging.DEBUG, "pydicom"):
        yield


@pytest.fixture(params=["path", "bytes", "stream"])
def source(request, tmp_path):
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    ds.PatientName = "Secret^Name"
    path = tmp_path / "a.dcm"
    ds.save_as(path, enforce_file_format=True)
    return {"path": path, "bytes": path.read_bytes(), "stream": BytesIO(path.read_bytes())}[request.param]


def read(data, **options):
    return read_dataset(BytesIO(data), False, True, **options)


SEQUENCE = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff"
ITEM = b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
ITEM_END = b"\xfe\xff\x0d\xe0\0\0\0\0"
END = b"\xfe\xff\xdd\xe0\0\0\0\0"
UID = b"\x08\x00\x50\x11UI\x04\x001.2\0"


def test_nothing_by_default(source, caplog):
    dcmread(source)
    assert caplog.text == ""


def test_preamble_at_debug_level(source, caplog):
    with caplog.at_level(logging.DEBUG, "pydicom"):
        ds = dcmread(source)
    assert "00000080: 'DICM' prefix found" in caplog.messages
    assert "(0010,0010)" not in caplog.text
    assert ds.PatientName == "Secret^Name"


@pytest.mark.usefixtures("debugging")
def test_elements_but_no_values(source, caplog):
    dcmread(source)
    (line,) = [message for message in caplog.messages if "(0010,0010)" in message]
    position, _, rest = line.partition(": ")
    assert rest == "10 00 10 00 50 4e 0c 00                (0010,0010) PN Length: 12"
    content = (
        source if isinstance(source, bytes) else source.getvalue() if hasattr(source, "getvalue") else None
    )
    if content is not None:
        assert content[int(position, 16) :].startswith(b"\x10\x00\x10\x00PN\x0c\x00")
    assert "Secret" not in caplog.text


@pytest.mark.usefixtures("debugging")
def test_sequences(caplog):
    ds = read(SEQUENCE + ITEM + UID + SEQUENCE + ITEM + ITEM_END + END + ITEM_END + END)
    assert len(ds.ReferencedImageSequence) == 1
    finished = [message for message in caplog.messages if "Finished" in message]
    assert finished == ["0000003C: Finished sequence item", "0000004C: Finished sequence item"]
    assert "0000000C: Reading/parsing undefined length sequence" in caplog.messages
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.usefixtures("debugging")
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            SEQUENCE + ITEM + ITEM_END + END[:4] + b"\x05\0\0\0",
            "Expected 0x00000000 after delimiter, found 0x5, at position 0x20",
        ),
        (
            UID + b"\x09\x00\x01\x10XX\x00\x00",
            "Unknown VR 'XX' assuming explicit VR encoding with 2-byte length",
        ),
        (UID + b"\x09\x00\x01\x10zz\x00\x00", "Unknown VR '0x7a7a' assuming implicit VR encoding"),
    ],
)
def test_oddities(data, message, caplog):
    read(data)
    assert message in [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


@pytest.mark.usefixtures("debugging")
def test_values_that_are_not_read(caplog):
    read(UID, defer_size=3)
    assert "Defer size exceeded. Skipping forward to next data element." in caplog.messages
