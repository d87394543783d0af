"""Recordings of heart and breath in Siemens' DICOM files, as BIDS' ``_physio`` tables.

Two kinds exist, both in element (7FE1,xx10): XA scanners' documents (XML, compressed by gzip), and the logs of CMRR's multiband
sequences, one after the other in slots of equal length. Clocks count ticks of 2.5 ms. What is written is as dcm2niix has it.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pydcm.fileutil import write_atomically
from pydcm_pixels._bids.files import keep_whole, write_sidecar
from pydcm_pixels._bids.output import Output
from pydcm_pixels._formats.gzipped import compressed
from pydcm_pixels._series import fields
from pydcm_pixels._series.problems import LeftOut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydcm.dataset import Dataset
    from pydcm_pixels._bids.output import Choices

__all__ = ["Signal", "is_recording", "recorded", "table_endings", "write_recording"]

_TICK = 2.5  # ms
_LABELS = {"PULS": "cardiac", "RESP": "respiratory", "ECG": "ecg", "EXT": "external_trigger"}
_GZIP = b"\x1f\x8b"
_LOGS = (b"_PULS.log", b"_RESP.log", b"_EXT.log", b"_ECG.log", b"_Info.log")
#: Slots of logs: their unit and the length of their heads, bytes, and how many there may be.
_SLOT, _MOST_SLOTS = 1024, 12
#: Bytes of a document, and rows of a table (seven hours of 400 a second), more of which are not believed.
_MOST_BYTES, _MOST_ROWS = 1 << 28, 10_000_000
_PEAK = (
    "Firmware-detected physiological event peak (e.g. cardiac R-wave or respiratory peak): 1 at a sample the scanner flagged "
    "as a detected peak, 0 otherwise. Independent of the scanner-volume `trigger` column."
)
_INTEGER = re.compile(rb"\s*[+-]?\d+")
_NUMBER = re.compile(rb"\s*[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf|nan)", re.IGNORECASE)
_STREAM, _END = re.compile(rb"<PhysioStream\s([^<>]*)>"), b"</PhysioStream>"
_VOLUME = re.compile(rb"<Volume\s([^<>]*)>")
_SAMPLE = re.compile(rb"<PMU\s([^<>]*)>")
_TYPE, _STARTS = re.compile(rb'\bTYPE="([^"]*)"'), re.compile(rb'\bACQUISITION_TIME_TICS="([^"]*)"')
_TICKS, _DATA = re.compile(rb'\bTIME_TICS="([^"]*)"'), re.compile(rb'\bDATA="([^"]*)"')


@dataclass
class Signal:
    """One recorded signal.

    Attributes
    ----------
    channel : str
        As Siemens calls it, such as ``PULS``.
    ticks : list of int
        When samples were taken.
    values : list of float
        The samples.
    peaks : list of int
        When the scanner found a heartbeat or breath.
    interval : float
        Milliseconds from sample to sample; 0 is worked out.
    """

    channel: str = ""
    ticks: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)
    interval: float = 0.0

    @property
    def label(self) -> str:
        """BIDS' name, ``""`` if there is none."""
        return _LABELS.get(self.channel, "")


def _payload(ds: Dataset) -> bytes:
    """Return the value of the first element (7FE1,xx10), nothing if there is none."""
    for block in range(0x10, 0x100):
        tag = 0x7FE10010 | block << 8
        if tag in ds:
            value = ds[tag].value
            return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else b""
    return b""


def is_recording(ds: Dataset) -> bool:
    """Say whether a file without images holds such a recording."""
    content = _payload(ds)
    if content[:2] == _GZIP:
        return True
    if len(content) < _SLOT:
        return False
    length = struct.unpack_from("<I", content, 4)[0]
    return length <= _SLOT - 8 and any(name in content[8 : 8 + length] for name in _LOGS)


def recorded(ds: Dataset) -> tuple[list[Signal], list[int]]:
    """Return the signals of a recording, and when volumes were begun.

    Raises
    ------
    LeftOut
        If it is broken, or empty.
    """
    content = _payload(ds)
    signals, starts = _document(content) if content[:2] == _GZIP else _logs(content, ds)
    signals = [one for one in signals if one.label and len(one.ticks) > 1 and _interval(one) > 0]
    if not signals:
        raise LeftOut("a recording without signals: no sensors were connected")
    return signals, starts


