"""The generated tables: current, and by value what pydicom's dictionaries say."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pydcm import datadict, uid

# What the standard lists and pydicom 3.0.2 does not: JPEG XL, Deflated Image Frame Compression
ADDED_ELEMENTS = {0x00060001}
ADDED_UIDS = {
    "1.2.840.10008.1.2.4.110",
    "1.2.840.10008.1.2.4.111",
    "1.2.840.10008.1.2.4.112",
    "1.2.840.10008.1.2.8.1",
}


def test_generated_files_are_current(root: Path) -> None:
    command = [sys.executable, str(root / "shared" / "standard" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class TestAgainstPydicom:
    @pytest.fixture(autouse=True)
    def _need_pydicom(self) -> None:
        pytest.importorskip("pydicom", minversion="3.0.2")

    def test_elements(self) -> None:
        from pydicom import datadict as reference

        ours = {tag: entry for tag, entry in datadict.DicomDictionary.items() if tag not in ADDED_ELEMENTS}
        assert ours == reference.DicomDictionary
        assert datadict.RepeatersDictionary == reference.RepeatersDictionary
        assert datadict.masks == reference.masks
        assert reference.keyword_dict.items() <= datadict.keyword_dict.items()

    def test_private_elements(self) -> None:
        from pydicom import datadict as reference

        assert datadict.private_dictionaries == reference.private_dictionaries

    def test_uids(self) -> None:
        from pydicom import uid as reference

        ours = {key: entry for key, entry in uid.UID_dictionary.items() if key not in ADDED_UIDS}
        assert ours == reference.UID_dictionary
        constants = {
            name: value for name, value in vars(reference).items() if isinstance(value, reference.UID)
        }
        assert {name: getattr(uid, name) for name in constants} == constants
        for name in (name for name in vars(reference) if name.endswith("TransferSyntaxes")):
            assert getattr(uid, name) == getattr(reference, name)

    def test_concepts(self) -> None:
        pytest.importorskip("pydcm_sr")
        from pydicom.sr import _cid_dict as their_groups
        from pydicom.sr import _concepts_dict as their_concepts
        from pydicom.sr import _snomed_dict as their_snomed

        from pydcm_sr import _cid_dict, _concepts_dict, _snomed_dict

        ours = {scheme: dict(concepts) for scheme, concepts in _concepts_dict.concepts.items()}
        assert ours == their_concepts.concepts
        assert list(ours) == list(their_concepts.concepts)
        assert _cid_dict.name_for_cid == their_groups.name_for_cid
        assert _cid_dict.cid_concepts == their_groups.cid_concepts
        assert _snomed_dict.mapping == their_snomed.mapping


@pytest.fixture(scope="module")
def look_up(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("needs a C compiler")
    folder = tmp_path_factory.mktemp("vr_table")
    source = folder / "look_up.c"
    source.write_text(
        '#include "_vr_table.h"\nunsigned look_up(unsigned tag) { return pydcm_dictionary_vr(tag); }\n'
    )
    include = root / "packages" / "pydcm" / "src" / "pydcm" / "_core"
    target = folder / "look_up.so"
    options = ["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", f"-I{include}"]
    subprocess.run([compiler, *options, str(source), "-o", str(target)], check=True)
    function = ctypes.CDLL(str(target)).look_up
    function.argtypes, function.restype = [ctypes.c_uint], ctypes.c_uint
    return function


class TestCompiledLookUp:
    """``_vr_table.h``, compiled into a shared object of its own."""

    SPECIAL = {
        0xFF01: "US or SS",
        0xFF02: "OB or OW",
        0xFF03: "US or OW",
        0xFF04: "US or SS or OW",
        0xFF10: "NONE",
    }

    def vr_of(self, code: int) -> str | None:
        if code == 0:
            return None
        return self.SPECIAL.get(code) or chr(code >> 8) + chr(code & 0xFF)

    def expected(self, tag: int) -> str | None:
        try:
            return datadict._dictionary_vr_fast(tag)
        except KeyError:
            return None

    def test_every_element(self, look_up: Any) -> None:
        for tag, entry in datadict.DicomDictionary.items():
            assert self.vr_of(look_up(tag)) == entry[0], f"{tag:08X}"
            assert look_up(tag | 0x10000) == 0, f"{tag | 0x10000:08X}"

    @pytest.mark.parametrize(
        "group",
        [0x0020, 0x0028, 0x1000, 0x1010, 0x1012, 0x5000, 0x50FE, 0x5001, 0x6002, 0x7F00, 0x7FE0, 0xFFFE],
    )
    def test_groups_with_repeaters(self, look_up: Any, group: int) -> None:
        step = 1 if group < 0x2000 else 7
        for tag in range(group << 16, (group << 16) + 0x10000, step):
            assert self.vr_of(look_up(tag)) == self.expected(tag), f"{tag:08X}"
