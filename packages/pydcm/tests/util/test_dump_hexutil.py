"""Bytes shown as numbers and characters, and read back."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm.dataset import Dataset
from pydcm.util import dump, hexutil


@given(st.binary(max_size=60))
def test_hex_both_ways(data):
    text = hexutil.bytes2hex(data)
    assert hexutil.hex2bytes(text) == data
    assert hexutil.hex2bytes(text.upper().encode()) == data
    assert hexutil.hex2bytes(text.replace(" ", "\n")) == data


def test_what_is_no_hex():
    with pytest.raises(TypeError):
        hexutil.hex2bytes(12)
    with pytest.raises(ValueError):
        hexutil.hex2bytes("0 1")


@given(st.binary(max_size=100))
def test_every_byte_is_shown(data):
    lines = dump.datadump(data).splitlines()
    shown = b"".join(hexutil.hex2bytes(line.split("  ", 1)[1][:49]) for line in lines)
    assert shown == data
    assert "".join(line[-len(data[i * 16 : i * 16 + 16]) :] for i, line in enumerate(lines)) == "".join(
        map(dump.print_character, data)
    )


def test_layout(tmp_path):
    data = bytes(range(65, 91)) + b"\\\x00"
    path = tmp_path / "a"
    path.write_bytes(data)
    assert dump.filedump(path) == (
        "00  41 42 43 44 45 46 47 48 49 4A 4B 4C 4D 4E 4F 50  ABCDEFGHIJKLMNOP\n"
        "10  51 52 53 54 55 56 57 58 59 5A 5C 00              QRSTUVWXYZ.."
    )
    assert dump.filedump(path, 24, 24) == "18  59 5A 5C 00                                      YZ.."
    assert dump.hexdump(BytesIO(b"a"), show_address=False).startswith("61 ")
    assert dump.datadump(b"") == ""


def test_pretty_print(capsys):
    ds = Dataset()
    ds.PatientID = "p"
    ds.OtherPatientIDsSequence = [Dataset()]
    ds.OtherPatientIDsSequence[0].PatientID = "q"
    dump.pretty_print(ds)
    assert capsys.readouterr().out.splitlines() == [
        "(0010,0020) Patient ID                          LO: 'p'",
        "(0010,1002) Other Patient IDs Sequence -- 1 item(s)",
        "  (0010,0020) Patient ID                          LO: 'q'",
        "  ---------",
    ]
