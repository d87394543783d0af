"""Fuzz target: a file is read in every way there is, and everything in it is looked at."""

from __future__ import annotations

import copy
import io
import pickle
import tempfile
import zlib
from typing import Any

import pydcm
from pydcm.dataset import Dataset
from pydcm.filereader import data_element_generator, read_dataset, read_partial
from pydcm.util import codify, leanread
from pydcm_testing.fuzzing import REFUSALS
from pydcm_testing.fuzzing.elements import mutate

__all__ = ["check", "mutate"]

TAGS = ["PatientName", "PixelData", 0x00081140]


def look_at(ds: Dataset) -> None:
    """Use every value, every text and every array of `ds`."""
    for tag in list(ds.keys()):
        for look in (
            lambda tag=tag: str(ds[tag]),
            lambda tag=tag: ds[tag].VM,
            lambda tag=tag: ds.to_numpy(tag),
        ):
            try:
                look()
            except REFUSALS:
                pass
            except TypeError as exc:
                if "to_numpy" not in str(exc) and "numbers" not in str(exc):
                    raise
        ds.element_location(tag)
    try:
        for elem in ds.iterall():
            repr(elem)
    except REFUSALS:
        pass


def use(ds: Dataset) -> None:
    """Turn `ds` into text, HTML, JSON, code and copies; a copy equals what it was made of."""
    for render in (
        str,
        Dataset._repr_html_,
        Dataset.to_json_dict,
        lambda ds: codify.code_dataset(ds, include_private=True),
        Dataset.copy,
        Dataset.decode,
    ):
        try:
            render(ds)
        except REFUSALS:
            pass
    try:
        repr(ds == copy.deepcopy(ds)), str(pickle.loads(pickle.dumps(ds)))
    except REFUSALS:
        pass


def consume(elements: Any) -> None:
    try:
        for _ in elements():
            pass
    except REFUSALS:
        pass


def read(data: bytes, **options: Any) -> Dataset | None:
    try:
        return pydcm.dcmread(io.BytesIO(data), **options)
    except REFUSALS:
        return None


def check(data: bytes) -> bool:
    """Read `data`; tell whether it could be read."""
    whole = read(data, force=True)
    if whole is not None:
        look_at(whole)
        use(whole)

    # One of the other ways, always the same one for the same input: all of them would take the time from trying others
    way = zlib.crc32(data) % 10
    if way < 4:
        options: dict[str, Any] = (
            {"stop_before_pixels": True},
            {"defer_size": 16},
            {"specific_tags": TAGS},
            {"specific_tags": TAGS, "stop_before_pixels": True, "defer_size": 2},
        )[way]
        part = read(data, force=True, **options)
        if part is not None:
            look_at(part)
            if way == 1:
                use(part)
    elif way < 7:
        implicit, little = ((True, True), (False, True), (False, False))[way - 4]
        try:
            ds = read_dataset(io.BytesIO(data), implicit, little)
        except REFUSALS:
            pass
        else:
            look_at(ds)
            use(ds)
    elif way == 7:
        consume(
            lambda: data_element_generator(io.BytesIO(data), bool(data[:1] > b"\x7f"), data[1:2] < b"\x80")
        )
    elif way == 8:
        with tempfile.NamedTemporaryFile(suffix=".dcm") as file:
            file.write(data)
            file.flush()
            consume(lambda: leanread.dicomfile(file.name))
    else:
        try:
            read_partial(io.BytesIO(data), lambda tag, vr, length: tag > 0x00280000, force=True)
        except REFUSALS:
            pass
    return whole is not None
