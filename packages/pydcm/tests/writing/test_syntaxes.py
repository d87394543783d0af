"""Transfer syntaxes, and agreement with pydicom in both directions."""

from __future__ import annotations

import io
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pydcm
from pydcm import uid
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.filewriter import dcmwrite

pydicom = pytest.importorskip("pydicom")

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
BIG = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
NATIVE = [IMPLICIT, EXPLICIT, BIG, DEFLATED]


def written(ds: Any, writer: Any = dcmwrite, **kwargs: Any) -> bytes:
    out = io.BytesIO()
    writer(out, ds, **kwargs)
    return out.getvalue()


def one_of_each(peer: Any, syntax: str) -> Any:
    """Return a data set of `peer` with an element of every VR, twice nested."""
    ds = peer.Dataset()
    ds.file_meta = peer.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.preamble = b"\0" * 128

    def fill(ds: Any) -> None:
        ds.SpecificCharacterSet = "ISO_IR 192"
        ds.RetrieveAETitle = ["AE1", "AE2"]
        ds.PatientAge = "012Y"
        ds.FrameIncrementPointer = [0x00181063, 0x00280010]
        ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.StudyDate = "20240101"
        ds.PixelSpacing = ["0.5", "1.25E1"]
        ds.AcquisitionDateTime = "20240101120000.5+0100"
        ds.RealWorldValueSlope = 1 / 3
        ds.TagAngleSecondAxis = 3
        ds.RecommendedDisplayFrameRateInFloat = 1.5
        ds.StageNumber = "12"
        ds.ReferencedFrameNumber = [1, 2, 3]
        ds.InstitutionName = "Krankenhaus Ü"
        ds.PatientComments = "a\\b"
        ds.ICCProfile = b"\1\2\3"
        ds.DoubleFloatPixelData = b"\0" * 16
        ds.PointCoordinatesData = b"\1\2\3\4"
        ds.LongPrimitivePointIndexList = b"\1\2\3\4"
        ds.SelectorOVValue = b"\1\2\3\4\5\6\7\0"
        ds.RedPaletteColorLookupTableData = b"\1\2"
        ds.PatientName = "Müller^Jörg=吉田^太郎"
        ds.ProtocolName = None
        ds.SelectorSLValue = [-1, 2**31 - 1, -(2**31)]
        ds.SelectorSSValue = [-1, 32767]
        ds.DerivationDescription = "text"
        ds.SelectorSVValue = [-1, 2**63 - 1]
        ds.SelectorUVValue = [0, 2**64 - 1]
        ds.ContentTime = "120000.25"
        ds.LongCodeValue = "c"
        ds.SOPInstanceUID = "1.2.3"
        ds.SelectorULValue = [1, 2**32 - 1]
        ds.SelectorUNValue = b"\1\2"
        ds.RetrieveURL = "http://a.b"
        ds.Rows = 512
        ds.TextValue = "é" * 3
        ds.PixelRepresentation = 1
        ds.PixelPaddingValue = -2000
        ds.LUTDescriptor = [4, -5, 16]
        ds.BitsAllocated = 16

    fill(ds)
    item, inner = peer.Dataset(), peer.Dataset()
    for each in (item, inner):
        fill(each)
    inner.SpecificCharacterSet = "ISO_IR 13"
    inner.PatientName, inner.InstitutionName, inner.TextValue = "ﾔﾏﾀﾞ", "ABC", "x"
    item.ConceptCodeSequence = [inner]
    ds.ConceptCodeSequence = [item, peer.Dataset()]
    ds.PixelData = b"\1\2\3\4"
    return ds


@pytest.mark.parametrize("syntax", NATIVE)
def test_same_bytes_as_pydicom(syntax: str) -> None:
    ours = written(one_of_each(pydcm, syntax))
    assert ours == written(one_of_each(pydicom, syntax), pydicom.dcmwrite)
    assert written(pydcm.dcmread(ours)) == ours


def same(ours: Any, theirs: Any) -> None:
    assert [int(elem.tag) for elem in ours] == [int(elem.tag) for elem in theirs]
    for a, b in zip(ours, theirs, strict=True):
        assert a.VR == b.VR, a
        if a.VR == "SQ":
            assert len(a.value) == len(b.value)
            for item, other in zip(a.value, b.value, strict=True):
                same(item, other)
        else:
            assert str(a.value) == str(b.value), a


@pytest.mark.parametrize("target", NATIVE)
@pytest.mark.parametrize("looked_at", [False, True])
@pytest.mark.parametrize("origin", NATIVE)
def test_conversions(origin: str, target: str, looked_at: bool) -> None:
    content = written(one_of_each(pydcm, origin))
    ours, theirs = pydcm.dcmread(content), pydicom.dcmread(io.BytesIO(content))
    if looked_at:
        for elem in ours.iterall():
            str(elem)
    ours.file_meta.TransferSyntaxUID = theirs.file_meta.TransferSyntaxUID = target
    result = written(ours)
    expected = written(theirs, pydicom.dcmwrite)
    same(pydcm.dcmread(result), pydicom.dcmread(io.BytesIO(expected)))
    same(pydcm.dcmread(expected), pydicom.dcmread(io.BytesIO(result)))
    if DEFLATED not in (origin, target):
        assert len(result) == len(expected)


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "rtplan.dcm", "MR_small_bigendian.dcm", "test-SR.dcm", "nested_priv_SQ.dcm"]
)
@pytest.mark.parametrize("target", [IMPLICIT, EXPLICIT, BIG])
def test_conversions_of_samples(name: str, target: str) -> None:
    from pydicom.data import get_testdata_file

    path = get_testdata_file(name, download=False)
    ours, theirs = pydcm.dcmread(path), pydicom.dcmread(path)
    ours.file_meta.TransferSyntaxUID = theirs.file_meta.TransferSyntaxUID = target
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result, expected = written(ours), written(theirs, pydicom.dcmwrite)
        same(pydcm.dcmread(result), pydicom.dcmread(io.BytesIO(expected)))


