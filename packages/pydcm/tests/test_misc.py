"""Sizes, the DICM prefix, warnings."""

import logging
import warnings

import pytest

from pydcm import misc


@pytest.mark.parametrize(
    ("expr", "size"),
    [
        (None, None),
        (float("inf"), None),
        (12, 12),
        (1.5, 1.5),
        ("512", 512),
        (" 7 ", 7),
        ("2 kB", 2000),
        ("2KiB", 2048),
        ("0.5 MB", 500_000),
        ("3 mib", 3 * 2**20),
        ("1GB", 10**9),
        (" 1 GiB ", 2**30),
    ],
)
def test_sizes(expr, size):
    assert misc.size_in_bytes(expr) == size


@pytest.mark.parametrize("expr", ["", "kb", "1 TB", "kb 1", "1 kb x", "1e3", "1.5"])
def test_what_is_no_size(expr):
    with pytest.raises(ValueError):
        misc.size_in_bytes(expr)


def test_prefix(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(128) + b"DICM")
    assert misc.is_dicom(path)
    path.write_bytes(bytes(127) + b"DICM")
    assert not misc.is_dicom(str(path))
    path.write_bytes(b"")
    assert not misc.is_dicom(path)
    with pytest.raises(FileNotFoundError):
        misc.is_dicom(tmp_path / "none")


def test_warning_names_the_line_of_the_caller(caplog):
    with caplog.at_level(logging.WARNING, logger="pydicom"), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        misc.warn_and_log("odd", DeprecationWarning)
    assert caplog.messages == ["odd"]
    assert [(w.category, str(w.message), w.filename) for w in caught] == [
        (DeprecationWarning, "odd", __file__)
    ]


def test_logger():
    assert misc.LOGGER is logging.getLogger("pydicom")
    with pytest.raises(AttributeError):
        _ = misc.nothing
