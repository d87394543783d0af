"""Fuzz target: JSON in, JSON out; what comes out stays the same from the second time on."""

from __future__ import annotations

import json

import pydcm
from pydcm_testing.fuzzing import REFUSALS


def check(data: bytes) -> None:
    """Take `data` for the JSON of a data set."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    try:
        ds = pydcm.Dataset.from_json(text)
    except REFUSALS:
        return
    except (KeyError, TypeError) as exc:
        assert "JSON" in str(exc), f"refused without a word about JSON: {exc!r}"
        return
    except RecursionError:
        raise AssertionError("nesting must be bounded, not left to the interpreter's stack") from None
    try:
        out = ds.to_json()
    except REFUSALS:
        return
    except TypeError as exc:
        assert "JSON" in str(exc), f"refused without a word about JSON: {exc!r}"
        return
    # Once tidied (a name in InlineBinary becomes a name, its padding goes) it stays as it is
    tidy = pydcm.Dataset.from_json(out).to_json()
    assert json.loads(pydcm.Dataset.from_json(tidy).to_json()) == json.loads(tidy)
