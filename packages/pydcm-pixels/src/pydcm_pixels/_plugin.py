"""What this distribution says of itself to :mod:`pydcm.plugins`."""

from pydcm.plugins import PluginInfo

PLUGIN = PluginInfo(
    "pixels", 1, "Frames, codecs, look-up tables, colour, overlays: decode and encode every transfer syntax"
)
