"""Collections of coded concepts: look-up, listing, printing, and that little gets unpacked."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pydcm_sr import Code, Collection, Concepts, codedict, codes
from pydcm_sr import _cid_dict as groups
from pydcm_sr import _concepts_dict as table


class TestCollection:
    def test_scheme(self) -> None:
        right = codes.SCT.Right
        assert right == Code("24028007", "SCT", "Right")
        assert right.meaning == "Right"
        assert codes.SCT.name == codes.SCT.scheme_designator == "SCT"
        assert not codes.SCT.is_cid

    def test_context_group(self) -> None:
        group = codes.CID2
        assert group.is_cid
        assert group.name == "CID2"
        assert group.Transverse == Code("62824007", "SCT", "Transverse")
        assert group.Median.scheme_designator == "DCM"

    def test_unpacked_entries_give_the_same_code(self) -> None:
        entry = table.concepts["SCT"]["Left"]
        ((code, (meaning, cids)),) = entry.items()
        assert 244 in cids
        assert codes.SCT.Left == Code(code, "SCT", meaning) == codes.CID244.Left

    @pytest.mark.parametrize("name", ["NOSUCH", "CID1", "cid999999"])
    def test_no_such_collection(self, name: str) -> None:
        with pytest.raises(KeyError):
            Collection(name)
        assert not hasattr(codes, name)

    def test_no_such_keyword(self) -> None:
        with pytest.raises(AttributeError, match="No matching code for keyword 'Foo' in scheme 'UCUM'"):
            codes.UCUM.Foo
        with pytest.raises(AttributeError, match="No matching code for keyword 'Foo' in CID2"):
            codes.CID2.Foo

    def test_contains(self) -> None:
        assert "Second" in codes.UCUM
        assert "Foo" not in codes.UCUM
        assert codes.SCT.Right in codes.CID244
        assert Code("G-A100", "SRT", "Right") in codes.CID244
        assert codes.SCT.Breast not in codes.CID244

    def test_dir(self) -> None:
        assert codes.CID244.dir() == sorted(codes.CID244.concepts)
        found = codes.CID4.dir("THORACIC")
        assert "ThoracicSpine" in found
        assert all("thoracic" in word.lower() for word in found)
        listed = dir(codes.CID606)
        assert {"None_", "dir", "concepts"} <= set(listed)
        assert codes.CID606.trait_names() == listed

    def test_every_keyword_of_every_group_is_a_code(self) -> None:
        ambiguous = set()
        for name in codes.CIDs():
            group = getattr(codes, name)
            for keyword in group.dir():
                try:
                    code = getattr(group, keyword)
                except RuntimeError:
                    ambiguous.add((name, keyword))
                    continue
                assert keyword.isidentifier()
                assert code.meaning and code.scheme_designator
        assert {name for name, _ in ambiguous} == {"CID8134"}

    def test_table(self) -> None:
        lines = str(codes.CID244).splitlines()
        assert lines[0] == "CID244"
        assert lines[1].split() == ["Attribute", "Code", "Scheme", "Meaning"]
        assert ["Right", "24028007", "SCT", "Right"] in [line.split() for line in lines]
        assert lines[1].index("Meaning") == lines[2].rindex(" ") + 1
        assert str(codes.UCUM).startswith("Scheme: UCUM\n")
        assert "Right = Code(value='24028007'" in repr(codes.CID244)

    def test_copies(self) -> None:
        again = copy.deepcopy(codes.CID244)
        assert again.Right == codes.CID244.Right

    def test_attributes_of_ones_own(self) -> None:
        collection = Collection("UCUM")
        collection.mine = 1  # type: ignore[attr-defined]
        assert collection.mine == 1


class TestAmbiguousKeywords:
    @pytest.fixture(autouse=True)
    def _scheme(self) -> Iterator[None]:
        table.concepts["TEST"] = {"Foo": {"BAR": ("A", [98]), "BAZ": ("B", [99])}}
        groups.cid_concepts[98] = {"TEST": ["Foo"]}
        yield
        del table.concepts["TEST"]
        del groups.cid_concepts[98]

    def test_in_a_scheme(self) -> None:
        with pytest.raises(RuntimeError, match="'Foo' in scheme 'TEST': BAR, BAZ"):
            Collection("TEST").Foo

    def test_the_group_decides(self) -> None:
        assert Collection("CID98").Foo == Code("BAR", "TEST", "A")

    def test_several_schemes(self) -> None:
        groups.cid_concepts[98]["MORE"] = ["Foo"]
        with pytest.raises(RuntimeError, match="Multiple schemes found .* CID98: TEST, MORE"):
            Collection("CID98").Foo

    def test_gone_with_what_was_added(self) -> None:
        assert "TEST" in table.concepts
        assert "TEST" not in codes.schemes()


class TestConcepts:
    def test_everything(self) -> None:
        assert {"SCT", "DCM", "UCUM"} <= set(codes.schemes())
        assert set(codes.CIDs()) == {f"CID{cid}" for cid in groups.name_for_cid}
        assert list(codes.collections) == codes.schemes() + codes.CIDs()
        assert codes.cid244 is codes.CID244
        assert "CID244" in dir(codes)

    def test_a_choice(self) -> None:
        some = Concepts([Collection("SCT"), Collection("CID2")])
        assert list(some.collections) == ["SCT", "CID2"]
        with pytest.raises(AttributeError, match="'Concepts' object has no attribute 'UCUM'"):
            some.UCUM
        assert copy.copy(some).SCT is some.SCT

    def test_names_of_groups(self) -> None:
        assert codedict.cid_for_name[groups.name_for_cid[244]] == 244


class TestLazyDict:
    def test_it_is_a_dictionary(self) -> None:
        loads = []

        def load() -> dict[str, str]:
            loads.append(1)
            return {"a": "1", "b": "2", "c": "3"}

        lazy = table.LazyDict(load, lambda key, text: int(text))
        assert not loads
        assert lazy["b"] == 2
        lazy["a"] = 10
        lazy["d"] = 4
        del lazy["c"]
        assert list(lazy) == ["a", "b", "d"]
        assert lazy == {"a": 10, "b": 2, "d": 4}
        assert lazy.copy() == dict(lazy)
        assert repr(lazy) == "{'a': 10, 'b': 2, 'd': 4}"
        assert len(lazy) == 3
        assert lazy.get("c") is None
        with pytest.raises(KeyError):
            lazy["c"]
        assert loads == [1]


def test_importing_unpacks_nothing() -> None:
    program = """
import sys
import pydcm_sr, pydcm_sr.waveforms
assert not [name for name in sys.modules if name.startswith('pydcm_sr._tables.')]
assert 'numpy' not in sys.modules
pydcm_sr.codes.SCT.Right
assert len(pydcm_sr._concepts_dict.concepts['SCT']._packed) > 10_000
"""
    subprocess.run([sys.executable, "-c", program], check=True)