def _integer(text: bytes) -> int | None:
    """Return the number of ticks that a text begins with, ``None`` without one."""
    found = _INTEGER.match(text)
    value = int(found[0]) if found and len(found[0]) < 19 else -1
    return value if value >= 0 else None


def _real(text: bytes) -> float | None:
    found = _NUMBER.match(text)
    return float(found[0]) if found else None


def _document(content: bytes) -> tuple[list[Signal], list[int]]:
    """Return what is in the document of an XA scanner."""
    engine = zlib.decompressobj(31)
    try:
        text = engine.decompress(content, _MOST_BYTES)
    except zlib.error as error:
        raise LeftOut(f"a recording whose document (7FE1,xx10) cannot be decompressed: {error}") from None
    if engine.unconsumed_tail:
        raise LeftOut(f"a recording whose document (7FE1,xx10) has more than {_MOST_BYTES} bytes")
    starts = []
    for volume in _VOLUME.finditer(text):
        found = _STARTS.search(volume[1])
        tick = _integer(found[1]) if found else None
        if tick is not None:
            starts.append(tick)
    signals = []
    for stream in _STREAM.finditer(text):
        kind = _TYPE.search(stream[1])
        signal = Signal(kind[1].decode("latin-1") if kind else "")
        end = text.find(_END, stream.end())
        if end < 0:
            break
        if not signal.label:
            continue
        for sample in _SAMPLE.finditer(text, stream.end(), end):
            when, what = _TICKS.search(sample[1]), _DATA.search(sample[1])
            tick, value = _integer(when[1]) if when else None, _real(what[1]) if what else None
            if tick is not None and value is not None:
                signal.ticks.append(tick)
                signal.values.append(value)
        signals.append(signal)
    return signals, starts


def _logs(content: bytes, ds: Dataset) -> tuple[list[Signal], list[int]]:
    """Return what is in the logs of a multiband sequence."""
    length = _slot_length(content, fields.integer(ds, 0x00200012) or 0)
    signals: list[Signal] = []
    starts: list[int] = []
    for begin in range(0, len(content), length):
        size = struct.unpack_from("<I", content, begin)[0]
        if size <= length - _SLOT:
            signals.append(_log(content[begin + _SLOT : begin + _SLOT + size], starts))
    return signals, starts


def _slot_length(content: bytes, number: int) -> int:
    """Return the length of a slot: *Acquisition Number* has it in kilobytes.

    Where that was removed or changed, it is the length by which the heads of all slots are in their places.
    """

    def fits(length: int) -> bool:
        if length < _SLOT or len(content) % length or len(content) // length > _MOST_SLOTS:
            return False
        heads = (struct.unpack_from("<II", content, begin) for begin in range(0, len(content), length))
        return all(size <= length - _SLOT and 0 < name <= _SLOT - 8 for size, name in heads)

    stated = number * _SLOT
    if stated > 0 and len(content) % stated == 0 and len(content) // stated <= _MOST_SLOTS:
        return stated
    for count in range(_MOST_SLOTS, 0, -1):
        length, rest = divmod(len(content), count)
        if not rest and length % _SLOT == 0 and fits(length):
            return length
    raise LeftOut(
        f"a recording of {len(content)} bytes in (7FE1,xx10): no slots of equal length, {stated} each were expected"
    )


def _log(text: bytes, starts: list[int]) -> Signal:
    """Return the signal of a log; of one that lists what was acquired, the beginnings of volumes go to `starts`."""
    signal = Signal(interval=_TICK)
    volume, titled = b"", False
    for line in text.split(b"\n"):
        words = line.split(None, 5)[:5]
        if len(words) < 3:
            continue
        if words[1] == b"=":
            if words[0] == b"LogDataType":
                signal.channel = words[2].decode("latin-1")
            elif words[0] == b"SampleTime":
                signal.interval = _TICK * (_real(words[2]) or 0.0)
        elif signal.channel == "ACQUISITION_INFO":
            if len(words) < 5:
                continue
            if not titled:
                titled = True
            elif words[4] == b"0" and words[0] != volume:  # the first echo of the first slice
                volume = words[0]
                tick = _integer(words[2])
                if tick is not None:
                    starts.append(tick)
        elif signal.label and words[1] == signal.channel.encode("latin-1"):
            tick = _integer(words[0])
            if tick is None:
                continue
            if len(words) > 3 and b"_TRIGGER" in words[3]:
                signal.peaks.append(tick)
            elif (value := _real(words[2])) is not None:
                signal.ticks.append(tick)
                signal.values.append(value)
    return signal


