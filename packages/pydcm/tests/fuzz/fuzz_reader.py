"""Fuzz target: a file is read in every way there is, and everything in it is looked at."""

from __future__ import annotations

import io

import harness

import pydcm
from pydcm.dataset import Dataset
from pydcm.filereader import data_element_generator, read_dataset, read_partial

WAYS = (
    {},
    {"stop_before_pixels": True},
    {"defer_size": 16},
    {"specific_tags": ["PatientName", "PixelData", 0x00081140]},
)


def look_at(ds: Dataset) -> None:
    """Use every value, every text and every array of `ds`."""
    for tag in sorted(ds.keys()):
        for look in (
            lambda tag=tag: str(ds[tag]),
            lambda tag=tag: ds[tag].VM,
            lambda tag=tag: ds.to_numpy(tag),
        ):
            try:
                look()
            except harness.REFUSALS:
                pass
        ds.element_location(tag)
    try:
        for elem in ds.iterall():
            str(elem)
    except harness.REFUSALS:
        pass
    for render in (str, repr, Dataset._repr_html_, Dataset.to_json_dict, Dataset.copy, hash_of):
        try:
            render(ds)
        except harness.REFUSALS:
            pass


def hash_of(ds: Dataset) -> bool:
    """Compare `ds` with itself, read anew."""
    return ds == pydcm.Dataset(ds)


def check(data: bytes) -> bool:
    """Read `data`; tell whether it could be read."""
    readable = False
    for way in WAYS:
        for force in (False, True):
            try:
                ds = pydcm.dcmread(io.BytesIO(data), force=force, **way)
            except harness.NOT_READABLE:
                continue
            readable = True
            look_at(ds)
    for implicit, little in ((True, True), (False, True), (False, False)):
        try:
            look_at(read_dataset(io.BytesIO(data), implicit, little))
        except harness.NOT_READABLE:
            pass
        try:
            for _ in data_element_generator(io.BytesIO(data), implicit, little):
                pass
        except harness.NOT_READABLE:
            pass
    try:
        read_partial(io.BytesIO(data), lambda tag, vr, length: tag > 0x00280000, force=True)
    except harness.NOT_READABLE:
        pass
    return readable


if __name__ == "__main__":
    harness.main(check)
