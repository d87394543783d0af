"""The plugin contract as checks: hand any provider of a group to :func:`check`.

A plugin's own tests can use this as well::

    from pydcm import plugins
    from pydcm_testing import contract

    def test_contract():
        contract.check(plugins.choose("pydcm.decoders", "1.2.840.10008.1.2.5"))
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from typing import Any

from pydcm.plugins import API_VERSION, Provider

from . import builders

__all__ = ["GOLDEN_FRAMES", "HOSTILE_FRAMES", "check", "frame_description"]

_PIXELS = bytes(range(64))

#: An encoded frame and its pixels by Transfer Syntax UID.
GOLDEN_FRAMES: dict[str, tuple[bytes, bytes]] = {
    "1.2.840.10008.1.2.5": (builders.rle_frame(_PIXELS), _PIXELS),
}

#: What a decoder must survive: an exception or pixels, but no crash and no hang.
HOSTILE_FRAMES: tuple[bytes, ...] = (
    b"",
    b"\x00",
    b"\x00" * 64,
    b"\xff" * 128,
    b"\xff\xd8\xff\xe0" + b"\x00" * 60,
    b"\x00\x00\x00\x0cjP  \r\n\x87\n" + b"\xff" * 50,
    builders.rle_frame(_PIXELS)[:70],
)


def frame_description(uid: str) -> dict[str, Any]:
    """Return the description of the 8 x 8 frame of bytes that the golden inputs are."""
    return {
        "transfer_syntax_uid": uid,
        "rows": 8,
        "columns": 8,
        "samples_per_pixel": 1,
        "bits_allocated": 8,
        "bits_stored": 8,
        "pixel_representation": 0,
        "photometric_interpretation": "MONOCHROME2",
    }


def check(provider: Provider) -> None:
    """Check one provider against what its group asks for.

    Raises
    ------
    AssertionError
        If it breaks the contract.
    """
    _CHECKS[provider.group](provider)


def _check_info(provider: Provider) -> None:
    info = provider.load()
    assert info.name == provider.key, f"{provider.describe()} says that its name is {info.name!r}"
    assert info.api == API_VERSION
    assert info.summary
    assert "\n" not in info.summary
    if not provider.first_party:
        return
    # The module of the information imports nothing else: listing plugins must stay cheap
    module = provider.value.partition(":")[0]
    package = module.partition(".")[0]
    code = (
        f"import sys, pydcm.plugins; before = set(sys.modules); import {module}; "
        f"print([m for m in set(sys.modules) - before if not m.startswith({package!r})])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]", f"{module} imports {result.stdout.strip()}"


def _check_key_is_uid(provider: Provider) -> None:
    assert re.fullmatch(r"[0-9]+(\.[0-9]+)+", provider.key), f"{provider.describe()}: the key is no UID"


def _check_decoder(provider: Provider) -> None:
    _check_key_is_uid(provider)
    decoder = provider.load()
    description = frame_description(provider.key)
    golden = GOLDEN_FRAMES.get(provider.key)
    if golden is not None:
        decoded = decoder(golden[0], **description)
        pixels = decoded.tobytes() if hasattr(decoded, "tobytes") else bytes(decoded)
        assert pixels == golden[1], f"{provider.describe()} decodes wrongly"
    for frame in HOSTILE_FRAMES:
        try:
            decoder(frame, **description)
        except Exception as exc:
            assert not isinstance(exc, MemoryError), f"{provider.describe()} asks for all memory"


def _check_encoder(provider: Provider) -> None:
    _check_key_is_uid(provider)
    assert callable(provider.load())


def _check_content(provider: Provider) -> None:
    from pydcm.dataset import Dataset

    _check_key_is_uid(provider)
    reader = provider.load()
    empty = Dataset()
    empty.SOPClassUID = provider.key
    try:
        result = reader(empty)
    except Exception as exc:
        assert str(exc), f"{provider.describe()}: an error about an empty object says nothing"
    else:
        assert isinstance(result, dict), f"{provider.describe()} returns {type(result).__name__}"


def _check_command(provider: Provider) -> None:
    parser = argparse.ArgumentParser(prog="pydcm")
    subparsers = parser.add_subparsers()
    provider.load()(subparsers)
    assert provider.key in subparsers.choices, f"{provider.describe()} registers another name"
    subparsers.choices[provider.key].format_help()


_CHECKS = {
    "pydcm.plugins": _check_info,
    "pydcm.decoders": _check_decoder,
    "pydcm.encoders": _check_encoder,
    "pydcm.content": _check_content,
    "pydcm.commands": _check_command,
}