def _interval(signal: Signal) -> float:
    """Return milliseconds between samples, 0 if they cannot be told."""
    if signal.interval > 0:
        return signal.interval if math.isfinite(signal.interval) else 0.0
    return (max(signal.ticks) - min(signal.ticks)) * _TICK / (len(signal.ticks) - 1)


def table_endings(signals: list[Signal]) -> list[str]:
    """Return the endings of names of the tables, of signals of the same kind with numbers from the second on."""
    result: list[str] = []
    seen: dict[str, int] = {}
    for one in signals:
        seen[one.label] = seen.get(one.label, 0) + 1
        number = seen[one.label] if seen[one.label] > 1 else ""
        result.append(f"_recording-{one.label}{number}_physio")
    return result


def write_recording(
    signals: list[Signal], starts: list[int], base: str, choices: Choices
) -> Iterator[Output]:
    """Write a table and its sidecar for each signal.

    Parameters
    ----------
    signals : list of Signal
        What was recorded.
    starts : list of int
        When volumes were begun.
    base : str
        Path without ending.
    choices : Choices
        How to write.
    """
    for one, ending in zip(signals, table_endings(signals), strict=True):
        columns, sidecar = table(one, starts)
        text = _rows(columns)
        name = f"{base}{ending}"
        with keep_whole(choices.new) as files:
            content = compressed([text], len(text), choices.level or 1)
            write_atomically(f"{name}.tsv.gz", content)
            files.append(f"{name}.tsv.gz")
            files.append(write_sidecar(name, sidecar))
        yield Output(f"{name}.tsv.gz", list(files), (len(columns[0]), len(columns)), [])


def table(signal: Signal, starts: list[int]) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Return the columns of a table, and its sidecar.

    Samples are at equal distances; those that were not recorded are NaN.

    Raises
    ------
    LeftOut
        If its times are too far apart.
    """
    interval = _interval(signal)
    ticks = np.array(signal.ticks, dtype=np.int64)
    order = np.argsort(ticks, kind="stable")
    ticks, values = ticks[order], np.array(signal.values, dtype=np.float64)[order]
    step = interval / _TICK
    count = math.floor((ticks[-1] - ticks[0]) / step + 0.5) + 1
    count = max(count, len(ticks))
    if count > _MOST_ROWS:
        raise LeftOut(
            f"a recording of {count} samples at {interval} ms ({signal.label}): its times cannot be right"
        )
    samples = np.full(count, np.nan)
    samples[np.minimum(np.floor((ticks - ticks[0]) / step + 0.5).astype(np.int64), count - 1)] = values
    columns, names = [samples], [signal.label]
    for name, events in (("trigger", starts), (_peak_name(signal), signal.peaks)):
        if events:
            columns.append(_marks(np.array(events, dtype=np.int64), ticks, step, count))
            names.append(name)
    start = int((int(ticks[0]) - starts[0]) * _TICK) / 1000 if starts else 0
    sidecar: dict[str, Any] = {
        "PhysioType": "generic",
        "Columns": names,
        "SamplingFrequency": _plain(1000 / interval),
        "StartTime": _plain(start),
    }
    if signal.peaks:
        sidecar[_peak_name(signal)] = {"Description": _PEAK}
    return columns, sidecar


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


def _peak_name(signal: Signal) -> str:
    return f"{signal.label}{'_peak' if signal.channel == 'EXT' else '_trigger'}"


def _marks(events: np.ndarray, ticks: np.ndarray, step: float, count: int) -> np.ndarray:
    """Return 1 at the first sample at or after each event within the recording, else 0."""
    within = events[(events >= ticks[0]) & (events <= ticks[-1])]
    marks = np.zeros(count, dtype=np.uint8)
    marks[np.minimum(np.ceil((within - ticks[0]) / step).astype(np.int64), count - 1)] = 1
    return marks


def _rows(columns: list[np.ndarray]) -> bytes:
    """Return the table as text without a title, numbers with four digits after the point."""
    texts = [[f"{value:.4f}" if math.isfinite(value) else "n/a" for value in columns[0].tolist()]]
    texts += [[str(value) for value in column.tolist()] for column in columns[1:]]
    return ("\n".join(map("\t".join, zip(*texts, strict=True))) + "\n").encode()
