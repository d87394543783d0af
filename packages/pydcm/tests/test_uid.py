"""UIDs: validity, what the standard says about them, transfer syntaxes, and new ones."""

from __future__ import annotations

import copy
import pickle
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import config, uid
from pydcm.uid import UID, generate_uid, register_transfer_syntax

components = st.integers(0, 10**12).map(str)
valid_uids = st.lists(components, min_size=1, max_size=12).map(".".join).filter(lambda text: len(text) <= 64)
short_uids = st.lists(components, min_size=1, max_size=4).map(".".join)


@given(valid_uids)
def test_valid_uids(text: str) -> None:
    made = UID(text, config.RAISE)
    assert made == text
    assert str(made) == text
    assert made.is_valid


@given(
    short_uids, st.sampled_from(["{}.", ".{}", "{}..1", "{}.01", "{}.a", "{} .1", "{}.-1", "{}.1\n2", "{}.١"])
)
def test_invalid_uids(text: str, spoilt: str) -> None:
    wrong = spoilt.format(text)
    with pytest.raises(ValueError, match="Invalid value for VR UI"):
        UID(wrong, config.RAISE)
    with pytest.warns(UserWarning, match="Invalid value for VR UI"):
        assert not UID(wrong, config.WARN).is_valid
    assert not UID(wrong, config.IGNORE).is_valid


def test_too_long() -> None:
    with pytest.raises(ValueError, match="64"):
        UID("1." + "2" * 63, config.RAISE)


def test_not_a_string_and_white_space() -> None:
    with pytest.raises(TypeError, match="must be created from a string"):
        UID(12)  # type: ignore[arg-type]
    assert UID(" 1.2 ", config.IGNORE) == "1.2"
    assert UID("") == ""


def test_what_the_standard_says() -> None:
    ct = uid.CTImageStorage
    assert ct == "1.2.840.10008.5.1.4.1.1.2"
    assert (ct.name, ct.keyword, ct.type, ct.info) == ("CT Image Storage", "CTImageStorage", "SOP Class", "")
    assert not ct.is_private
    assert not ct.is_retired
    assert uid.ExplicitVRBigEndian.is_retired
    assert uid.ImplicitVRLittleEndian.info == "Default Transfer Syntax for DICOM"


def test_a_private_uid_says_nothing() -> None:
    private = UID("1.2.3.4")
    assert (private.name, private.keyword, private.type, private.info) == ("1.2.3.4", "", "", "")
    assert private.is_private
    assert not private.is_retired
    assert not private.is_transfer_syntax


@pytest.mark.parametrize(
    ("name", "implicit", "little", "deflated", "compressed"),
    [
        ("ImplicitVRLittleEndian", True, True, False, False),
        ("ExplicitVRLittleEndian", False, True, False, False),
        ("DeflatedExplicitVRLittleEndian", False, True, True, False),
        ("ExplicitVRBigEndian", False, False, False, False),
        ("RLELossless", False, True, False, True),
        ("HTJ2KLosslessRPCL", False, True, False, True),
    ],
)
def test_transfer_syntaxes(name: str, implicit: bool, little: bool, deflated: bool, compressed: bool) -> None:
    syntax = getattr(uid, name)
    assert syntax.is_transfer_syntax
    assert syntax.is_implicit_VR is implicit
    assert syntax.is_little_endian is little
    assert syntax.is_deflated is deflated
    assert syntax.is_compressed is syntax.is_encapsulated is compressed
    assert syntax.keyword == name


@pytest.mark.parametrize("kind", ["implicit_VR", "little_endian", "deflated", "encapsulated", "compressed"])
def test_only_transfer_syntaxes_have_an_encoding(kind: str) -> None:
    for other in (uid.CTImageStorage, UID("1.2.3")):
        with pytest.raises(ValueError, match="UID is not a transfer syntax"):
            getattr(other, f"is_{kind}")


