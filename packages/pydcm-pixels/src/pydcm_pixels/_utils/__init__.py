"""The helpers behind `pydcm.pixels.utils`, one concern per module."""
