"""Frames in several threads: the same frames, and codecs that let other threads run."""

from __future__ import annotations

import sys
import threading
import time

import numpy as np
import pytest

import pydcm
from pydcm_pixels._codecs import rle
from pydcm_pixels._decode import framing
from pydcm_pixels._decode.quick import PLAIN_SYNTAXES
from pydcm_pixels.transcoding import transcode

PREFIX = "1.2.840.10008.1.2."
CODECS = {
    "RLE": ("5", {}),
    "JPEG": ("4.50", {}),
    "JPEG lossless": ("4.70", {}),
    "JPEG-LS": ("4.80", {}),
    "JPEG 2000": ("4.90", {}),
    "HTJ2K": ("4.201", {}),
    "JPEG XL": ("4.110", {"effort": 1}),
    "deflated frame": ("8.1", {}),
}


def images(shape, n_frames, seed=0):
    rng = np.random.default_rng(seed)
    ramp = np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % 200
    return (ramp + rng.integers(0, 40, (n_frames, *shape))).astype("u1")


@pytest.fixture(params=CODECS)
def saved(request, make_dataset, tmp_path):
    tail, options = CODECS[request.param]

    def save(shape, n_frames):
        ds = make_dataset(images(shape, n_frames), bits_stored=8, frames=True)
        transcode(ds, PREFIX + tail, **options)
        path = tmp_path / "image.dcm"
        ds.save_as(path, enforce_file_format=True)
        return path

    return save


@pytest.mark.parametrize("workers", [2, 3, 50])
def test_threads_give_the_same(workers, saved):
    path = saved((40, 56), 23)
    alone = pydcm.decode(path, workers=1)
    assert np.array_equal(pydcm.decode(path, workers=workers), alone)
    out = np.zeros_like(alone)
    assert pydcm.decode(path, workers=workers, out=out) is out
    assert np.array_equal(out, alone)
    assert not any(thread.name == "pydcm-decode" for thread in threading.enumerate())


def test_codecs_let_others_run(saved, monkeypatch):
    path = saved((1200, 1500), 2)
    pydcm.decode(path, workers=1)
    lane = PLAIN_SYNTAXES[str(pydcm.dcmread(path).file_meta.TransferSyntaxUID).encode()][1]
    decode, inside, done = lane.decode, threading.Event(), threading.Event()

    def noticed(*args, **options):
        inside.set()
        try:
            return decode(*args, **options)
        finally:
            inside.clear()

    def work():
        for _ in range(100):  # a busy machine may leave this thread no time within one decoding
            pydcm.decode(path, workers=1)
            if turns:
                break
        done.set()

    monkeypatch.setattr(lane, "decode", noticed)
    interval, turns = sys.getswitchinterval(), 0
    # With so long an interval this thread only gets a turn within the codec if the codec lets go of the lock.
    sys.setswitchinterval(100)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        while not done.is_set():
            turns += inside.is_set()
            time.sleep(0.0005)
    finally:
        sys.setswitchinterval(interval)
        thread.join()
    assert turns


@pytest.mark.parametrize("n_frames", [2, 5, 40])
@pytest.mark.parametrize("slow", ["pydcm-decode", "MainThread"])
def test_a_thread_that_is_late_finishes_its_frames(slow, n_frames, saved, monkeypatch):
    path = saved((16, 24), n_frames)
    alone = pydcm.decode(path, workers=1)
    lane = PLAIN_SYNTAXES[str(pydcm.dcmread(path).file_meta.TransferSyntaxUID).encode()][1]
    decode = lane.decode

    def late(*args, **options):
        if threading.current_thread().name == slow:
            time.sleep(0.01)
        return decode(*args, **options)

    monkeypatch.setattr(lane, "decode", late)
    for workers in (2, 3):
        out = np.full(alone.shape, 77, alone.dtype)
        assert np.array_equal(pydcm.decode(path, workers=workers, out=out), alone)


def test_a_broken_frame_is_reported_once_all_threads_have_stopped(make_dataset, tmp_path):
    frames = images((64, 64), 12)
    ds = make_dataset(frames, bits_stored=8, frames=True)
    encoded = [
        rle.encode(
            one.tobytes(),
            rows=64,
            columns=64,
            samples_per_pixel=1,
            bits_allocated=8,
        )
        for one in frames
    ]
    encoded[7] = encoded[7][:100]
    ds.PixelData = pydcm.encaps.encapsulate(encoded)
    ds["PixelData"].is_undefined_length = True
    ds.file_meta.TransferSyntaxUID = PREFIX + "5"
    path = tmp_path / "image.dcm"
    ds.save_as(path, enforce_file_format=True)
    with pytest.raises(RuntimeError, match="Unable to decode"):
        pydcm.decode(path, workers=3)
    assert not any(thread.name == "pydcm-decode" for thread in threading.enumerate())
    assert np.array_equal(pydcm.pixel_array(path, index=6), frames[6])


def test_files_are_read_without_pread_too(saved, monkeypatch):
    path = saved((40, 56), 9)
    alone = pydcm.decode(path, workers=1)
    monkeypatch.delattr(framing.os, "pread", raising=False)
    assert np.array_equal(pydcm.decode(path, workers=3), alone)
