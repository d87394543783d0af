"""Names of persons."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import config
from pydcm.valuerep import PersonName

HONG = "Hong^Gildong=洪^吉洞=홍^길동"
groups = st.lists(
    st.lists(st.text("abc é", max_size=5), min_size=1, max_size=5).map("^".join), min_size=1, max_size=3
).map("=".join)


class TestParts:
    def test_alphabetic(self) -> None:
        name = PersonName("Adams^John Robert Quincy^^Rev.^B.A. M.Div.")
        assert name.family_name == "Adams"
        assert name.given_name == "John Robert Quincy"
        assert name.middle_name == ""
        assert name.name_prefix == "Rev."
        assert name.name_suffix == "B.A. M.Div."
        assert name.alphabetic == str(name)
        assert name.ideographic == name.phonetic == ""
        assert name.family_comma_given() == "Adams, John Robert Quincy"
        assert name.formatted("%(name_prefix)s %(family_name)s%(phonetic)s") == "Rev. Adams"

    def test_three_groups(self) -> None:
        name = PersonName(HONG)
        assert name.components == ("Hong^Gildong", "洪^吉洞", "홍^길동")
        assert (name.ideographic, name.phonetic) == ("洪^吉洞", "홍^길동")

    def test_nothing(self) -> None:
        name = PersonName("")
        assert not name
        assert (str(name), name.components, name.family_name, name.alphabetic) == ("", (), "", "")
        assert not PersonName(b"")
        assert PersonName(None) is None  # type: ignore[arg-type]

    def test_empty_groups_at_the_end(self) -> None:
        assert PersonName("A^B==").components == ("A^B",)
        assert PersonName(b"A^B==").components == ("A^B",)
        assert PersonName("=B").components == ("", "B")

    def test_like_text(self) -> None:
        name = PersonName("A^B")
        assert name == "A^B"
        assert name != "A"
        assert name == PersonName(b"A^B")
        assert hash(name) == hash(PersonName(b"A^B"))
        assert list(name) == ["A", "^", "B"]
        assert len(name) == 3
        assert "^" in name
        assert repr(name) == "'A^B'"
        assert {name: 1}[PersonName("A^B")] == 1


class TestEncodings:
    def test_lazily_decoded(self) -> None:
        name = PersonName("Äneas^Rüdiger".encode(), ["utf8"])
        assert name.family_name == "Äneas"
        assert name.encodings == ("utf8",)
        assert PersonName("Äneas".encode("latin-1"), "latin_1") == "Äneas"

    def test_other_encodings(self) -> None:
        name = PersonName("Äneas".encode("latin-1"))
        assert name.decode() is name
        assert name.decode(["cp1250"]) == "Äneas"
        with pytest.warns(UserWarning, match="Failed to decode byte string"):
            assert str(name.decode(["utf8"])) == "\ufffdneas"
        assert PersonName("Ä", ["latin_1"]).encode(["utf8"]) == b"\xc3\x84"

    def test_code_extensions(self) -> None:
        encodings = ["iso8859", "euc_kr"]
        name = PersonName(HONG, encodings)
        encoded = name.encode()
        assert encoded.startswith(b"Hong^Gildong=\x1b$)C")
        assert PersonName(encoded, encodings) == HONG

    @given(groups, st.sampled_from(["latin_1", "utf8", "iso8859_15"]))
    def test_round_trip(self, text: str, encoding: str) -> None:
        name = PersonName(text, [encoding])
        again = PersonName(name.encode(), [encoding])
        assert again == name
        assert again.components == name.components
        assert again.encode() == name.encode()

    def test_original_string_can_be_dropped(self) -> None:
        name = PersonName(b"A^B")
        assert str(name) == "A^B"
        name.original_string = None
        assert name.encode() == b"A^B"

    @pytest.mark.parametrize(
        "duplicate", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x)), PersonName]
    )
    @pytest.mark.parametrize("name", [PersonName(HONG), PersonName(b"A^B", ["latin_1"])])
    def test_duplicates(self, name: PersonName, duplicate: Any) -> None:
        twin = duplicate(name)
        assert type(twin) is PersonName
        assert twin == name
        assert twin.encodings == name.encodings
        assert twin.original_string == name.original_string
        assert twin.components == name.components


class TestValidation:
    def test_modes(self) -> None:
        with pytest.raises(ValueError, match="PN component length"):
            PersonName("x" * 65, validation_mode=config.RAISE)
        with pytest.warns(UserWarning, match="PN component length"):
            PersonName(b"x" * 65)
        PersonName("x" * 65, validation_mode=config.IGNORE)

    def test_encoded_length_counts(self) -> None:
        name = PersonName("é" * 40, ["latin_1"])
        name.original_string = None
        with pytest.warns(UserWarning, match=r"PN component length \(80\)"):
            PersonName(name.encode(["utf8"]))


class TestFromParts:
    def test_all_groups(self) -> None:
        name = PersonName.from_named_components(
            family_name="Hong",
            given_name="Gildong",
            family_name_ideographic="洪",
            given_name_ideographic="吉洞".encode("euc_kr"),
            family_name_phonetic="홍",
            given_name_phonetic="길동",
            encodings=["euc_kr"],
        )
        assert name == HONG

    def test_empty_parts_at_the_end(self) -> None:
        assert PersonName.from_named_components(family_name="A", name_prefix="Dr.").encode() == b"A^^^Dr."
        assert PersonName.from_named_components(family_name_phonetic="A").encode() == b"==A"
        assert PersonName.from_named_components().encode() == b""

    def test_veterinary(self) -> None:
        name = PersonName.from_named_components_veterinary("ABC Farms", "Running on Water")
        assert name == "ABC Farms^Running on Water"

    @pytest.mark.parametrize("part", ["a^b", "a=b", "a\\b", b"a^b"])
    def test_delimiters_inside(self, part: Any) -> None:
        with pytest.raises(ValueError, match="Strings may not contain the"):
            PersonName.from_named_components(given_name=part)
