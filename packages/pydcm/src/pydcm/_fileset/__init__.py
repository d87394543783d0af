"""Implementation of `pydcm.fileset`."""