def test_lists_hold_each_syntax_once() -> None:
    every = uid.AllTransferSyntaxes
    assert len(every) == len(set(every)) == 39
    parts = [
        *uid.UncompressedTransferSyntaxes,
        *uid.JPEGTransferSyntaxes,
        *uid.JPEGLSTransferSyntaxes,
        *uid.JPEG2000TransferSyntaxes,
        *uid.MPEGTransferSyntaxes,
        *uid.RLETransferSyntaxes,
    ]
    assert set(parts) <= set(every)
    assert all(syntax.is_transfer_syntax for syntax in every)


def test_constants_carry_the_keyword_of_their_uid() -> None:
    from pydcm._tables import named_uids

    for name in named_uids.__all__:
        constant = getattr(uid, name)
        assert type(constant) is UID
        assert constant.keyword == name
        assert constant.is_valid


class TestPrivateTransferSyntaxes:
    @pytest.fixture(autouse=True)
    def _clean_list(self) -> Iterator[None]:
        kept = list(uid.PrivateTransferSyntaxes)
        yield
        uid.PrivateTransferSyntaxes[:] = kept

    def test_register(self) -> None:
        made = register_transfer_syntax("1.2.3.9", implicit_vr=False, little_endian=False)
        assert made in uid.PrivateTransferSyntaxes
        assert (made.is_implicit_VR, made.is_little_endian) == (False, False)
        assert made.is_encapsulated
        register_transfer_syntax(made)
        assert uid.PrivateTransferSyntaxes.count(made) == 1

    def test_the_encoding_has_to_be_known(self) -> None:
        for kwargs in ({}, {"implicit_vr": True}, {"little_endian": True}):
            with pytest.raises(ValueError, match="must be set using the 'implicit_vr' and 'little_endian'"):
                register_transfer_syntax("1.2.3.8", **kwargs)
        assert "1.2.3.8" not in uid.PrivateTransferSyntaxes

    def test_copies_keep_the_encoding(self) -> None:
        syntax = UID("1.2.3.7")
        syntax.set_private_encoding(True, True)
        for other in (UID(syntax), copy.deepcopy(syntax), pickle.loads(pickle.dumps(syntax))):
            assert type(other) is UID
            assert other.is_transfer_syntax
            assert other.is_implicit_VR


class TestGenerate:
    @given(st.lists(components, min_size=1, max_size=4).map(lambda parts: ".".join(parts) + "."))
    def test_prefix(self, prefix: str) -> None:
        if len(prefix) > 54:
            with pytest.raises(ValueError, match="no more than 54"):
                generate_uid(prefix)
            return
        made = generate_uid(prefix)
        assert made.startswith(prefix)
        assert made.is_valid
        assert made != generate_uid(prefix)

    @pytest.mark.parametrize(
        "prefix", ["", ".", "1", "1.2", "1..2.", "1.a.", "1.01.", "1.2.\n", "1" * 54 + "."]
    )
    def test_malformed_prefix(self, prefix: str) -> None:
        with pytest.raises(ValueError, match="prefix"):
            generate_uid(prefix)

    @given(st.lists(st.text(), min_size=1))
    def test_the_same_sources_give_the_same_uid(self, sources: list[str]) -> None:
        sources = [text.encode("utf-8", "replace").decode() for text in sources]
        made = generate_uid(entropy_srcs=sources)
        assert made == generate_uid(entropy_srcs=sources)
        assert made != generate_uid(entropy_srcs=[*sources, "another"])
        assert made.is_valid

    def test_a_known_one(self) -> None:
        made = generate_uid(entropy_srcs=["lorem", "ipsum"])
        assert made == "1.2.826.0.1.3680043.8.498.87507166259346337659265156363895084463"

    def test_from_a_uuid(self) -> None:
        made = generate_uid(None)
        assert made.startswith("2.25.")
        assert made.is_valid
        assert uuid.UUID(int=int(made[5:])).version == 4


def test_patterns() -> None:
    assert uid.RE_VALID_UID.match("1.2.3")
    assert not uid.RE_VALID_UID.match("1.2.")
    assert uid.RE_VALID_UID_PREFIX.match("1.2.")
    assert uid.UID_dictionary["1.2.840.10008.1.1"][0] == "Verification SOP Class"
    assert "UID_dictionary" in dir(uid)
