"""The converters of :mod:`pydcm.values`, by the kind of value they return."""
