"""Hypothesis strategies: values by VR and whole data sets."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pydcm.dataset import Dataset

__all__ = ["datasets", "values"]

_CODE = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", min_size=1, max_size=16)
_TEXT = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P"], exclude_characters="\\^="),
    min_size=1,
    max_size=16,
)
_DECIMAL = st.integers(-(10**6), 10**6).map(lambda number: number / 100)

#: Keyword and VR of the elements that data sets are drawn from.
ELEMENTS: dict[str, str] = {
    "ImageType": "CS",
    "Modality": "CS",
    "StudyDescription": "LO",
    "PatientName": "PN",
    "PatientID": "LO",
    "PatientBirthDate": "DA",
    "StudyTime": "TM",
    "SliceThickness": "DS",
    "ImagePositionPatient": "DS",
    "InstanceNumber": "IS",
    "Rows": "US",
    "RealWorldValueSlope": "FD",
    "FrameIncrementPointer": "AT",
    "StudyInstanceUID": "UI",
}


def values(vr: str) -> st.SearchStrategy[Any]:
    """Return a strategy of single values that a VR can hold and that come back from a file as they were."""
    return {
        "CS": _CODE,
        "LO": _TEXT,
        "PN": st.builds(lambda family, given: f"{family}^{given}", _TEXT, _TEXT),
        "DA": st.dates().map(lambda date: date.strftime("%Y%m%d").zfill(8)),
        "TM": st.times().map(lambda time: time.strftime("%H%M%S")),
        "DS": _DECIMAL,
        "IS": st.integers(-(2**31), 2**31 - 1),
        "US": st.integers(0, 2**16 - 1),
        "FD": st.floats(allow_nan=False),
        "AT": st.integers(0, 2**32 - 1),
        "UI": st.lists(st.integers(1, 999), min_size=2, max_size=10).map(
            lambda parts: ".".join(map(str, parts))
        ),
    }[vr]


_SEVERAL = {"ImageType", "ImagePositionPatient", "FrameIncrementPointer"}


@st.composite
def datasets(draw: st.DrawFn, depth: int = 2) -> Dataset:
    """Draw a data set with some elements and, down to `depth`, sequences of such data sets."""
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    for keyword in draw(st.lists(st.sampled_from(sorted(ELEMENTS)), unique=True)):
        one = values(ELEMENTS[keyword])
        setattr(
            ds, keyword, draw(st.lists(one, min_size=2, max_size=3)) if keyword in _SEVERAL else draw(one)
        )
    if depth and draw(st.booleans()):
        ds.ReferencedSeriesSequence = draw(st.lists(datasets(depth - 1), max_size=2))
    return ds
