"""What the distribution says of itself, and its public names in the core."""

from __future__ import annotations

import pydcm_sr
from pydcm_sr import _plugin, waveforms


def test_plugin_information() -> None:
    from pydcm.plugins import API_VERSION

    assert _plugin.PLUGIN.name == "sr"
    assert _plugin.PLUGIN.api == API_VERSION
    assert _plugin.PLUGIN.summary


def test_the_core_hands_out_the_same_modules() -> None:
    import pydcm.sr
    import pydcm.sr.codedict
    import pydcm.sr.coding
    import pydcm.waveforms
    import pydcm.waveforms.numpy_handler

    assert pydcm.sr is pydcm_sr
    assert pydcm.sr.codedict is pydcm_sr.codedict
    assert pydcm.sr.coding.Code is pydcm_sr.Code
    assert pydcm.waveforms is waveforms
    assert pydcm.waveforms.numpy_handler is waveforms.numpy_handler
