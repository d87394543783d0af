"""The JSON model of a report, both ways; next to pydicom."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import samples

from pydcm_testing import timing
from pydcm_testing.timing import Row, interleaved


def rows() -> Iterator[Row]:
    """Yield the rows of the table."""
    import pydicom

    import pydcm

    content = samples.file("report")
    ours, theirs = pydcm.dcmread(content), pydicom.dcmread(io.BytesIO(content))
    text = theirs.to_json()
    if json.loads(ours.to_json()) != json.loads(text):
        raise AssertionError("not the same JSON")
    pairs = (
        ("to_json, values made before", lambda: ours.to_json(), lambda: theirs.to_json()),
        (
            "dcmread and to_json",
            lambda: pydcm.dcmread(content).to_json(),
            lambda: pydicom.dcmread(io.BytesIO(content)).to_json(),
        ),
        ("to_json_dict", lambda: ours.to_json_dict(), lambda: theirs.to_json_dict()),
        ("from_json", lambda: pydcm.Dataset.from_json(text), lambda: pydicom.Dataset.from_json(text)),
    )
    for what, mine, peer in pairs:
        seconds, others = interleaved(mine, peer, rounds=3)
        yield Row(f"report of 37 000 elements: {what}", seconds, {"pydicom": others}, {"pydicom": 5})


if __name__ == "__main__":
    timing.main(rows)
