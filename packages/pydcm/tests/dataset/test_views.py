"""What people see of a data set: text, notebook trees, names, places in the file, arrays of numbers."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from pathlib import Path

import pytest

import pydcm
from pydcm import config
from pydcm._dataset import _html
from pydcm.dataset import Dataset
from pydcm_testing.builders import as_bytes, ct_image, nested


class Balanced(HTMLParser):
    """Collects tags and text, and insists that every tag is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> Balanced:
    parser = Balanced()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return parser


def test_html_escapes_what_it_shows() -> None:
    ds = ct_image(PatientName="<script>alert(1)</script>", StudyDescription="a & b")
    html = ds._repr_html_()
    page = parsed(html)
    assert page.seen <= {"div", "details", "summary", "table", "tbody", "tr", "td", "i", "img"}
    assert "<script" not in html
    assert "'<script>alert(1)</script>'" in page.text
    assert "File Meta Information" in page.text


def test_html_is_bounded_and_survives_bad_values() -> None:
    ds = nested(_html.MAX_LEVELS + 3)
    assert parsed(ds._repr_html_()).text.count("Item 1") == _html.MAX_LEVELS - 1
    many = Dataset()
    many.ContentSequence = [Dataset() for _ in range(50)]
    for item in many.ContentSequence:
        item.ImageComments = "x" * (2 * _html.MAX_VALUE)
    text = parsed(_html.render(many, max_rows=10)).text
    assert "more" in text
    assert "x" * (_html.MAX_VALUE + 1) not in text

    broken = Dataset()
    broken[0x00280010] = pydcm.dataelem.RawDataElement(
        pydcm.tag.Tag(0x00280010), "US", 3, b"abc", 0, False, True
    )
    assert "BytesLengthException" in parsed(broken._repr_html_()).text


def test_text(monkeypatch: pytest.MonkeyPatch) -> None:
    ds = nested(2)
    lines = str(ds).splitlines()
    assert lines[0].startswith("Dataset.file_meta ---")
    assert any(line.startswith("      (0008,0104)") for line in lines)
    assert "Code Meaning" not in ds.top()
    monkeypatch.setattr(config, "show_file_meta", False)
    assert str(ds).startswith("(0008,0016)")
    assert repr(ds) == str(ds)
    assert {"CodeMeaning", "ContentSequence!"} <= set(ds.formatted_lines("%(keyword)s", "%(keyword)s!"))
    with pytest.raises(KeyError, match="_value"):
        list(ds.formatted_lines("%(_value)s"))


def test_names() -> None:
    ds = ct_image()
    assert ds.dir("patient", "ROWS") == [
        "ImageOrientationPatient",
        "ImagePositionPatient",
        "PatientID",
        "PatientName",
        "Rows",
    ]
    assert {"PatientName", "save_as", "pixel_array"} <= set(ds.trait_names())


@pytest.mark.parametrize("defer_size", [None, 16])
def test_element_location(tmp_path: Path, defer_size: int | None) -> None:
    path = tmp_path / "ct.dcm"
    source = ct_image()
    path.write_bytes(as_bytes(source))
    ds = pydcm.dcmread(path, defer_size=defer_size)
    content = path.read_bytes()
    for elem in source:
        place = ds.element_location(elem.tag)
        assert place is not None
        assert content[place.offset : place.offset + 4] == elem.tag.group.to_bytes(2, "little") + (
            elem.tag.element.to_bytes(2, "little")
        )
        assert place.length is not None
        if elem.keyword == "PixelData":
            assert content[place.value_offset : place.value_offset + place.length] == elem.value
    assert ds.element_location("PixelData") is not None
    ds.StudyDescription = "set"
    assert ds.element_location("StudyDescription") is None
    with pytest.raises(KeyError):
        ds.element_location("PatientSex")


def test_numbers_as_arrays() -> None:
    np = pytest.importorskip("numpy")
    source = ct_image()
    for ds in (source, pydcm.dcmread(io.BytesIO(as_bytes(source)))):
        orientation = ds.to_numpy("ImageOrientationPatient")
        assert orientation.dtype == np.float64
        assert orientation.tolist() == [1, 0, 0, 0, 1, 0]
        assert ds.to_numpy((0x0028, 0x0010)).tolist() == [4]
        ds.ImageOrientationPatient[0] = 0.5
        assert ds.to_numpy("ImageOrientationPatient")[0] == 0.5
        with pytest.raises(TypeError, match="does not hold numbers"):
            ds.to_numpy("PatientName")
        with pytest.raises(KeyError):
            ds.to_numpy("PatientSex")


def test_numpy_takes_a_data_set_for_one_object() -> None:
    np = pytest.importorskip("numpy")
    ds = ct_image()
    array = np.array([ds, ds])
    assert array.shape == (2,)
    assert array[0] is ds


def test_deprecated_names() -> None:
    ds = pydcm.dcmread(io.BytesIO(as_bytes(ct_image())))
    assert ds.is_implicit_VR is False
    with pytest.warns(DeprecationWarning, match="FileDataset.is_implicit_VR"):
        ds.is_implicit_VR = True
    assert ds.is_implicit_VR is True
    assert not ds.is_original_encoding
    with pytest.warns(DeprecationWarning, match="original_encoding"):
        assert ds.read_little_endian is True
    with pytest.warns(DeprecationWarning, match="original_character_set"):
        assert ds.read_encoding == ds.original_character_set
