"""Files that are alike: what is taken from another file is what their own headers say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pydcm_pixels._series
from pydcm import dcmread
from pydcm.datadict import dictionary_has_tag, dictionary_VR
from pydcm.dataset import Dataset
from pydcm_pixels._series import grouping, kinds
from pydcm_pixels._series.alike import COMMON, Models
from pydcm_pixels._series.frames import frames_of
from pydcm_pixels._series.scan import scan

from .conftest import pattern

#: Functions that are called once for files that are alike.
ONCE = [
    function
    for module in (grouping, kinds)
    for function in vars(module).values()
    if getattr(function, "__code__", None) is grouping.series_key.__code__
]
#: Elements that are looked at when images are sorted, but not taken from another file.
OTHERS = sorted(
    {
        int(number, 16)
        for path in Path(pydcm_pixels._series.__file__).parent.glob("*.py")
        for number in re.findall(r"\b0x[0-9A-Fa-f]{8}\b", path.read_text("utf-8"))
    }
    - {*COMMON, 0x00020010}
)
VALUES = {
    "SQ": [Dataset()],
    "AT": 0x00280008,
    "DA": "20240203",
    "DT": "20240203",
    "TM": "101500",
    "OW": b"12",
}
#: What every image has of its own.
OWN = {"image", "position", "slope", "intercept", "table", "order", "_holders"}


def common_state(frame):
    """Return all that alike files have in common."""
    image = frame.image
    return (
        {name: getattr(frame, name) for name in set(frame.__slots__) - OWN},
        {name: getattr(image, name) for name in set(image.__slots__) - {"_ds", "_shared", "answers", "path"}},
        {function.__name__: function(frame) for function in ONCE},
    )


def state(frame):
    return common_state(frame), {name: getattr(frame, name) for name in OWN - {"image", "_holders"}}


def test_there_is_something_to_test():
    assert {"series_key", "never_together", "contrast_of"} <= {function.__name__ for function in ONCE}
    assert {0x00200032, 0x00281053} <= set(OTHERS) and len(OTHERS) > 50


def read(path):
    return dcmread(path, stop_before_pixels=True)


def test_frames_are_those_of_their_own_files(series):
    ct, mr, pt = builders = [series(modality) for modality in ("CT", "MR", "PT")]
    for at in range(6):
        for builder in builders:
            builder.add(pattern(at), [0, 0, at], f"{at}{builder.common['Modality']}.dcm", RescaleSlope=at + 1)
    ct.add(pattern(6), [0, 0, 9], "tilted.dcm", ImageOrientationPatient=[1, 0, 0, 0, 0.8, 0.6])
    ct.add(pattern(6), None, "nowhere.dcm")
    ct.add(pattern(6, dtype="u2"), [0, 0, 9], "unsigned.dcm")
    ct.add(pattern(6), [0, 0, 9], "implicit.dcm", syntax="1.2.840.10008.1.2")
    mr.add(pattern(6), [0, 0, 9], "echo.dcm", EchoTime=7)
    pt.add(pattern(6), [0, 0, 9], "index.dcm", RescaleIntercept=-1, ImageIndex=2)
    frames, left_out = scan(ct.folder)
    assert len(frames) == 24 and not left_out
    assert sum(frame.image.answers is None for frame in frames) == 4
    assert len({id(frame.image.answers) for frame in frames}) == 4
    for frame in frames:
        (alone,) = frames_of(frame.path, read(frame.path))
        assert state(frame) == state(alone), frame.path


@pytest.mark.parametrize("modality", ["CT", "MR", "NM"])
def test_what_others_have_in_common_depends_on_nothing_else(series, modality):
    path = series(modality).add(pattern(1), [0, 0, 1])
    (frame,) = frames_of(str(path), read(path))
    wanted = common_state(frame)
    for tag in OTHERS:
        vr = dictionary_VR(tag)[:2] if dictionary_has_tag(tag) else "LO"
        value = VALUES.get(vr, 3 if vr in ("US", "SS", "UL", "SL", "FD", "FL") else "3")
        ds = read(path)
        ds.add_new(tag, vr, value)
        assert [common_state(one) for one in frames_of(str(path), ds)] == [wanted], f"{tag:08X}"


def test_an_element_in_common_tells_files_apart(series):
    path = series().add(pattern(1), [0, 0, 1])
    models = Models()
    (model,) = frames_of(str(path), read(path), models)
    assert models.find(read(path)) is model
    for tag in COMMON:
        ds = read(path)
        if tag in ds:
            del ds[tag]
        else:
            ds.add_new(tag, "LO", "3")
        assert models.find(ds) is None, f"{tag:08X}"
    ds = read(path)
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.5"
    assert models.find(ds) is None
    del ds.file_meta
    assert models.find(ds) is None


def test_few_files_are_compared_with(series):
    builder = series()
    paths = [builder.add(pattern(at), [0, 0, at], SeriesDescription=str(at)) for at in range(20)]
    models = Models()
    made = [frames_of(str(path), read(path), models)[0] for path in paths]
    found = [models.find(read(path)) for path in paths]
    assert found == [None] * 12 + made[12:]
    assert models.find(read(paths[12])) is made[12], "the last ones that were found are kept"
