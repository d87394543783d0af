"""What this distribution says of itself to :mod:`pydcm.plugins`."""

from pydcm.plugins import PluginInfo

PLUGIN = PluginInfo(name="sr", api=1, summary="Coded concepts and context groups; waveforms as NumPy arrays")
