"""Fuzz target: JSON in, JSON out; what comes out is the same the second time."""

from __future__ import annotations

import json

import harness

import pydcm


def check(data: bytes) -> None:
    """Take `data` for the JSON of a data set."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    try:
        ds = pydcm.Dataset.from_json(text)
    except harness.REFUSALS:
        return
    except RecursionError:
        raise AssertionError("nesting must be bounded, not left to the interpreter's stack") from None
    try:
        out = ds.to_json()
    except harness.REFUSALS:
        return
    again = pydcm.Dataset.from_json(out)
    assert json.loads(again.to_json()) == json.loads(out)


if __name__ == "__main__":
    harness.main(check)