def test_encapsulated_pixel_data() -> None:
    from pydcm.encaps import encapsulate

    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = uid.JPEG2000Lossless
    ds.preamble = b"\0" * 128
    ds.PixelData = encapsulate([b"\1\2", b"\3\4\5\6"])
    ds["PixelData"].VR = "OB"
    content = written(ds)
    assert content.endswith(b"\xfe\xff\xdd\xe0\0\0\0\0")
    assert b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff" in content
    again = pydcm.dcmread(content)
    again.PatientID = "1"
    assert pydcm.dcmread(written(again)).PixelData == ds.PixelData
    again.file_meta.TransferSyntaxUID = EXPLICIT
    assert b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff" not in written(again)
    again.file_meta.TransferSyntaxUID = uid.JPEG2000Lossless
    again.PixelData = b"\0\0\0\0"
    with pytest.raises(ValueError, match="encapsulate"):
        written(again)


def test_changing_the_syntax_alone_does_not_compress() -> None:
    ds = one_of_each(pydcm, EXPLICIT)
    again = pydcm.dcmread(written(ds))
    again.file_meta.TransferSyntaxUID = uid.JPEG2000Lossless
    with pytest.raises(ValueError, match="encapsulate"):
        written(again)


def test_several_transfer_syntaxes() -> None:
    ds = one_of_each(pydcm, EXPLICIT)
    ds.file_meta.TransferSyntaxUID = [IMPLICIT, EXPLICIT]
    with pytest.raises(ValueError, match="has to be one UID"):
        written(ds)


def test_file_meta_that_ends_inside_a_value() -> None:
    content = written(one_of_each(pydcm, EXPLICIT))
    position = content.index(EXPLICIT.encode())
    content = content[: position - 2] + b"\xff\0" + content[position : position + 10]
    ds = pydcm.dcmread(content, force=True)
    assert written(ds) == content
    ds.file_meta.TransferSyntaxUID = EXPLICIT
    ds = pydcm.dcmread(written(ds))
    ds.PatientID = "1"
    assert pydcm.dcmread(written(ds)).PatientID == "1"


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="\\^="),
    min_size=1,
    max_size=12,
)
UIDS = st.lists(st.integers(1, 999), min_size=1, max_size=8).map(lambda parts: ".".join(map(str, parts)))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "PatientName": st.tuples(TEXT, TEXT).map("^".join),
    "PatientID": TEXT,
    "OtherPatientNames": st.lists(TEXT, min_size=1, max_size=3),
    "ImageType": st.lists(
        st.text("ABC_ 9", min_size=1, max_size=8).map(str.strip).filter(bool), min_size=1, max_size=3
    ),
    "StudyDate": st.dates().map(lambda day: day.strftime("%Y%m%d").zfill(8)),
    "PixelSpacing": st.lists(st.integers(-(10**6), 10**6).map(lambda i: i / 64), min_size=1, max_size=4),
    "InstanceNumber": st.integers(-(2**31), 2**31 - 1),
    "Rows": st.integers(0, 2**16 - 1),
    "DimensionIndexValues": st.lists(st.integers(0, 2**32 - 1), max_size=5),
    "SelectorSLValue": st.integers(-(2**31), 2**31 - 1),
    "SelectorSSValue": st.lists(st.integers(-(2**15), 2**15 - 1), max_size=3),
    "SelectorUVValue": st.integers(0, 2**64 - 1),
    "RealWorldValueSlope": st.floats(allow_nan=False),
    "RecommendedDisplayFrameRateInFloat": st.floats(allow_nan=False, width=32),
    "FrameIncrementPointer": st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=3),
    "SOPInstanceUID": UIDS,
    "ICCProfile": st.binary(max_size=20),
    "TextValue": st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=30),
    "ProtocolName": st.none(),
}
CONTENT: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.fixed_dictionaries({}, optional=VALUES),
    lambda inner: st.fixed_dictionaries(
        {}, optional={**VALUES, "ConceptCodeSequence": st.lists(inner, max_size=3)}
    ),
    max_leaves=6,
)


def build(peer: Any, content: dict[str, Any]) -> Any:
    ds = peer.Dataset()
    for keyword, value in content.items():
        setattr(
            ds, keyword, [build(peer, item) for item in value] if keyword == "ConceptCodeSequence" else value
        )
    return ds


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=CONTENT, syntax=st.sampled_from([IMPLICIT, EXPLICIT, BIG]), more=CONTENT)
def test_any_data_set(content: dict[str, Any], syntax: str, more: dict[str, Any]) -> None:
    pair = []
    for peer in (pydcm, pydicom):
        ds = build(peer, content)
        ds.SpecificCharacterSet = "ISO_IR 192"
        ds.file_meta = peer.dataset.FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = syntax
        ds.preamble = b"\0" * 128
        pair.append(ds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = written(pair[0]), written(pair[1], pydicom.dcmwrite)
        assert ours == theirs
        same(pydcm.dcmread(ours), pydicom.dcmread(io.BytesIO(ours)))
        # the same again with what was read, edited
        again, other = pydcm.dcmread(ours), pydicom.dcmread(io.BytesIO(ours))
        assert written(again) == ours
        for ds, peer in ((again, pydcm), (other, pydicom)):
            for elem in build(peer, more):
                ds[elem.tag] = elem
        assert written(again) == written(other, pydicom.dcmwrite)
