"""Names of files in a File-set."""

from itertools import islice
from pathlib import Path

import pytest

from pydcm._fileset.file_id import path_inside
from pydcm.fileset import _PREFIXES, generate_filename, is_conformant_file_id


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["00000000", "00000001"]),
        ({"start": 9}, ["00000009", "00000010"]),
        ({"start": 9, "alphanumeric": True}, ["00000009", "0000000A"]),
        ({"prefix": "IM", "start": 18, "alphanumeric": True}, ["IM00000I", "IM00000K"]),
        ({"prefix": "A" * 7, "start": 8}, ["AAAAAAA8", "AAAAAAA9"]),
    ],
)
def test_names_count_up(options, expected):
    assert list(islice(generate_filename(**options), 2)) == expected


def test_names_end_where_the_digits_do():
    assert list(generate_filename("ABCDEFG", start=7)) == ["ABCDEFG7", "ABCDEFG8", "ABCDEFG9"]
    assert len(list(generate_filename("ABCDEFG", alphanumeric=True))) == 35


def test_prefix_leaves_room():
    with pytest.raises(ValueError, match="less than 8"):
        next(generate_filename("12345678"))


def test_prefixes_are_distinct():
    assert len(set(_PREFIXES.values())) == len(_PREFIXES)


@pytest.mark.parametrize("path", ["A", "DIR/FILE_1", "1/2/3/4/5/6/7/8"])
def test_conformant(path):
    assert is_conformant_file_id(Path(path))


@pytest.mark.parametrize("path", ["a", "A.DCM", "TOO_LONG_", "1/2/3/4/5/6/7/8/9", "\u00c4", "A B"])
def test_not_conformant(path):
    assert not is_conformant_file_id(Path(path))


def test_file_ids_stay_inside(tmp_path):
    (tmp_path / "root" / "sub").mkdir(parents=True)
    root = tmp_path / "root"
    assert path_inside(root, ["sub", "FILE"]) == Path("sub/FILE")
    assert path_inside(root, ["sub", "..", "FILE"]) == Path("sub/../FILE")
    for outside in (
        ["..", "FILE"],
        ["sub", "..", "..", "x"],
        "/etc/passwd",
        ["/", "etc"],
        "../../x",
        ["a\0b"],
    ):
        with pytest.raises(PermissionError, match="must be inside the DICOMDIR root path"):
            path_inside(root, outside)


def test_symbolic_links_do_not_lead_out(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "LINK").symlink_to(tmp_path)
    with pytest.raises(PermissionError):
        path_inside(root, ["LINK", "x"])
