"""Whatever a data set holds comes back from JSON."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm import Dataset
from pydcm._json.encode import element_to_json_dict

PLAIN = st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="\\")
ANY = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\=^")


def text(characters, largest):
    return st.text(characters, min_size=1, max_size=largest).map(str.rstrip).filter(bool)


def several(values):
    return st.one_of(values, st.lists(values, min_size=2, max_size=4))


INTEGERS = {
    "US": (0, 2**16 - 1),
    "SS": (-(2**15), 2**15 - 1),
    "UL": (0, 2**32 - 1),
    "SL": (-(2**31), 2**31 - 1),
}
INTEGERS |= {"UV": (0, 2**64 - 1), "SV": (-(2**63), 2**63 - 1)}
VALUES = {vr: several(st.integers(*limits)) for vr, limits in INTEGERS.items()}
VALUES |= {
    "LO": several(text(ANY, 20)),
    "SH": several(text(PLAIN, 16)),
    "UT": text(st.characters(exclude_categories=["Cs"]), 40),
    "CS": several(text("ABC 12_", 16)),
    "UI": several(
        st.lists(st.integers(0, 9999), min_size=1, max_size=8).map(lambda n: ".".join(map(str, n)))
    ),
    "IS": several(st.integers(-(2**31), 2**31 - 1).map(str)),
    "DS": several(st.decimals(-(10**9), 10**9, places=4).map(str).filter(lambda s: len(s) <= 16)),
    "FD": several(st.floats(allow_nan=False)),
    "FL": several(st.floats(width=32, allow_nan=False)),
    "PN": several(st.lists(text(ANY, 12), min_size=1, max_size=3).map("=".join)),
    "OB": st.binary(min_size=1, max_size=30),
    "AT": several(st.integers(0, 2**32 - 1)),
    "DA": several(st.dates().map(lambda d: d.strftime("%Y%m%d").rjust(8, "0"))),
}
ELEMENTS = st.one_of([st.tuples(st.just(vr), values) for vr, values in VALUES.items()])


def data_set(elements, items=()):
    ds = Dataset()
    ds.add_new(0x00090010, "LO", "TEST")
    for number, (vr, value) in enumerate(elements):
        ds.add_new(0x00091000 + number, vr, value)
    if items:
        ds.add_new(0x000910FF, "SQ", list(items))
    return ds


ITEMS = st.recursive(
    st.lists(ELEMENTS, max_size=4).map(data_set),
    lambda inner: st.builds(data_set, st.lists(ELEMENTS, max_size=3), st.lists(inner, max_size=3)),
    max_leaves=6,
)


def model_of(ds):
    return {
        f"{tag:08X}": {"vr": "SQ", "Value": [model_of(item) for item in ds[tag].value]}
        if ds[tag].VR == "SQ"
        else element_to_json_dict(ds[tag], None, 1024)
        for tag in list(ds.keys())
    }


@settings(max_examples=150, deadline=None)
@given(ITEMS)
def test_round_trip(ds):
    model = model_of(ds)
    text = ds.to_json()
    assert text == json.dumps(model, sort_keys=True)
    assert ds.to_json_dict() == model
    back = Dataset.from_json(text)
    assert back == ds
    assert back.to_json() == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
ATTRIBUTES = st.fixed_dictionaries(
    {"vr": st.sampled_from([*VALUES, "SQ", "UN", "XX", "", "US or SS"]) | JSON},
    optional={"Value": st.lists(JSON, max_size=3) | JSON, "InlineBinary": JSON, "BulkDataURI": JSON},
)
TAGS = st.integers(0, 2**32 - 1).map(lambda n: f"{n:08X}") | st.text(max_size=9)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TAGS, ATTRIBUTES | JSON, max_size=3))
def test_any_json_gives_a_data_set_or_an_ordinary_error(model):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ds = Dataset.from_json(model)
        except (ValueError, TypeError, KeyError, OverflowError, AttributeError):
            return
        assert isinstance(ds, Dataset)
