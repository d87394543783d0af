"""Every installed provider keeps the plugin contract."""

from __future__ import annotations

import pytest

from pydcm import plugins
from pydcm_testing import contract

PROVIDERS = [
    provider
    for group in plugins.GROUPS
    for key in plugins.keys(group)
    for provider in plugins.providers(group, key)
    if provider.first_party or provider.group in ("pydcm.decoders", "pydcm.encoders")
]


@pytest.mark.parametrize("provider", PROVIDERS, ids=[provider.describe() for provider in PROVIDERS])
def test_provider(provider: plugins.Provider) -> None:
    contract.check(provider)


def test_every_first_party_plugin_introduces_itself(distributions: list[str]) -> None:
    introduced = {provider.distribution for provider, _ in plugins.plugins()}
    assert introduced == set(distributions) - {"pydcm"}
